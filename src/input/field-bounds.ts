/** Where the fields of records are in the bytes of a chunk: of each the beginning and the end, record after record. */
export class FieldBounds {
  bounds = new Int32Array(0);
  /** How many of the bounds are in use. */
  used = 0;

  /** Forgets all bounds, and makes room for those of so many bytes, as if each could be a field. */
  clear(bytes: number): void {
    this.used = 0;
    if (this.bounds.length < 2 * bytes) this.bounds = new Int32Array(2 * bytes);
  }
}

/** A record cannot be read from its bytes alone, or its end is not there. */
export const NOT_PLAIN = -1;
