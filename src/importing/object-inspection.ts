import { dirname } from 'node:path/posix';
import { bytesDifference, type SeenBytes } from '../core/staged-bytes.ts';
import type { StagedReader } from '../engines/engine.ts';
import { changed, readStaged } from '../engines/staged-reader.ts';
import { RelytError } from '../errors.ts';
import type { ImportFile } from './import-file.ts';

export interface InspectionOptions {
  readonly signal: AbortSignal;
  /** Reads the objects to their end, too, and not only what S3 says of them. */
  readonly whole?: boolean;
}

/** Requests at a time. */
const AT_ONCE = 8;

/**
 * Looks whether the objects of these files are those that were staged, and returns what is wrong with the first that
 * is not (STAGED_FILE_LOST, STAGED_FILE_CHANGED). Where the database reads a folder, nothing else may stand in it.
 * Files of which nothing is known are left out.
 * @throws RelytError S3_… when S3 does not tell
 */
export async function inspectObjects(
  objects: StagedReader,
  files: readonly ImportFile[],
  { signal, whole = false }: InspectionOptions,
): Promise<RelytError | undefined> {
  const known = files.filter(({ stored }) => stored !== undefined);
  const folders = new Set(known.flatMap(({ key, folder }) => (folder ? [dirname(key)] : [])));
  for (const folder of folders) {
    const found = await inspectFolder(objects, `${folder}/`, known, signal);
    if (found !== undefined) return found;
  }
  const single = known.filter(({ folder }) => folder === undefined);
  const heads = await firstFinding(single, async (file) =>
    wrongWith(file, await objects.headObject(file.key, signal)),
  );
  if (heads !== undefined || !whole) return heads;
  return firstFinding(known, (file) => readToEnd(objects, file, signal));
}

async function inspectFolder(
  objects: StagedReader,
  folder: string,
  files: readonly ImportFile[],
  signal: AbortSignal,
): Promise<RelytError | undefined> {
  const expected = new Map(files.map((file) => [file.key, file]));
  for await (const object of objects.list(folder, signal)) {
    const file = expected.get(object.key);
    if (file === undefined) return changed(object.key, 'stands in the folder of an import');
    const wrong = wrongWith(file, object);
    if (wrong !== undefined) return wrong;
    expected.delete(object.key);
  }
  const [lost] = [...expected.values()].filter(({ key }) => key.startsWith(folder));
  return lost && wrongWith(lost, undefined);
}

async function readToEnd(
  objects: StagedReader,
  file: ImportFile,
  signal: AbortSignal,
): Promise<RelytError | undefined> {
  try {
    for await (const _ of await readStaged(objects, file, signal));
    return undefined;
  } catch (error) {
    if (!(error instanceof RelytError)) throw error;
    if (error.code === 'STAGED_FILE_LOST' || error.code === 'STAGED_FILE_CHANGED') return error;
    if (error.code !== 'S3_DOWNLOAD_FAILED') throw error;
    // S3 says it is the object that was staged, and still gives other bytes for it.
    return changed(file.key, 'has other bytes than were staged', error);
  }
}

function wrongWith({ key, stored }: ImportFile, seen: SeenBytes | undefined) {
  if (seen === undefined)
    return new RelytError('STAGED_FILE_LOST', `the staged file ${key} is missing in S3`);
  const difference = stored && bytesDifference(stored, seen);
  return difference === undefined ? undefined : changed(key, difference);
}

async function firstFinding(
  files: readonly ImportFile[],
  inspect: (file: ImportFile) => Promise<RelytError | undefined>,
): Promise<RelytError | undefined> {
  for (let from = 0; from < files.length; from += AT_ONCE) {
    const found = await Promise.all(files.slice(from, from + AT_ONCE).map(inspect));
    const first = found.find((finding) => finding !== undefined);
    if (first !== undefined) return first;
  }
  return undefined;
}
