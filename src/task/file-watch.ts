import type { Layout } from '../core/layout.ts';
import { publish } from '../diagnostics/channels.ts';
import type { UploadMessage } from '../diagnostics/messages.ts';
import { WatchedStep } from '../diagnostics/watched-step.ts';
import type { FinishedFile, RowFile } from '../staging/row-file.ts';
import { type LoadPlan, targetName } from './plan-load.ts';

/** Reports to subscribers how one file is filled and uploaded. */
export class FileWatch {
  readonly #plan: LoadPlan;
  readonly #file: { readonly fileId: number; readonly layout: Layout };
  readonly #opened = performance.now();
  #upload: WatchedStep<UploadMessage> | undefined;

  constructor(plan: LoadPlan, file: { readonly fileId: number; readonly layout: Layout }) {
    this.#plan = plan;
    this.#file = file;
  }

  /** It takes no more records. */
  filled({ staged }: { readonly staged: Pick<RowFile, 'records' | 'bytes'> }): void {
    publish('relyt:encode', () => ({
      ...this.#place,
      records: staged.records,
      bytes: staged.bytes,
      layout: this.#file.layout.format,
      seconds: (performance.now() - this.#opened) / 1000,
    }));
  }

  /** Its first byte is about to be sent. */
  uploadBegins(object: { readonly bucket: string; readonly key: string }): void {
    this.#upload = WatchedStep.begin('relyt:upload', () => ({ ...this.#place, ...object }));
  }

  complete({ stored, parts }: FinishedFile): void {
    this.#upload?.end({ parts, ...(stored === undefined ? {} : { bytes: stored.size }) });
  }

  failed(error: unknown): void {
    this.#upload?.fail(error);
  }

  get #place(): Pick<UploadMessage, 'processId' | 'table' | 'fileId'> {
    const { processId } = this.#plan;
    return { processId, table: targetName(this.#plan), fileId: this.#file.fileId };
  }
}
