/** Checked by the compiler alone: what a processor of typed records accepts, and must not. */

import {
  BulkProcessor,
  type BulkProcessorConfig,
  type ErrorCode,
  type LoadConfig,
  type MappedConfig,
  type ProcessorEvents,
  type ResumeOptions,
} from 'relyt-sdk';

const postgresql = { table: 'events' };

interface Event {
  readonly id: number;
  readonly email: string | null;
  at?: Date;
  describe(): string;
}

type Alias = { id: bigint; name: string };

class Reading {
  id = 0n;
  value: number | undefined;
  total(): number {
    return 1;
  }
}

/** As kysely makes it of a table whose id the database gives. */
type Generated<T> = { readonly select: T; readonly insert: T | undefined };
interface People {
  id: Generated<number>;
  name: string;
}
type Insertable<T> = {
  [K in keyof T as undefined extends InsertOf<T[K]> ? never : K]: InsertOf<T[K]>;
} & { [K in keyof T as undefined extends InsertOf<T[K]> ? K : never]?: InsertOf<T[K]> };
type InsertOf<T> = T extends { readonly insert: infer I } ? I : T;

interface Offset {
  readonly partition: number;
  readonly offset: number;
}

const event: Event = { id: 1, email: null, describe: () => 'x' };

/** Without a type argument everything goes, as it always did. */
export async function untyped(): Promise<void> {
  const processor = await BulkProcessor.create({ postgresql, columns: ['anything'] });
  await processor.insert([{ a: 1 }, 'x', null], { position: { any: 'thing' } });
  await processor.insert((async function* () {})());
  const position: unknown = processor.position;
  const config: BulkProcessorConfig = { postgresql, columns: { id: 'key', n: 2 } };
  await BulkProcessor.resume('id', config, { allowChanges: ['columns'] });
  const opened = await BulkProcessor.open('key', config);
  if (opened.state !== 'complete') await opened.processor.insert([position]);
}

export async function records(): Promise<void> {
  const events = await BulkProcessor.create<Event>({ postgresql });
  await events.insert([event]);
  await events.insert(new Set([event]));
  await events.insert(
    (async function* () {
      yield event;
    })(),
  );
  // @ts-expect-error a number is no email
  await events.insert([{ id: 1, email: 2, describe: () => '' }]);
  // @ts-expect-error a property is missing
  await events.insert([{ id: 1 }]);
  // @ts-expect-error a property is misspelled
  await events.insert([{ id: 1, email: null, describe: () => '', emial: 'x' }]);
  // @ts-expect-error one record is no iterable of records
  await events.insert(event);

  const aliases = await BulkProcessor.create<Alias>({ postgresql });
  await aliases.insert([{ id: 1n, name: 'x' }]);
  // @ts-expect-error id is a bigint
  await aliases.insert([{ id: 1, name: 'x' }]);

  const readings = await BulkProcessor.create<Reading>({ postgresql, columns: ['id', 'value'] });
  await readings.insert([new Reading()]);
  // @ts-expect-error a reading has a total
  await readings.insert([{ id: 1n, value: 1 }]);

  const people = await BulkProcessor.create<Insertable<People>>({
    postgresql,
    columns: ['id', 'name'],
    conflictColumns: ['id'],
  });
  await people.insert([{ name: 'x' }, { id: 1, name: 'y' }]);
  // @ts-expect-error the name has no default
  await people.insert([{ id: 1 }]);
}

export const columns: readonly LoadConfig<Event>[] = [
  { postgresql, columns: ['id', 'at'] },
  { postgresql, columns: { key: 'id', created_at: 'at' } },
  // @ts-expect-error there is no such property
  { postgresql, columns: ['id', 'createdAt'] },
  // @ts-expect-error there is no such property
  { postgresql, columns: { created_at: 'createdAt' } },
  // @ts-expect-error a method holds no value
  { postgresql, columns: ['describe'] },
  // @ts-expect-error records that are objects have no indexes
  { postgresql, columns: { id: 0 } },
];

export const keys: readonly LoadConfig<Event>[] = [
  { postgresql, conflictColumns: ['email'], updateColumns: ['at'] },
  // Columns are not called like the properties here.
  { postgresql, columns: { mail: 'email', id: 'id' }, conflictColumns: ['mail'] },
  // @ts-expect-error there is no such property
  { postgresql, conflictColumns: ['mail'] },
  // @ts-expect-error there is no such property
  { postgresql, updateColumns: ['created_at'] },
  // @ts-expect-error there is no such setting
  { postgresql, conflictColumn: ['email'] },
];

/** Of records that are arrays, `columns` names the indexes. */
export const arrays: readonly LoadConfig<readonly [number, string]>[] = [
  { postgresql, columns: { id: 0, name: 1 }, conflictColumns: ['id'] },
  // @ts-expect-error elements have no names
  { postgresql, columns: ['id', 'name'] },
  // @ts-expect-error elements have no names
  { postgresql, columns: { id: 'first' } },
];

/** `insert` of one processor takes what the other one's types say, and no more. */
export async function streams(): Promise<void> {
  const processor = await BulkProcessor.create<Event, number>({ postgresql });
  const objects: NodeJS.WritableStream = processor.writable();
  objects.end();
  // @ts-expect-error a signal is one of AbortController
  await processor.insert([event], { signal: 'stop' });
  // @ts-expect-error a position is a number here
  await processor.insert([event], { position: '7' });
  // @ts-expect-error there is no such option
  await processor.insert([event], { positon: 7 });
}

/** Every member of a union of records may name a column. */
export const union: LoadConfig<{ a: number } | { a: number; b: string }> = {
  postgresql,
  columns: ['a', 'b'],
};

/** A function over any record needs no knowledge of it. */
export async function loadAny<Row>(rows: Iterable<Row>, table: string): Promise<void> {
  const processor = await BulkProcessor.create<Row>({ postgresql: { table } });
  await processor.insert(rows);
}

export async function positions(): Promise<void> {
  const processor = await BulkProcessor.create<Event, Offset>({ postgresql });
  const signal = AbortSignal.timeout(1000);
  await processor.insert([event], { position: { partition: 1, offset: 2 }, signal });
  // @ts-expect-error the offset is missing
  await processor.insert([event], { position: { partition: 1 } });
  const resumed = await BulkProcessor.resume<Event, Offset>('id', { postgresql });
  const offset: number | undefined = resumed.position?.offset;
  // @ts-expect-error a position has no line
  const line = resumed.position?.line;
  const opened = await BulkProcessor.open<Event, Offset>('key', { postgresql });
  if (opened.state === 'complete') return;
  const partition: number | undefined = opened.processor.position?.partition;
  await processor.insert([event], { lines: [offset ?? 0, partition ?? 0, line] });
}

export const changes: readonly ResumeOptions[] = [
  { allowChanges: ['onConflict', 'columns', 's3Location', 'engine'] },
  { allowChanges: ['conflictColumns', 'updateColumns'] },
  // @ts-expect-error a misspelled name would allow nothing
  { allowChanges: ['onconflict'] },
];

export async function closedNames(): Promise<readonly ErrorCode[]> {
  const processor = await BulkProcessor.create({ postgresql });
  processor.on('imported', ({ counts }) => counts.inserted);
  // @ts-expect-error there is no such event
  processor.on('import', () => undefined);
  const name: keyof ProcessorEvents = 'fileFrozen';
  processor.off(name, () => undefined);
  // @ts-expect-error there is no such code
  return ['CONFIG_INVALID', 'CONFIG_INVALD'];
}

export const settings: readonly BulkProcessorConfig[] = [
  { postgresql, onConflict: 'nothing', source: { topic: 'a', partitions: [1, 2] } },
  { postgresql, onConflict: 'update', conflictColumns: ['a', 'b'], updateColumns: ['c'] },
  // @ts-expect-error there is no such way
  { postgresql, onConflict: 'ignore' },
  // @ts-expect-error loads and migrations call it onConflict
  { postgresql, conflictMode: 'update' },
  // @ts-expect-error there is no such setting
  { postgresql, batchsize: 1 },
  // @ts-expect-error a table is needed
  { postgresql: { host: 'localhost' } },
  // @ts-expect-error JSON has no dates
  { postgresql, source: new Date() },
];

export const mapped: MappedConfig<Alias> = { postgresql, columns: { id: 'id' } };
