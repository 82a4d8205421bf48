/** A signal that fires when another one does, or after some time. Its maker disposes of it. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Not `AbortSignal.any([signal, AbortSignal.timeout(…)])`: Node 20 may collect the timeout as garbage, because
 * only weak references lead to it, and then it never fires.
 */
export function deadlineWithin(signal: AbortSignal, milliseconds: number): Deadline {
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  const timer = setTimeout(() => controller.abort(new Error('time is up')), milliseconds);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    },
  };
}
