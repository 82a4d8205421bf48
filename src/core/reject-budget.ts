/**
 * The one limit of a task's rejected records, whichever stage rejects them and however many imports run at
 * once. Taken before a rejection is durable and given back when its transaction did not happen.
 */
export class RejectBudget {
  readonly limit: number;
  #used: number;

  constructor(limit: number, used = 0) {
    this.limit = limit;
    this.#used = used;
  }

  get used(): number {
    return this.#used;
  }

  get left(): number {
    return Math.max(0, this.limit - this.#used);
  }

  /** Takes `count`, or nothing and returns false when that would exceed the limit. */
  tryTake(count: number): boolean {
    if (this.#used + count > this.limit) return false;
    this.#used += count;
    return true;
  }

  giveBack(count: number): void {
    this.#used -= count;
  }
}
