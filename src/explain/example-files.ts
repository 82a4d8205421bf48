import type { Layout } from '../core/layout.ts';
import { stagedFileName, stagedFolderName, stagedObjectKey } from '../core/object-key.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import { type Writer, writerTag } from '../core/writer.ts';
import type { ImportFile } from '../importing/import-file.ts';

export interface ExampleStaging {
  readonly s3: Pick<S3Settings, 'prefix'>;
  readonly gzip: boolean;
  readonly layout: Layout;
  /** The files of an import stand in a folder of their own. */
  readonly folders: boolean;
}

/** Names in the place of what differs. */
export const EXAMPLE_WRITER: Writer = { processId: 'PROCESS_ID', epoch: 1, owner: 'OWNER#TAG' };

/** Records that each of them is said to hold. */
const EXAMPLE_RECORDS = 1000;

/** The first files a task would stage, as they would be imported together. */
export function exampleFiles(
  staging: ExampleStaging,
  task: Writer & {
    readonly count: number;
    /** yyyy-mm-dd; default today. */
    readonly day?: string;
  },
): readonly ImportFile[] {
  const { processId, epoch, owner, count, day = new Date().toISOString().slice(0, 10) } = task;
  const stagedBy = { epoch, tag: writerTag(owner) };
  const folder = staging.folders ? stagedFolderName(1, 0, stagedBy) : undefined;
  return Array.from({ length: count }, (_, n) => ({
    fileId: n + 1,
    lane: 0,
    records: EXAMPLE_RECORDS,
    layout: staging.layout,
    epoch,
    ...(staging.layout.format === 'tuples' && {
      rowOrdinals: { first: n * EXAMPLE_RECORDS + 1, gaps: [] },
    }),
    ...(folder === undefined ? {} : { folder }),
    key: stagedObjectKey({
      prefix: staging.s3.prefix,
      day,
      processId,
      ...(folder === undefined ? {} : { folder }),
      fileName: stagedFileName(n + 1, stagedBy),
      format: staging.layout.format,
      gzip: staging.gzip,
    }),
  }));
}

/** Keys of staged files, with names in the place of what differs: `PREFIX/yyyy-mm-dd/PROCESS_ID/file-000001-e1-TAG.csv`. */
export function keyPattern(staging: ExampleStaging): string {
  const day = '2000-01-01';
  const [file] = exampleFiles(staging, { ...EXAMPLE_WRITER, count: 1, day });
  return (file?.key ?? '').replace(`${day}/PROCESS_ID`, 'yyyy-mm-dd/PROCESS_ID');
}
