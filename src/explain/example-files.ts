import { Committed } from '../core/committed.ts';
import type { Layout } from '../core/layout.ts';
import {
  heldFileKey,
  stagedFileName,
  stagedFolderName,
  stagedObjectKey,
} from '../core/object-key.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import { type Writer, writerTag } from '../core/writer.ts';
import type { ImportTarget } from '../importing/import-attempt.ts';
import type { ClosedGeneration, ImportFile } from '../importing/import-file.ts';
import { GenerationRows } from '../task/generation-rows.ts';

export interface ExampleStaging {
  /** Undefined where files stay in memory. */
  readonly s3: Pick<S3Settings, 'prefix'> | undefined;
  readonly gzip: boolean;
  readonly layout: Layout;
  /** The files of an import are in a folder of their own. */
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
    key: exampleKey(staging, { day, processId, folder, fileName: stagedFileName(n + 1, stagedBy) }),
  }));
}

interface ExampleName {
  readonly day: string;
  readonly processId: string;
  readonly folder: string | undefined;
  readonly fileName: string;
}

function exampleKey(
  { s3, layout, gzip }: ExampleStaging,
  { day, processId, folder, fileName }: ExampleName,
): string {
  if (s3 === undefined) return heldFileKey(fileName, layout.format);
  const place = { prefix: s3.prefix, day, processId, fileName, format: layout.format, gzip };
  return stagedObjectKey(folder === undefined ? place : { ...place, folder });
}

/** The generation of the first file in memory, which its import freezes. */
export function exampleGeneration(
  writer: Writer,
  { columns, mode }: Pick<ImportTarget, 'columns' | 'mode'>,
  [file]: readonly ImportFile[],
): ClosedGeneration | undefined {
  if (file === undefined) return undefined;
  const { records, lane, key, fileId, layout } = file;
  const ordinals = { firstOrdinal: 1, lastOrdinal: records };
  const bytes = { bytes: 0, stored: undefined, ordinalSum: 0n };
  const row = { fileId, records, lane, key, layout, lines: [], ...ordinals, ...bytes };
  const place = { position: undefined, positionOrdinal: 0, filePosition: undefined };
  const source = { ...place, replayAfter: null };
  const generation = { number: 1, files: [row], lastOrdinal: records, source, columns, mode };
  const by = {
    writer,
    committed: new Committed(),
    json: (value: unknown) => value,
    rejectsKept: () => undefined,
  };
  const rows = new GenerationRows(by, generation, []);
  return {
    begin: async () => undefined,
    write: rows.freezeImported.bind(rows),
    committed: () => undefined,
  };
}

/** Keys of staged files, with names in the place of what differs: `PREFIX/yyyy-mm-dd/PROCESS_ID/file-000001-e1-TAG.csv`. */
export function keyPattern(staging: ExampleStaging): string {
  const day = '2000-01-01';
  const [file] = exampleFiles(staging, { ...EXAMPLE_WRITER, count: 1, day });
  return (file?.key ?? '').replace(`${day}/PROCESS_ID`, 'yyyy-mm-dd/PROCESS_ID');
}
