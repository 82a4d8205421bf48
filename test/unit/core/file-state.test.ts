import { describe, expect, test } from 'vitest';
import {
  FILE_STATE_EVENTS,
  FILE_STATES,
  type FileState,
  type FileStateEvent,
  fileStatesBefore,
  fileTransition,
} from '../../../src/core/file-state.ts';

/** What docs/spec/task.md says, written down a second time: a cell that changes has to be changed in both. */
const SPECIFIED: Record<FileState, Record<FileStateEvent, FileState | 'refused'>> = {
  CREATED: {
    freeze: 'FROZEN',
    take: 'refused',
    commit: 'refused',
    release: 'refused',
    fail: 'ERROR',
    lose: 'refused',
  },
  FROZEN: {
    freeze: 'refused',
    take: 'IMPORTING',
    commit: 'refused',
    release: 'FROZEN',
    fail: 'ERROR',
    lose: 'refused',
  },
  IMPORTING: {
    freeze: 'refused',
    take: 'IMPORTING',
    commit: 'IMPORTED',
    release: 'FROZEN',
    fail: 'ERROR',
    lose: 'refused',
  },
  IMPORTED: {
    freeze: 'refused',
    take: 'refused',
    commit: 'refused',
    release: 'refused',
    fail: 'refused',
    lose: 'FROZEN',
  },
  ERROR: {
    freeze: 'refused',
    take: 'refused',
    commit: 'refused',
    release: 'FROZEN',
    fail: 'ERROR',
    lose: 'refused',
  },
};

const cells = FILE_STATES.flatMap((state) => FILE_STATE_EVENTS.map((event) => ({ state, event })));

/** Every state some events lead to from `start`, none of those events being among `without`. */
function reachable(start: FileState, without: readonly FileStateEvent[] = []): Set<FileState> {
  const found = new Set<FileState>([start]);
  // A set visits what is added to it while it is being visited.
  for (const state of found) {
    for (const event of FILE_STATE_EVENTS.filter((one) => !without.includes(one))) {
      const next = fileTransition(state, event);
      if (next !== undefined) found.add(next);
    }
  }
  return found;
}

describe('the life of a staged file', () => {
  test('knows the states and events of the specification, and no others', () => {
    expect([...FILE_STATES].sort()).toEqual(Object.keys(SPECIFIED).sort());
    for (const row of Object.values(SPECIFIED)) {
      expect(Object.keys(row).sort()).toEqual([...FILE_STATE_EVENTS].sort());
    }
  });

  test.each(cells)('$event of a file that is $state', ({ state, event }) => {
    expect(fileTransition(state, event) ?? 'refused').toBe(SPECIFIED[state][event]);
  });

  test('the guard of an event holds exactly the states that accept it', () => {
    for (const { state, event } of cells) {
      const accepted = SPECIFIED[state][event] !== 'refused';
      expect(fileStatesBefore(event).includes(state), `${event} of ${state}`).toBe(accepted);
    }
  });

  test('only the loss of its table leads out of IMPORTED, so no file is imported twice (G1)', () => {
    expect([...reachable('IMPORTED', ['lose'])]).toEqual(['IMPORTED']);
    expect(fileStatesBefore('lose')).toEqual(['IMPORTED']);
    expect(fileTransition('IMPORTED', 'lose')).toBe('FROZEN');
  });

  test('only the commit of an import that was taken makes a file IMPORTED (G1)', () => {
    expect(fileStatesBefore('commit')).toEqual(['IMPORTING']);
    expect(reachable('CREATED').has('IMPORTED')).toBe(true);
    expect(reachable('CREATED', ['commit']).has('IMPORTED')).toBe(false);
    expect(reachable('CREATED', ['take']).has('IMPORTED')).toBe(false);
  });

  test('without the freeze a file gets nowhere but to ERROR, and there no take and no commit (G1)', () => {
    const beforeFreeze = reachable('CREATED', ['freeze', 'release']);
    expect([...beforeFreeze].sort()).toEqual(['CREATED', 'ERROR']);
    for (const state of beforeFreeze) {
      expect(fileTransition(state, 'take'), state).toBeUndefined();
      expect(fileTransition(state, 'commit'), state).toBeUndefined();
    }
  });

  test('every state but IMPORTED can still become IMPORTED: a resume is never stuck (G4)', () => {
    for (const state of FILE_STATES) expect(reachable(state).has('IMPORTED'), state).toBe(true);
  });

  test('an event that may be repeated changes nothing the second time', () => {
    for (const event of ['take', 'release', 'fail'] as const) {
      for (const state of fileStatesBefore(event)) {
        const once = fileTransition(state, event);
        expect(once && fileTransition(once, event), `${event} of ${state}`).toBe(once);
      }
    }
  });
});
