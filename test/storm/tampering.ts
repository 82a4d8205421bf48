/** Another program changes staged objects, and puts them back. */

import type { ObjectStore } from '../../src/staging/object-store.ts';
import type { TestTarget } from '../support/loading.ts';
import type { Tampering } from './schedule.ts';
import type { StormPlace } from './world.ts';

const PAGE = Buffer.from('<?xml version="1.0"?><Error><Code>SlowDown</Code></Error>\n');

interface Original {
  readonly key: string;
  readonly body: Buffer;
}

export class TamperedObjects {
  readonly #place: StormPlace;
  readonly #originals: readonly Original[];

  private constructor(place: StormPlace, originals: readonly Original[]) {
    this.#place = place;
    this.#originals = originals;
  }

  /** Changes what a task has frozen last and not begun to import; undefined when there is nothing. */
  static async tamper(place: StormPlace, how: Tampering): Promise<TamperedObjects | undefined> {
    const { objects, target } = place;
    const keys = await frozenKeys(target);
    const originals = await Promise.all(
      keys.map(async (key) => ({ key, body: await bodyOf(objects, key) })),
    );
    const [first, second] = originals;
    if (first === undefined) return undefined;
    if (how === 'deleted') await objects.deleteObject(first.key);
    else if (how === 'swapped' && second !== undefined) await swap(objects, first, second);
    else await put(objects, first.key, changed(first, how));
    return new TamperedObjects(place, originals);
  }

  /** Puts the originals back, where they are still to be imported. */
  async mend(): Promise<void> {
    const { objects, target } = this.#place;
    const waiting = await target.database.query<{ s3_key: string }>(
      `select s3_key from relyt_sys.relyt_loader_file where s3_key like $1 and status <> 'IMPORTED'`,
      [`${target.prefix}%`],
    );
    for (const { key, body } of this.#originals)
      if (waiting.some(({ s3_key }) => s3_key === key)) await put(objects, key, body);
  }
}

/** Of the newest generation, while all of it waits. */
async function frozenKeys({ database, prefix }: TestTarget): Promise<string[]> {
  const rows = await database.query<{ s3_key: string }>(
    `select s3_key from (
       select s3_key, status, generation, max(generation) filter (where status = 'FROZEN') over () as newest
       from relyt_sys.relyt_loader_file where s3_key like $1) f
     where status = 'FROZEN' and generation = newest order by 1 limit 2`,
    [`${prefix}%`],
  );
  return rows.map((row) => row.s3_key);
}

async function bodyOf(objects: ObjectStore, key: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await objects.readObject(key)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function put(objects: ObjectStore, key: string, body: Buffer): Promise<void> {
  await objects.putObject({
    key,
    chunks: [body],
    ...(key.endsWith('.gz') ? { contentEncoding: 'gzip' as const } : {}),
  });
}

async function swap(objects: ObjectStore, first: Original, second: Original): Promise<void> {
  await put(objects, first.key, second.body);
  await put(objects, second.key, first.body);
}

function changed({ key, body }: Original, how: Tampering): Buffer {
  switch (how) {
    case 'emptied':
      return Buffer.alloc(0);
    case 'a page':
      return PAGE;
    case 'truncated':
      return truncated(key, body);
    default:
      return key.endsWith('.gz') ? flipped(body) : otherRecords(body);
  }
}

/** Without its last record where that is a line, else without its last bytes: neither form has an end of its own. */
function truncated(key: string, body: Buffer): Buffer {
  const line = body.lastIndexOf('\n', body.length - 2) + 1;
  return body.subarray(0, key.endsWith('.csv') ? line : Math.floor(body.length / 2));
}

/** As long as the original, and as easy to read: the text of a record stands in a tuple as in a line. */
function otherRecords(body: Buffer): Buffer {
  return Buffer.from(body.toString('latin1').replaceAll('record', 'rEcOrD'), 'latin1');
}

function flipped(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  const middle = Math.floor(copy.length / 2);
  copy.writeUInt8(copy.readUInt8(middle) ^ 1, middle);
  return copy;
}
