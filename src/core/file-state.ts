/** The life of a staged file, as a pure function. `docs/spec/task.md` is its specification. */

export const FILE_STATES = ['CREATED', 'FROZEN', 'IMPORTING', 'IMPORTED', 'ERROR'] as const;
export type FileState = (typeof FILE_STATES)[number];

/**
 * - `freeze`: its upload is complete and its generation's turn has come;
 * - `take`: an importer begins an attempt, also another one after a failure;
 * - `commit`: in the transaction that brought its rows;
 * - `release`: back to waiting, by a resume;
 * - `fail`: a permanent failure, or time is up;
 * - `lose`: its rows are gone with their table, and a resume brings them again.
 */
export const FILE_STATE_EVENTS = ['freeze', 'take', 'commit', 'release', 'fail', 'lose'] as const;
export type FileStateEvent = (typeof FILE_STATE_EVENTS)[number];

const REFUSED = undefined;

/** Complete by type: a new state or event does not compile until every cell is decided. */
const TRANSITIONS: Record<FileState, Record<FileStateEvent, FileState | undefined>> = {
  CREATED: {
    freeze: 'FROZEN',
    take: REFUSED,
    commit: REFUSED,
    release: REFUSED,
    fail: 'ERROR',
    lose: REFUSED,
  },
  FROZEN: {
    freeze: REFUSED,
    take: 'IMPORTING',
    commit: REFUSED,
    release: 'FROZEN',
    fail: 'ERROR',
    lose: REFUSED,
  },
  IMPORTING: {
    freeze: REFUSED,
    take: 'IMPORTING',
    commit: 'IMPORTED',
    release: 'FROZEN',
    fail: 'ERROR',
    lose: REFUSED,
  },
  // Its rows are in the table: only the loss of that table may make it importable again.
  IMPORTED: {
    freeze: REFUSED,
    take: REFUSED,
    commit: REFUSED,
    release: REFUSED,
    fail: REFUSED,
    lose: 'FROZEN',
  },
  ERROR: {
    freeze: REFUSED,
    take: REFUSED,
    commit: REFUSED,
    release: 'FROZEN',
    fail: 'ERROR',
    lose: REFUSED,
  },
};

/** The state after `event`, or undefined when the event is refused in this state. */
export function fileTransition(state: FileState, event: FileStateEvent): FileState | undefined {
  return TRANSITIONS[state][event];
}

/** The states in which an event is accepted: the guard of its UPDATE statement. */
export function fileStatesBefore(event: FileStateEvent): readonly FileState[] {
  return FILE_STATES.filter((state) => TRANSITIONS[state][event] !== undefined);
}
