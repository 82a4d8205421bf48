import { PIECE_LENGTH } from '../core/text-windows.ts';

/**
 * Texts made of many pieces of a longer one, one after the other. A string would keep a node of 32 bytes for each of them, and a copy of
 * all once it is read.
 */
export class FlatText {
  readonly #mostBytes: number;
  #tail = '';
  #bytes: Buffer | undefined;
  #length = 0;

  /** @param mostCharacters that are added in the end; what is not used of the memory for them is never touched */
  constructor(mostCharacters: number) {
    // One UTF-16 unit becomes three bytes at most.
    this.#mostBytes = 3 * mostCharacters;
  }

  add(piece: string): void {
    this.#tail += piece;
    if (this.#tail.length >= PIECE_LENGTH) this.#flush();
  }

  get isEmpty(): boolean {
    return this.#length === 0 && this.#tail === '';
  }

  /** Everything added since the last time. */
  take(): string {
    this.#flush();
    const text = this.#bytes?.toString('utf8', 0, this.#length) ?? '';
    this.#length = 0;
    return text;
  }

  #flush(): void {
    this.#bytes ??= Buffer.allocUnsafeSlow(this.#mostBytes);
    this.#length += this.#bytes.write(this.#tail, this.#length);
    this.#tail = '';
  }
}
