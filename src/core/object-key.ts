import { RelytError } from '../errors.ts';
import type { Layout } from './layout.ts';

export interface StagedObjectKeyParts {
  /** As in `S3Settings`: '' or 'a/b'. */
  readonly prefix: string;
  /** UTC day of the creation of the file, yyyy-mm-dd. */
  readonly day: string;
  readonly processId: string;
  /** A folder for the files of one import; engines that read a prefix need one of its own. */
  readonly folder?: string;
  /** Without its extension. */
  readonly fileName: string;
  readonly format: Layout['format'];
  readonly gzip: boolean;
}

/** Who staged a file. */
export interface Stager {
  readonly epoch: number;
  /** `writerTag` of its owner. */
  readonly tag: string;
}

/**
 * Name of a staged file. Epoch and tag keep a process that lost its lease from writing over files of its successor,
 * which has the same epoch where the database went back in time.
 */
export function stagedFileName(fileId: number, stagedBy: Stager): string {
  return `file-${String(fileId).padStart(6, '0')}-${suffix(stagedBy)}`;
}

/**
 * Name of the folder of one import. Epoch and tag are in it as well: a process that lost its lease may still complete an
 * upload, and whatever is in the folder is read.
 */
export function stagedFolderName(generation: number, lane: number, stagedBy: Stager): string {
  return `import-${String(generation).padStart(6, '0')}-l${lane}-${suffix(stagedBy)}`;
}

function suffix({ epoch, tag }: Stager): string {
  return `e${epoch}-${tag}`;
}

/** The folder in the key of a staged file: what is between the task's own and the name; undefined without one. */
export function stagedFolderOf(key: string, processId: string): string | undefined {
  const rest = key.slice(key.indexOf(`${processId}/`) + processId.length + 1);
  return rest.includes('/') ? rest.slice(0, rest.indexOf('/')) : undefined;
}

/**
 * Everything a task staged on the day of this file: the key up to and with the task's own folder. Undefined for a key
 * that is in no such folder: a role wrote the row that wants the objects of another one read or deleted.
 */
export function taskFolderOf(key: string, processId: string): string | undefined {
  const segments = key.split('/');
  const own = segments.findIndex(
    (segment, n) => segment === processId && n >= segments.length - 3 && n < segments.length - 1,
  );
  const day = segments[own - 1];
  if (!isKeySegment(processId) || day === undefined || !isUtcDay(day)) return undefined;
  return `${segments.slice(0, own + 1).join('/')}/`;
}

const EXTENSIONS: Readonly<Record<Layout['format'], string>> = {
  csv: 'csv',
  binary: 'bin',
  tuples: 'bin',
};

/** How the name of a staged file ends; older versions gave no tag. */
const ENDING = `-e(\\d+)(?:-[0-9A-Za-z]+)?\\.(?:${Object.values(EXTENSIONS).join('|')})(?:\\.gz)?$`;
/** What is behind the folder of the task. */
const IN_TASK_FOLDER = `(?:[A-Za-z0-9_.-]+/)?file-\\d{6,}${ENDING}`;
const ENDS_STAGED = new RegExp(ENDING);
const STAGED_NAME = new RegExp(`^${IN_TASK_FOLDER}`);

/** Whether the key, which is in this folder of `taskFolderOf`, names a staged file: what else is there is not the task's. */
export function isStagedIn(folder: string, key: string): boolean {
  return key.startsWith(folder) && STAGED_NAME.test(key.slice(folder.length));
}

/** The epoch in which an object was staged. Undefined for a key not of `stagedFileName`. */
export function epochOfKey(key: string): number | undefined {
  const epoch = ENDS_STAGED.exec(key)?.[1];
  return epoch === undefined ? undefined : Number(epoch);
}

/** S3's own limit. */
const MAX_KEY_BYTES = 1024;

/**
 * The S3 key of a staged file: `[prefix]/[yyyy-mm-dd]/[process_id]/[folder]/[file name].(csv|bin)[.gz]`.
 * It is made once, when the file is created, and stored: a key computed again later may name another day.
 *
 * @throws RelytError CONFIG_INVALID for a process id that cannot be in a key; INTERNAL for the other parts.
 */
export function stagedObjectKey(parts: StagedObjectKeyParts): string {
  if (!isUtcDay(parts.day)) throw badPart('day', parts.day);
  if (!isKeySegment(parts.processId)) {
    throw new RelytError(
      'CONFIG_INVALID',
      `Expected the process id to be letters, digits, \`_\`, \`.\` and \`-\`, got ${JSON.stringify(parts.processId)}.`,
      { details: { expected: '[A-Za-z0-9_.-]+', got: parts.processId } },
    );
  }
  if (parts.folder !== undefined && !isKeySegment(parts.folder)) {
    throw badPart('folder', parts.folder);
  }
  if (!isKeySegment(parts.fileName)) throw badPart('file name', parts.fileName);
  const name = `${parts.fileName}.${EXTENSIONS[parts.format]}${parts.gzip ? '.gz' : ''}`;
  const segments = [parts.prefix, parts.day, parts.processId, parts.folder ?? '', name];
  const key = segments.filter((segment) => segment !== '').join('/');
  if (key.length > MAX_KEY_BYTES) throw badPart('length', `${key.length} bytes`);
  return key;
}

/** What a file is called that is in no bucket; like a key it is given once. */
export function heldFileKey(fileName: string, format: Layout['format']): string {
  return `${fileName}.${EXTENSIONS[format]}`;
}

function isKeySegment(text: string): boolean {
  return /^[A-Za-z0-9_.-]+$/.test(text) && text !== '.' && text !== '..';
}

function isUtcDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function badPart(part: string, got: string): RelytError {
  return new RelytError(
    'INTERNAL',
    `A staged file got an S3 key with a bad ${part}: ${JSON.stringify(got)}.`,
  );
}

const STAGED_PATH = new RegExp(
  `^\\d{4}-\\d{2}-\\d{2}/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/${IN_TASK_FOLDER}`,
);

/**
 * The process id in a key of ours below this prefix; undefined for every other key, so that nothing that
 * others keep there, or in a folder whose name begins alike, is taken for a staged file.
 */
export function processIdOfKey(prefix: string, key: string): string | undefined {
  const folder = prefix === '' ? '' : `${prefix}/`;
  return key.startsWith(folder) ? STAGED_PATH.exec(key.slice(folder.length))?.[1] : undefined;
}
