/**
 * The next place of one character in a string. Asking again before reaching that place costs nothing, so
 * however often a scanner switches between the characters it looks for, each is searched once over the text.
 */
export class NextIndex {
  readonly #character: string;
  #index = -1;

  constructor(character: string) {
    this.#character = character;
  }

  /** Another text begins. */
  reset(): void {
    this.#index = -1;
  }

  /** First index of the character at or after `from`, the text's length when there is none. `from` never goes back. */
  in(text: string, from: number): number {
    if (this.#index < from) {
      const found = text.indexOf(this.#character, from);
      this.#index = found < 0 ? text.length : found;
    }
    return this.#index;
  }
}
