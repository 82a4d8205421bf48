/**
 * How many imports go another way, after one that could not go this one. Each time it is twice as many, so that of n
 * imports no more than log2 n do their work twice. Pure.
 */
export interface DoublingWait {
  /** Imports still to go the other way. */
  readonly left: number;
  /** How many that is the next time. */
  readonly next: number;
}

export const NO_WAIT: DoublingWait = { left: 0, next: 4 };

export function afterSetback(wait: DoublingWait): DoublingWait {
  // Imports that ran at the same time met the same.
  return wait.left > 0 ? wait : { left: wait.next, next: wait.next * 2 };
}

/** An import was committed. */
export function afterImport({ left, next }: DoublingWait): DoublingWait {
  return { left: Math.max(0, left - 1), next };
}
