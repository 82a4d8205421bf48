import type { S3Settings } from '../core/s3-settings.ts';
import type { ImportPorts, ImportTarget } from '../importing/import-transaction.ts';
import type { ImporterOptions } from '../importing/importer.ts';
import type { RecordEncoder } from '../records/encoder.ts';
import type { PartPool } from '../staging/part-pool.ts';
import type { TaskStart } from './begin-load.ts';
import type { GenerationLimits } from './generation.ts';

/** What a load is made of, once its columns are known. */
export interface LoadTaskOptions extends TaskStart {
  readonly target: ImportTarget;
  readonly ports: ImportPorts;
  readonly s3: S3Settings;
  readonly encoder: RecordEncoder;
  readonly lanes: number;
  readonly pool: PartPool;
  readonly generationLimits: GenerationLimits;
  /** Longest time a generation stays open, in milliseconds. */
  readonly maxAgeMs: number;
  readonly importer: Omit<ImporterOptions, 'changed'>;
  readonly gzip: boolean;
  /** An import reads a folder: the files of a lane and generation get one of their own. */
  readonly folders: boolean;
  readonly deleteImported: boolean;
}
