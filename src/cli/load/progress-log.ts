import type { FileLoad } from './file-load.ts';
import type { LoadLog } from './load-log.ts';

const INTERVAL_MS = 5000;

/** Logs how far a load is, until it is disposed. */
export class ProgressLog implements Disposable {
  readonly #timer: NodeJS.Timeout;

  constructor(log: LoadLog, { processor, input }: Pick<FileLoad, 'processor' | 'input'>) {
    const { processId } = processor;
    const write = () => {
      const { bytesRead, totalBytes } = input;
      log.info({ processId, ...processor.progress(), bytesRead, totalBytes }, 'progress');
    };
    this.#timer = setInterval(write, INTERVAL_MS).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
