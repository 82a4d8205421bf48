/** What a task remembers of the file it loads, so that it can be gone on with by its id alone. */

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { RelytError } from '../../errors.ts';
import type { InputFlags } from './input-flags.ts';

/** As it is stored in the settings of the task. */
export type StoredSource = FileSource | StreamSource;

export type StreamSource = {
  readonly kind: 'stream';
  readonly name: string;
};

export type FileSource = {
  readonly kind: 'file';
  readonly path: string;
  /** Bytes, as it lay on disk when the load began. */
  readonly size: number;
  /** UTC, ISO 8601. */
  readonly modifiedAt: string;
  readonly input: InputFlags;
  readonly skipRecords: number;
};

/** Describes the input of a load. A pipe is a stream like standard input: nobody can read it again. */
export async function describeSource(
  file: string,
  flags: InputFlags & { readonly skipRecords?: number | undefined },
): Promise<StoredSource> {
  // A file that cannot be found is reported by who opens it.
  const found = file === '-' ? undefined : await stat(file).catch(() => undefined);
  if (!found?.isFile()) return { kind: 'stream', name: file === '-' ? 'standard input' : file };
  const { format, header, delimiter, quote, null: nullText, columns, skipRecords = 0 } = flags;
  const given = { format, header, delimiter, quote, null: nullText, columns };
  return {
    kind: 'file',
    path: path.resolve(file),
    size: found.size,
    modifiedAt: found.mtime.toISOString(),
    input: Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as unknown as InputFlags,
    skipRecords,
  };
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

/** @throws RelytError RESUME_REFUSED when the file is gone or is not the one the task began with */
export async function checkUnchanged(source: FileSource, allowChange: boolean): Promise<void> {
  const found = await stat(source.path).catch(() => undefined);
  if (!found?.isFile()) {
    throw new RelytError('RESUME_REFUSED', `The file ${source.path} is no longer there.`, {
      hint: 'Put it back, or go on with another copy: relyt load FILE --resume.',
    });
  }
  const modifiedAt = found.mtime.toISOString();
  if (allowChange || (found.size === source.size && modifiedAt === source.modifiedAt)) return;
  const was = `${source.size} bytes of ${source.modifiedAt}`;
  throw new RelytError(
    'RESUME_REFUSED',
    `The file ${source.path} has changed: it had ${was}, and has ${found.size} of ${modifiedAt}.`,
    {
      hint: 'If its records up to where the task stands are the same, say --allow-change source; else abort the task and load again.',
    },
  );
}
