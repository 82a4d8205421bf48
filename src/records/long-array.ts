/** An array of a file with so many elements that they are read one by one, each time they are asked for. */
export class LongArray implements Iterable<unknown> {
  readonly length: number;
  readonly #elements: () => Iterable<unknown>;

  constructor(length: number, elements: () => Iterable<unknown>) {
    this.length = length;
    this.#elements = elements;
  }

  [Symbol.iterator](): Iterator<unknown> {
    return this.#elements()[Symbol.iterator]();
  }
}
