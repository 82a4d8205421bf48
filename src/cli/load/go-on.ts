import type { RelytError } from '../../errors.ts';

/** An interrupted load, as somebody would go on with it. */
export interface Interrupted {
  readonly processId: string;
  /** Its input cannot be opened again by the command itself. */
  readonly isStream: boolean;
}

/** The command that goes on with a load; `changes` are further flags of it. */
export function goOnCommand({ processId, isStream }: Interrupted, changes = ''): string {
  const flags = changes === '' ? '' : ` ${changes}`;
  return isStream
    ? `relyt load … --resume ${processId}${flags} (with the same input)`
    : `relyt resume ${processId}${flags}`;
}

const RECORD_FAULTS: readonly string[] = [
  'RECORD_INVALID',
  'INPUT_MALFORMED',
  'REJECT_LIMIT_EXCEEDED',
  'IMPORT_REFUSED',
  'DUPLICATE_KEY',
];

/** What to do after the task of a load has failed: first how to mend it, then the command that goes on. */
export function goOnHint(error: RelytError, load: Interrupted): string {
  if (error.code === 'LEASE_LOST') return error.hint;
  if (!RECORD_FAULTS.includes(error.code)) return `${error.hint} Then: ${goOnCommand(load)}.`;
  const leaveOut = `Or leave such records out: ${goOnCommand(load, '--max-errors N')}.`;
  // What the database refused is staged already: correcting the input would not reach it.
  if (error.details.sqlstate !== undefined)
    return `${error.hint} Then: ${goOnCommand(load)}. ${leaveOut}`;
  const changed = load.isStream ? '' : '--allow-change source';
  const mend = error.code === 'INPUT_MALFORMED' ? error.hint : 'Correct the record.';
  return `${mend} Then: ${goOnCommand(load, changed)}. ${leaveOut}`;
}
