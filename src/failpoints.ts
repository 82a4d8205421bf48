/**
 * Named places at the durable boundaries of a load. In production each is a look into an empty map; a test
 * arms one to stop, fail or kill the process exactly there.
 */

export const FAILPOINTS = [
  'file-recorded',
  'part-uploaded',
  'object-completed',
  'before-freeze',
  'frozen',
  'files-taken',
  'external-created',
  'rows-inserted',
  'before-commit',
  'committed',
  'isolation-staged',
  'before-summary',
  'before-delete',
  'before-finish',
  'move-recorded',
  'move-batch-copied',
  'move-before-flip',
  'move-flipped',
  'move-batch-cleaned',
  'move-before-commit',
  'move-committed',
  'move-undo-batch',
] as const;

export type FailpointName = (typeof FAILPOINTS)[number];

const actions = new Map<FailpointName, () => Promise<void>>();

/** Waits for what a test has armed here; nothing otherwise. */
export async function failpoint(name: FailpointName): Promise<void> {
  if (actions.size > 0) await actions.get(name)?.();
}

/** Arms a failpoint for the process; returns how to disarm it. Tests only. */
export function armFailpoint(name: FailpointName, action: () => Promise<void>): () => void {
  actions.set(name, action);
  return () => {
    if (actions.get(name) === action) actions.delete(name);
  };
}
