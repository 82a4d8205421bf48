import { RelytError } from '../errors.ts';
import { kindOf } from '../records/codecs/refusal.ts';

/** Records as `insert()` takes them. */
export type Records = Iterable<unknown> | AsyncIterable<unknown>;

/** One way over records: the next one, and the end of it before they are all read. */
export type RecordCursor = SyncCursor | AsyncCursor;

export interface SyncCursor extends Closable {
  readonly isAsync: false;
  readonly next: () => IteratorResult<unknown>;
}

export interface AsyncCursor extends Closable {
  readonly isAsync: true;
  readonly next: () => IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>>;
}

interface Closable {
  /** Lets go of the source. One that is busy with its next record may do so only after it, or never. */
  close(): Promise<void>;
}

/**
 * A single record is refused, and so is a string, whose characters could be iterated over.
 * @throws RelytError RECORD_INVALID
 */
export function checkRecords(records: unknown): asserts records is Records {
  const isObject = typeof records === 'object' && records !== null;
  if (isObject && (Symbol.asyncIterator in records || Symbol.iterator in records)) return;
  const got = kindOf(records);
  throw new RelytError(
    'RECORD_INVALID',
    `insert() takes an array, an iterable or an async iterable of records, and got ${got}.`,
    {
      details: { expected: 'iterable', got },
      hint: 'Wrap a single record: insert([record]).',
    },
  );
}

/** @throws whatever the source throws when it is opened */
export function recordCursor(records: Records): RecordCursor {
  if (records instanceof ReadableStream) return webStreamCursor(records);
  if (Symbol.asyncIterator in records) return asyncCursor(records);
  const iterator = records[Symbol.iterator]();
  return {
    isAsync: false,
    next: () => iterator.next(),
    close: async () => void iterator.return?.(),
  };
}

function asyncCursor(records: AsyncIterable<unknown>): AsyncCursor {
  const iterator = records[Symbol.asyncIterator]();
  return {
    isAsync: true,
    next: () => iterator.next(),
    close: async () => {
      const closed = iterator.return?.();
      // The iterator of a stream waits for the next chunk before it lets go; the stream itself does not.
      destroyOf(records)?.call(records);
      await closed;
    },
  };
}

/** Its reader ends a read under way; its iterator would wait for it. */
function webStreamCursor(records: ReadableStream<unknown>): AsyncCursor {
  const reader = records.getReader();
  return {
    isAsync: true,
    next: async () => {
      const { done, value } = await reader.read();
      if (!done) return { done, value };
      reader.releaseLock();
      return { done, value: undefined };
    },
    close: async () => {
      await reader.cancel();
      reader.releaseLock();
    },
  };
}

/** Of a Readable, and of whatever else can be ended like one. */
function destroyOf(records: object): (() => unknown) | undefined {
  const { destroy } = records as { readonly destroy?: unknown };
  return typeof destroy === 'function' ? (destroy as () => unknown) : undefined;
}
