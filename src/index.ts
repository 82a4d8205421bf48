/** The public API of relyt-sdk. */

export {
  abortTask,
  collectGarbage,
  listEngines,
  listTasks,
  migrateGroups,
  prepareScript,
  rejectedRecords,
  showTask,
} from './administration.ts';
export { BulkProcessor, type OpenedTask } from './bulk-processor.ts';
export type { AccessConfig, LoaderConfigSource } from './config/access-config.ts';
export type { ClientPool, ConnectionConfig, TargetConfig } from './config/connection-config.ts';
export type {
  AwsS3Config,
  BulkProcessorConfig,
  GreenplumConfig,
  JsonValue,
  LoadConfig,
  MappedConfig,
} from './config/load-config.ts';
export type { Logger } from './config/logger.ts';
export type { S3Config } from './config/s3-config.ts';
export { Connected, type ConnectOptions, connect, type LoadOver } from './connected.ts';
export type { BroughtS3Client, S3ClientLike, S3ClientSettings } from './core/brought-client.ts';
export type { ChangeableSetting } from './core/changeable-setting.ts';
export type { ImportCounts } from './core/import-counts.ts';
export type { NextStep } from './core/next-step.ts';
export type { ProvidedS3Keys, S3CredentialProvider } from './core/s3-credentials.ts';
export type { TaskState } from './core/task-state.ts';
export type { DiagnosticMessages } from './diagnostics/messages.ts';
export type { ExaminationOptions, ExaminationReport } from './doctor/examine.ts';
export type { Recommendation } from './doctor/recommendations.ts';
export type { StepResult } from './doctor/step.ts';
export {
  type CauseJson,
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails,
  RelytError,
  type RelytErrorJson,
  type Retry,
} from './errors.ts';
export type {
  EventListener,
  FileEvent,
  ImportEvent,
  ProcessorEvents,
  Progress,
  RejectEvent,
} from './events.ts';
export type { ImportExplanation } from './explain/explain-import.ts';
export type { MigrateOptions, MigrationProgress } from './migrate/migrate-options.ts';
export type {
  FailedGroup,
  MigrationReport,
  MovedGroup,
  TableMigration,
} from './migrate/migration-report.ts';
export type { Monitor, MonitorOptions } from './monitor/start-monitor.ts';
export type { AbortedTask, AbortOptions } from './operations/abort-task.ts';
export type { CollectedTask, GarbageOptions, GarbageReport } from './operations/collect-garbage.ts';
export type { EngineChoice, EngineDescription } from './operations/engine-choice.ts';
export type { DeadTask, LostFile } from './operations/irregularities.ts';
export type { TaskFilter } from './operations/list-tasks.ts';
export type { RejectedLine, RejectedLinesOptions } from './operations/rejected-lines.ts';
export type { RejectedRecord } from './operations/rejected-records.ts';
export type {
  FailedFile,
  FileCount,
  ImportTotals,
  StagedLayout,
  TaskDetails,
  TaskRecord,
} from './operations/show-task.ts';
export type { TaskOverview } from './operations/task-overview.ts';
export type { UninstallPlan } from './operations/uninstall/removal.ts';
export type { UninstallOptions, UninstallReport } from './operations/uninstall/uninstall.ts';
export type {
  Prepared,
  PreparedDatabase,
  PreparedLocation,
  S3Place,
} from './prepare/preparation.ts';
export type {
  PrepareOptions,
  RoutingOptions,
  StoredS3Settings,
} from './prepare/prepare-options.ts';
export { column } from './records/column-decorator.ts';
export type { PreparedRouting } from './routing/prepare-routing.ts';
export type { ResumeOptions } from './task/claim-task.ts';
export type { InsertOptions } from './task/insert-options.ts';
export { openTelemetry } from './telemetry/open-telemetry.ts';
export { VERSION } from './version.ts';
