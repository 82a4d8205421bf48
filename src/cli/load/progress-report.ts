import { bytes, count, seconds } from '../../core/figures.ts';
import type { RejectEvent } from '../../events.ts';
import { type Line, toned } from '../line.ts';
import type { Terminal } from '../terminal.ts';
import type { FileLoad } from './file-load.ts';

/** Five times a second on a terminal, every five seconds in a log. */
const WATCHED_INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 5000;
/** The others are in the reject table. */
const MOST_REJECTS_SHOWN = 5;

/** Shows on stderr how far a load is, until it is disposed. */
export class ProgressReport implements Disposable {
  readonly #terminal: Terminal;
  readonly #load: FileLoad;
  readonly #timer: NodeJS.Timeout;
  /** Where the load stood when it was looked at first: a resumed one begins in the middle of its input. */
  readonly #from: Reading;
  #rejectsShown = 0;

  /** @param options `tellsRejects`: the first rejected records are shown, which a log does as well */
  constructor(
    terminal: Terminal,
    load: FileLoad,
    { tellsRejects }: { readonly tellsRejects: boolean },
  ) {
    this.#terminal = terminal;
    this.#load = load;
    this.#from = readingOf(load);
    const interval = terminal.watched ? WATCHED_INTERVAL_MS : LOG_INTERVAL_MS;
    this.#timer = setInterval(() => this.#show(), interval);
    this.#timer.unref();
    // With none tolerated, the first one is the error that ends the load.
    if (tellsRejects && load.tolerated > 0) load.processor.on('recordRejected', this.#showReject);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#load.processor.off('recordRejected', this.#showReject);
    this.#terminal.clearProgress();
  }

  #show(): void {
    this.#terminal.progress(progressLine(this.#load, this.#from));
  }

  readonly #showReject = ({ error }: RejectEvent): void => {
    this.#rejectsShown++;
    if (this.#rejectsShown > MOST_REJECTS_SHOWN) return;
    this.#terminal.clearProgress();
    const more = this.#rejectsShown === MOST_REJECTS_SHOWN ? ' (further ones are not shown)' : '';
    this.#terminal.note([toned('caution', 'rejected:'), ` ${error.message}${more}`]);
  };
}

interface Reading {
  readonly bytesRead: number;
  readonly elapsedSeconds: number;
}

function readingOf({ processor, input }: Pick<FileLoad, 'processor' | 'input'>): Reading {
  return { bytesRead: input.bytesRead, elapsedSeconds: processor.progress().elapsedSeconds };
}

export function progressLine(load: Pick<FileLoad, 'processor' | 'input'>, from: Reading): Line {
  const { processor, input } = load;
  const { received, rejected, filesCreated, filesImported, elapsedSeconds } = processor.progress();
  const { bytesRead, totalBytes } = input;
  const rate = elapsedSeconds > 0 ? received / elapsedSeconds : 0;
  const share =
    totalBytes === undefined || totalBytes === 0
      ? ''
      : `${Math.floor((100 * bytesRead) / totalBytes)} %  `;
  const done = [
    `${share}${count(received)} records`,
    bytes(bytesRead),
    `${count(rate)}/s`,
    `files ${filesImported} of ${filesCreated} imported`,
    '',
  ];
  const refused = `${count(rejected)} rejected`;
  return [
    done.join('  '),
    rejected === 0 ? refused : toned('caution', refused),
    ...timeLeft(readingOf(load), from, totalBytes).map((left) => `  ${left}`),
  ];
}

/** Known once some of the input was read. */
function timeLeft(now: Reading, from: Reading, totalBytes: number | undefined): readonly string[] {
  const read = now.bytesRead - from.bytesRead;
  if (totalBytes === undefined || read <= 0) return [];
  const perByte = (now.elapsedSeconds - from.elapsedSeconds) / read;
  return [`${seconds(perByte * Math.max(0, totalBytes - now.bytesRead))} left`];
}
