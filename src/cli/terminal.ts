/** The output side of a command: results go to stdout, everything about the run to stderr. */

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

  constructor(out: OutputStream = process.stdout, err: OutputStream = process.stderr) {
    this.#out = out;
    this.#err = err;
    // `relyt load … | head` closes the pipe early; that must not end a load half-way.
    for (const stream of [out, err]) stream.on('error', () => {});
  }

  /** One or more lines of the result. */
  print(text: string): void {
    this.#out.write(`${text}\n`);
  }

  /** Like `print`, for long results: resolves when there is room for more; false when the reader has gone. */
  printPaced(text: string): Promise<boolean> {
    return new Promise((resolve) => {
      this.#out.write(`${text}\n`, (error) => resolve(!error));
    });
  }

  /** Text for stderr as it is, without a line end. */
  note(text: string): void {
    this.#err.write(text);
  }

  /** True when stderr is a terminal: a line can be written over. */
  get watched(): boolean {
    return this.#err.isTTY === true;
  }

  /** Characters of a line of stderr. */
  get width(): number {
    return this.#err.columns ?? 80;
  }

  /** Characters of a line of stdout. */
  get outWidth(): number {
    return this.#out.columns ?? 100;
  }
}
