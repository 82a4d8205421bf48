// docs/spec/task.md says what the code does: its tables are those of the code, and every test it names exists.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FILE_STATE_EVENTS, FILE_STATES, fileTransition } from '../../../src/core/file-state.ts';
import { TASK_STATE_EVENTS, TASK_STATES, taskTransition } from '../../../src/core/task-state.ts';
import { ROOT, readPage } from './code-blocks.ts';

const PAGE = readPage('docs/spec/task.md');
const TEST_FILE = /`(test\/[^`]+)`/g;

/** The cells of the table whose first heading is `name`, without backticks; its headings come first. */
function table(name: string): string[][] {
  const lines = PAGE.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`| ${name} |`));
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'));
  return lines
    .slice(first, length < 0 ? undefined : first + length)
    .filter((line) => !line.startsWith('|---'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

/** The table as it has to be. */
function expected<State extends string, Event extends string>(
  states: readonly State[],
  events: readonly Event[],
  transition: (state: State, event: Event) => State | undefined,
): string[][] {
  return states.map((state) => [state, ...events.map((event) => transition(state, event) ?? '–')]);
}

function testsIn(text: string): string[] {
  return [...text.matchAll(TEST_FILE)].map(([, file = '']) => file);
}

describe('docs/spec/task.md', () => {
  it('has every state, event and transition of a file', () => {
    expect(table('file')).toEqual([
      ['file', ...FILE_STATE_EVENTS],
      ...expected(FILE_STATES, FILE_STATE_EVENTS, fileTransition),
    ]);
  });

  it('says of every state of a file what is true of it', () => {
    const [, ...rows] = table('state');
    expect(rows.map(([state]) => state)).toEqual([...FILE_STATES]);
  });

  it('has every state, event and transition of a task', () => {
    expect(table('task')).toEqual([
      ['task', ...TASK_STATE_EVENTS],
      ...expected(TASK_STATES, TASK_STATE_EVENTS, taskTransition),
    ]);
  });

  it('says of every event of a file, and of every state of a task, what it is', () => {
    for (const name of [...FILE_STATE_EVENTS, ...TASK_STATES.slice(0, 2)]) {
      expect(PAGE).toMatch(new RegExp(`\`${name}\`( and \`\\w+\`)?: `));
    }
  });

  const invariants = PAGE.split('\n').filter((line) => line.startsWith('- **I'));

  it('numbers its invariants from 1 on', () => {
    const numbers = invariants.map((line) => /^- \*\*I(\d+)\*\* /.exec(line)?.[1]);
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers).toEqual(numbers.map((_, index) => String(index + 1)));
  });

  it.each(invariants.map((line) => [line.slice(0, 60), line]))(
    'names a test that holds: %s',
    (_, line) => {
      expect(testsIn(line)).not.toEqual([]);
    },
  );

  it('names a test for everything that is repeated', () => {
    const lines = PAGE.slice(PAGE.indexOf('| what | how often')).split('\n').slice(2);
    for (const line of lines.filter((one) => one.startsWith('|'))) {
      expect(testsIn(line), line).not.toEqual([]);
    }
  });

  it.each([...new Set(testsIn(PAGE))].sort())('%s exists', (file) => {
    expect(existsSync(path.join(ROOT, file))).toBe(true);
  });
});
