/** What a task remembers of the file it loads, so that `relyt resume` needs only the id of the task. */

import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { BulkProcessorConfig } from '../../config/load-config.ts';
import { RelytError } from '../../errors.ts';
import type { FormatOptions } from '../../input/format-options.ts';
import type { FileLoadOptions } from './load-options.ts';

/** As it is stored in the settings of the task. */
export type StoredSource = FileSource | StreamSource;

interface StreamSource {
  readonly kind: 'stream';
  readonly name: string;
}

export interface FileSource {
  readonly kind: 'file';
  readonly path: string;
  /** Bytes, as it lay on disk when the load began. */
  readonly size: number;
  /** UTC, ISO 8601. */
  readonly modifiedAt: string;
  readonly input: StoredFormat;
  readonly skipRecords: number;
}

/** Tasks of every version of this package have it in this form. */
interface StoredFormat extends Omit<FormatOptions, 'nullText'> {
  readonly null?: string | undefined;
}

/** How the input is read, as far as the file itself does not say. */
type HowRead = Pick<FileLoadOptions, 'format' | 'skipRecords'>;

/** Describes the input of a load. A pipe is a stream like standard input: it cannot be read again. */
export async function describeSource(file: string, how: HowRead): Promise<StoredSource> {
  // A file that cannot be found is reported where it is opened.
  const found = file === '-' ? undefined : await stat(file).catch(() => undefined);
  return found?.isFile() ? fileSource(file, found, how) : streamSource(file);
}

/** A JSON value for the compiler too, which does not see that a described source is one. */
export function asSetting(source: StoredSource): BulkProcessorConfig['source'] {
  return JSON.parse(JSON.stringify(source)) as BulkProcessorConfig['source'];
}

function fileSource(file: string, { size, mtime }: Stats, how: HowRead): FileSource {
  const { nullText, ...format } = how.format;
  return {
    kind: 'file',
    path: path.resolve(file),
    size,
    modifiedAt: mtime.toISOString(),
    input: { ...format, null: nullText },
    skipRecords: how.skipRecords,
  };
}

function streamSource(file: string): StreamSource {
  return { kind: 'stream', name: file === '-' ? 'standard input' : file };
}

/** The source of a task as `describeSource` stored it; undefined for a task of another program. */
export function storedSource(
  settings: Readonly<Record<string, unknown>>,
): StoredSource | undefined {
  const source = settings.source as Partial<StoredSource> | null | undefined;
  if (source?.kind === 'stream') return source as StoredSource;
  if (source?.kind !== 'file' || typeof source.path !== 'string') return undefined;
  return typeof source.input === 'object' ? (source as FileSource) : undefined;
}

/** How the file is to be read again. */
export function storedFormat({ input }: FileSource): FormatOptions {
  const { null: nullText, ...format } = input;
  return { ...format, nullText };
}

/** @throws RelytError RESUME_REFUSED when the file is gone or is not the one the task began with */
export async function checkUnchanged(
  processId: string,
  source: FileSource,
  allowChange: boolean,
): Promise<void> {
  const found = await stat(source.path).catch(() => undefined);
  if (!found?.isFile()) {
    throw new RelytError('RESUME_REFUSED', `The file ${source.path} is no longer there.`, {
      details: { processId },
      hint: 'Put it back, or name another copy of it: `relyt resume PROCESS_ID FILE`.',
    });
  }
  const modifiedAt = found.mtime.toISOString();
  if (allowChange || (found.size === source.size && modifiedAt === source.modifiedAt)) return;
  const was = `${source.size} bytes of ${source.modifiedAt}`;
  throw new RelytError(
    'RESUME_REFUSED',
    `The file ${source.path} has changed: it had ${was}, and has ${found.size} of ${modifiedAt}.`,
    {
      details: { processId },
      hint: 'If its records up to where the task stopped are the same, run `relyt resume PROCESS_ID --allow-change source`. If not, give the task up with `relyt abort PROCESS_ID`, and load the file again.',
    },
  );
}
