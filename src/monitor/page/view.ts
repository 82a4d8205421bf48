/** What a page shows: it fills `main`, and ends when the signal fires. */
interface Shown {
  readonly main: HTMLElement;
  /** What is behind the path in the address. */
  readonly query: URLSearchParams;
  /** Parts of the path that the pattern of the page leaves open. */
  readonly parts: readonly string[];
  readonly signal: AbortSignal;
}

export type View = (shown: Shown) => void;
