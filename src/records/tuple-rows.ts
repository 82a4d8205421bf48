import { RelytError } from '../errors.ts';
import { MOST_STAGED_BYTES } from './long-fields.ts';
import { NO_ROOM, NOT_READ, type TupleTarget } from './native/native-form.ts';
import { type TupleFunction, tupleReserve } from './tuple-row.ts';

/** Takes the bytes of tuples. Those it keeps, because it is blocked, must not change any more. */
export interface TupleSink {
  readonly blocked: boolean;
  writeBytes(bytes: Buffer): void;
}

/** Few writes of the part buffers, and small enough for the cache of a processor. */
const STANDARD_BYTES = 128 * 1024;

/**
 * Tuples of one lane on their way into a file, or lines of CSV that are bytes. Its buffer is used again and again; a huge
 * record gets a larger one.
 */
export class TupleRows implements TupleTarget {
  readonly #reserve: number;
  #bytes: Buffer;
  #view: DataView;
  #limit: number;
  #end = 0;

  constructor(columns: number) {
    this.#reserve = tupleReserve(columns);
    this.#bytes = Buffer.allocUnsafeSlow(STANDARD_BYTES + this.#reserve);
    this.#view = viewOf(this.#bytes);
    this.#limit = STANDARD_BYTES;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  get view(): DataView {
    return this.#view;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Bytes held. */
  get size(): number {
    return this.#end;
  }

  /** Adds the tuple of a record. One that is refused or NOT_READ leaves no trace; the latter gives false. */
  add<R extends object>(tuple: TupleFunction<R>, record: R, ordinal: number): boolean {
    let end = tuple(record, ordinal, this, this.#end);
    while (end === NO_ROOM) {
      if (this.#limit >= MOST_STAGED_BYTES) throw tooLong(ordinal);
      this.#grow();
      end = tuple(record, ordinal, this, this.#end);
    }
    if (end === NOT_READ) return false;
    this.#end = end;
    return true;
  }

  /** Adds what another one holds, and empties that. */
  take(other: TupleRows): void {
    while (this.#end + other.size > this.#limit) this.#grow();
    other.#bytes.copy(this.#bytes, this.#end, 0, other.size);
    this.#end += other.size;
    other.#empty(false);
  }

  /** Hands all tuples over, and is empty then. */
  drain(sink: TupleSink): void {
    if (this.#end > 0) sink.writeBytes(this.#bytes.subarray(0, this.#end));
    // The sink keeps what it could not write yet.
    this.#empty(sink.blocked);
  }

  /** @param isKept whether the bytes are still needed elsewhere */
  #empty(isKept: boolean): void {
    this.#end = 0;
    if (isKept || this.#limit > STANDARD_BYTES) this.#resize(STANDARD_BYTES);
  }

  #grow(): void {
    this.#resize(this.#limit * 2);
  }

  #resize(limit: number): void {
    const before = this.#bytes;
    this.#bytes = Buffer.allocUnsafeSlow(limit + this.#reserve);
    before.copy(this.#bytes, 0, 0, this.#end);
    this.#view = viewOf(this.#bytes);
    this.#limit = limit;
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

function tooLong(record: number): RelytError {
  return new RelytError(
    'RECORD_INVALID',
    `Record ${record} is longer than 512 MiB, the most that is staged.`,
    {
      details: { record, expected: 'at most 512 MiB', got: 'a longer one' },
      hint: 'Store it in pieces, or elsewhere, and load a reference to it.',
    },
  );
}
