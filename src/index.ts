/** The public API of relyt-sdk. */

export type { AccessConfig } from './access-config.ts';
export { BulkProcessor, type InsertOptions, type OpenedTask } from './bulk-processor.ts';
export type { BulkProcessorConfig } from './config.ts';
export type { ImportCounts } from './core/import-counts.ts';
export type { NextStep } from './core/next-step.ts';
export type { TaskState } from './core/task-state.ts';
export {
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails,
  RelytError,
  type Retry,
} from './errors.ts';
export type { FileEvent, ImportEvent, ProcessorEvents, Progress, RejectEvent } from './events.ts';
export { migrateGroups } from './migrate/migrate-groups.ts';
export type { MigrateOptions, MigrationProgress } from './migrate/migrate-options.ts';
export type {
  FailedGroup,
  MigrationReport,
  MovedGroup,
  TableMigration,
} from './migrate/migration-report.ts';
export { type AbortedTask, type AbortOptions, abortTask } from './operations/abort-task.ts';
export {
  type CollectedTask,
  collectGarbage,
  type GarbageOptions,
  type GarbageReport,
} from './operations/collect-garbage.ts';
export type { DeadTask, LostFile } from './operations/irregularities.ts';
export { listTasks, type TaskFilter } from './operations/list-tasks.ts';
export { type RejectedRecord, rejectedRecords } from './operations/rejected-records.ts';
export {
  type FailedFile,
  type FileCount,
  type ImportTotals,
  showTask,
  type TaskDetails,
  type TaskRecord,
} from './operations/show-task.ts';
export type { TaskOverview } from './operations/task-overview.ts';
export { column } from './records/column-decorator.ts';
export type { ResumeOptions } from './task/claim-task.ts';
export { VERSION } from './version.ts';
