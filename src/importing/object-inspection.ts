import { dirname } from 'node:path/posix';
import { bytesDifference, type SeenBytes } from '../core/staged-bytes.ts';
import type { StagedReader } from '../engines/engine.ts';
import { bytesThatCome, changed } from '../engines/staged-reader.ts';
import { RelytError } from '../errors.ts';
import type { ImportFile } from './import-file.ts';

export interface InspectionOptions {
  readonly signal: AbortSignal;
  /** Reads the objects to their end, too, and not only what S3 says of them. */
  readonly whole?: boolean;
}

/** Requests at a time. */
const AT_ONCE = 8;
/** Of an object that seems to be damaged. */
const READINGS = 2;

/**
 * Looks whether the objects of these files are those that were staged, and returns what is wrong with the first that
 * is not (STAGED_FILE_LOST, STAGED_FILE_CHANGED). Where the database reads a folder, nothing else may be in it.
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
    if (file === undefined) return changed(object.key, 'is in the folder of an import');
    const wrong = wrongWith(file, object);
    if (wrong !== undefined) return wrong;
    expected.delete(object.key);
  }
  const [lost] = [...expected.values()].filter(({ key }) => key.startsWith(folder));
  return lost && wrongWith(lost, undefined);
}

/**
 * S3 says it is the object that was staged. Where other bytes of its length come for it, twice, they are its own by
 * now. Fewer or more come from the way to S3 (an error page, a transfer that broke off), and say nothing of it.
 */
async function readToEnd(
  objects: StagedReader,
  file: ImportFile,
  signal: AbortSignal,
): Promise<RelytError | undefined> {
  for (let reading = 1; ; reading++) {
    const wrong = await readOnce(objects, file, signal);
    if (wrong === undefined || wrong.code !== 'STAGED_FILE_CHANGED' || reading === READINGS)
      return wrong;
  }
}

async function readOnce(
  objects: StagedReader,
  file: ImportFile,
  signal: AbortSignal,
): Promise<RelytError | undefined> {
  try {
    const came = await bytesThatCome(objects, file, signal);
    return came.size === file.stored?.size ? wrongWith(file, came) : undefined;
  } catch (error) {
    const code = error instanceof RelytError ? error.code : undefined;
    if (code === 'STAGED_FILE_LOST' || code === 'STAGED_FILE_CHANGED') return error as RelytError;
    throw error;
  }
}

function wrongWith({ key, stored }: ImportFile, seen: SeenBytes | undefined) {
  if (seen === undefined)
    return new RelytError('STAGED_FILE_LOST', `The staged file ${key} is missing in S3.`);
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
