// G7: what was written down by a program less careful is not shown on.

import { describe, expect, test } from 'vitest';
import { generate, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { LEAK_SHAPES } from '../../unit/database/leak-shapes.ts';
import { record } from '../operations/interrupted-tasks.ts';
import { relytOn } from './relyt-on.ts';

const LEAKS = LEAK_SHAPES.map(({ text }) => text).join('\n');
const SECRETS = [...new Set(LEAK_SHAPES.flatMap(({ hidden }) => hidden))];

describe('secrets in the bookkeeping', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each([
    ['show', []],
    ['show', ['--json']],
    ['tasks', ['--json']],
    ['tasks', []],
    ['errors', ['--details']],
    ['errors', []],
  ] as const)('are not in the output of relyt %s %j', async (command, flags) => {
    const target = await makeTarget('id int primary key, v text');
    const bad = { id: 'no number', v: 'x' };
    const processId = await target.load([...generate(9, record), bad], { maxErrorRecords: 1 });
    await target.database.query(
      `update relyt_sys.relyt_loader_checkpoint set status = 'FAILED', error_message = $2 where process_id = $1`,
      [processId, LEAKS],
    );
    await target.database.query(
      `update relyt_sys.relyt_loader_file set status = 'ERROR', error = $2 where process_id = $1`,
      [processId, LEAKS],
    );
    await target.database.query(
      'update relyt_sys.relyt_loader_reject set reason = $2 where process_id = $1',
      [processId, LEAKS],
    );
    const which = command === 'tasks' ? [] : [processId];
    const { code, stdout, stderr } = await relytOn(target, command, ...which, ...flags);
    expect(code).toBe(0);
    expect(stdout).toMatch(/…/);
    const shown = stdout + stderr;
    expect(SECRETS.filter((secret) => shown.includes(secret))).toEqual([]);
  });
});
