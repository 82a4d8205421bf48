/**
 * The output side of a command: results go to stdout, everything about the run to stderr. Nothing else writes, and
 * nothing passes with a control character in it (G7): texts for people are lines, which end only where one ends. Each of
 * the two streams gets colours if it wants them; JSON, scripts and records never do.
 */

import { escapedText, jsonLine } from '../core/control-characters.ts';
import { type Line, shownLine } from './line.ts';
import { type Variables, wantsColours } from './wants-colours.ts';

/** What is needed of a stream of the process. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string, done?: (error?: Error | null) => void): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export class Terminal {
  readonly #out: OutputStream;
  readonly #err: OutputStream;
  readonly #outColours: boolean;
  readonly #errColours: boolean;

  constructor(
    out: OutputStream = process.stdout,
    err: OutputStream = process.stderr,
    env: Variables = process.env,
  ) {
    this.#out = out;
    this.#err = err;
    this.#outColours = wantsColours(out.isTTY === true, env);
    this.#errColours = wantsColours(err.isTTY === true, env);
    // `relyt load … | head` closes the pipe early; that must not end a load halfway.
    for (const stream of [out, err]) stream.on('error', () => {});
  }

  /** Lines of the result, for people. */
  print(...lines: readonly Line[]): void {
    this.#out.write(asLines(lines, this.#outColours));
  }

  /** A script to be read and run, laid out as it is. */
  printScript(text: string): void {
    this.#out.write(`${escapedText(text)}\n`);
  }

  /** The result for a machine: one line of JSON. */
  printJson(value: unknown): void {
    this.#out.write(`${jsonLine(value)}\n`);
  }

  /** Like `print`, for long results: resolves when there is room for more; false when the reader has gone. */
  printPaced(lines: readonly Line[]): Promise<boolean> {
    return this.#paced(asLines(lines, this.#outColours));
  }

  /** Records of a file, which may hold line ends and tabs; paced likewise. */
  printRecords(records: readonly string[]): Promise<boolean> {
    return this.#paced(records.map((record) => `${escapedText(record)}\n`).join(''));
  }

  /** Lines about the run. */
  note(...lines: readonly Line[]): void {
    this.#err.write(asLines(lines, this.#errColours));
  }

  /** A line about the run that on a terminal takes the place of the one before. */
  progress(line: Line): void {
    if (!this.watched) {
      this.note(line);
      return;
    }
    this.clearProgress();
    // A line that wraps could not be written over.
    this.#err.write(shownLine(line, { colours: this.#errColours, width: this.#width - 1 }));
  }

  /** To the beginning of the line of progress, and erase it. */
  clearProgress(): void {
    if (this.watched) this.#err.write('\r\u001b[2K');
  }

  /** True when stderr is a terminal: a line can be written over. */
  get watched(): boolean {
    return this.#err.isTTY === true;
  }

  /** Characters of a line of stderr. It is 0 where a terminal has no size, as in some containers. */
  get #width(): number {
    return this.#err.columns || 80;
  }

  /** Characters of a line of stdout. */
  get outWidth(): number {
    return this.#out.columns || 100;
  }

  #paced(text: string): Promise<boolean> {
    return new Promise((resolve) => {
      this.#out.write(text, (error) => resolve(!error));
    });
  }
}

function asLines(lines: readonly Line[], colours: boolean): string {
  return lines.map((line) => `${shownLine(line, { colours })}\n`).join('');
}
