/** Polls the monitor for as long as the page is visible. */

import { shownTime } from './shown-figures.ts';

const EVERY_MS = 2000;

/** The error that the monitor returned instead of an answer. */
class Refused extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** @throws Refused */
async function ask<Answer>(path: string, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(path, { signal, headers: { accept: 'application/json' } });
  if (response.ok) return (await response.json()) as Answer;
  // Another start of the monitor has other sessions.
  if (response.status === 401) location.assign('/login');
  const said = await response.json().catch(() => ({}));
  throw new Refused(said.message ?? `The monitor answered ${response.status}.`, said.hint ?? '');
}

export interface Polled<Answer> {
  /** Asked each time, so that it may change. */
  readonly path: () => string;
  readonly show: (answer: Answer) => void;
  readonly signal: AbortSignal;
  /** Milliseconds between an answer and the next question; 2000 by default. */
  readonly every?: number;
}

/** Polls until the signal fires. A failure is shown, and retried. Returns a function that polls at once. */
export function poll<Answer>({ path, show, signal, every = EVERY_MS }: Polled<Answer>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;
  const next = async (): Promise<void> => {
    clearTimeout(timer);
    asking?.abort();
    asking = new AbortController();
    const { signal: given } = asking;
    await once(path(), show, AbortSignal.any([signal, given]));
    if (!signal.aborted && !given.aborted) timer = setTimeout(whenSeen, every);
  };
  const whenSeen = (): void => {
    if (!document.hidden) void next();
  };
  document.addEventListener('visibilitychange', whenSeen, { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  void next();
  return () => void next();
}

async function once<Answer>(
  path: string,
  show: (answer: Answer) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const answer = await ask<Answer>(path, signal);
    if (signal.aborted) return;
    show(answer);
    report('', `Updated ${shownTime(new Date().toISOString())}`);
  } catch (error) {
    if (signal.aborted) return;
    report(
      error instanceof Refused ? `${error.message} ${error.hint}` : 'The monitor does not answer.',
      'Not up to date',
    );
  }
}

function report(trouble: string, updated: string): void {
  const set = (id: string, text: string) => {
    const target = document.getElementById(id);
    if (target !== null && target.textContent !== text) target.textContent = text;
  };
  set('trouble', trouble);
  set('updated', updated);
}
