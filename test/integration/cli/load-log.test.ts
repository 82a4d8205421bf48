// What `relyt load` logs, and that nothing else stands between the lines of a JSON log.

import { describe, expect, test } from 'vitest';
import { type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { inputFile } from './relyt.ts';
import { relytOn } from './relyt-on.ts';

const PEOPLE = 'id,name\n1,Ada\n2,Bea\n';

function load(target: TestTarget, text: string, ...flags: string[]) {
  const table = `${target.schema}.${target.table}`;
  return relytOn(target, 'load', inputFile('people.csv', text), '--table', table, ...flags);
}

/** Every line of standard error has to be an object. */
function linesOf(stderr: string): Record<string, unknown>[] {
  return stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log of a load', () => {
  const makeTarget = targetsOn(defaultServer());
  const COLUMNS = 'id int primary key, name text';

  test('as JSON: begin, files, imports, end, each with the task and a time in UTC', async () => {
    const target = await makeTarget(COLUMNS);
    const { code, stdout, stderr } = await load(target, PEOPLE, '--log-format=json', '--verbose');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Loaded 2 records/);
    const lines = linesOf(stderr);
    expect(lines.map(({ msg }) => msg)).toEqual([
      'the task begins',
      'a staged file is safe',
      'an import was committed',
      'the task has ended',
    ]);
    const [{ processId } = {}] = lines;
    for (const line of lines) {
      expect(line).toMatchObject({ processId, level: expect.stringMatching(/^(debug|info)$/) });
      expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
    expect(lines[2]).toMatchObject({ counts: { inserted: 2 } });
    expect(lines[3]).toMatchObject({ ended: 'completed' });
  });

  test('as JSON when it fails: the rejected record, the failure, and the error of the command', async () => {
    const target = await makeTarget(COLUMNS);
    const broken = `${PEOPLE}x,Cleo\ny,Dora\n`;
    const { code, stdout, stderr } = await load(
      ...[target, broken, '--log-format', 'json', '--max-errors', '1'],
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const lines = linesOf(stderr);
    expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
      'info the task begins',
      'warn a record was rejected',
      'error the task failed',
      expect.stringMatching(/^info an import was committed|info the task has ended$/),
      expect.stringMatching(/^fatal /),
    ]);
    expect(lines.at(-1)).toMatchObject({ err: { code: 'REJECT_LIMIT_EXCEEDED' } });
  });

  test('as text beside the lines for people, at a level', async () => {
    const target = await makeTarget(COLUMNS);
    const { code, stderr } = await load(
      ...[target, `${PEOPLE}x,Cleo\n`, '--log-level', 'warn', '--max-errors', '1'],
    );
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^\S+Z WARN {2}a record was rejected processId=\S+ record=3 \[RECORD_INVALID\] .*\n$/,
    );
  });

  test('wrong usage is JSON as well; --quiet and --verbose contradict each other', async () => {
    const target = await makeTarget(COLUMNS);
    const wrong = await load(target, PEOPLE, '--log-format', 'json', '--tabel', 'x');
    expect(wrong.code).toBe(2);
    expect(linesOf(wrong.stderr)).toEqual([
      expect.objectContaining({ level: 'fatal', msg: expect.stringContaining('--tabel') }),
    ]);
    expect((await load(target, PEOPLE, '--quiet', '--verbose')).code).toBe(2);
  });
});
