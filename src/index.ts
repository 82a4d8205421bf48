/** The public API of relyt-sdk. */
export { BulkProcessor, type InsertOptions } from './bulk-processor.ts';
export type { BulkProcessorConfig } from './config.ts';
export type { ImportCounts } from './core/import-counts.ts';
export {
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails,
  RelytError,
  type Retry,
} from './errors.ts';
export type { FileEvent, ImportEvent, ProcessorEvents, Progress, RejectEvent } from './events.ts';
export type { ResumeOptions } from './importing/resume-task.ts';
export { column } from './records/column-decorator.ts';
export { VERSION } from './version.ts';
