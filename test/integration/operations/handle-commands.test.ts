// What commands do a program can do, over one handle: export rejected records, name the engine, serve the monitor.

import { describe, expect, test } from 'vitest';
import { listEngines } from '../../../src/administration.ts';
import { type Connected, connect } from '../../../src/connected.ts';
import type { RejectedLinesOptions } from '../../../src/operations/rejected-lines.ts';
import { ensureBuilt } from '../../support/build.ts';
import { failureOf, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { accessTo, relytOn, said } from '../cli/relyt-on.ts';

const makeTarget = targetsOn(defaultServer());

async function textOf(
  relyt: Connected,
  processId: string,
  options: RejectedLinesOptions,
): Promise<string> {
  let all = '';
  for await (const { text } of relyt.rejectedLines(processId, options))
    if (text !== null) all += `${text}\n`;
  return all;
}

/** Its first record is loaded, the others are rejected: by the loader, by the database, and for what it is. */
async function withRejects(target: TestTarget): Promise<string> {
  const records = [
    { id: 1, v: 'good' },
    { id: 'two', v: 'a "quoted" text' },
    { id: 3, v: 'bad' },
    { id: 'four', v: 'bell \u0007' },
  ];
  return target.load(records, { maxErrorRecords: 10 });
}

describe('rejected records as lines', () => {
  test.each(['ndjson', 'csv'] as const)('of %s are those of the command', async (format) => {
    const target = await makeTarget('id int primary key, v text check (v <> $$bad$$)');
    const processId = await withRejects(target);
    await using relyt = await connect(accessTo(target));
    const exported = await relytOn(target, 'errors', processId, '--format', format);
    expect(await textOf(relyt, processId, { format })).toBe(exported.stdout);
    expect(exported.stdout.split('\n')).toHaveLength(format === 'csv' ? 5 : 4);
    const one = await textOf(relyt, processId, { format: 'ndjson', limit: 1 });
    expect(JSON.parse(one)).toEqual({ id: 'two', v: 'a "quoted" text' });
  });

  test('say which of them no load takes, and refuse what is no format (G8)', async () => {
    const target = await makeTarget('id int primary key, v text check (v <> $$bad$$)');
    const processId = await withRejects(target);
    await using relyt = await connect(accessTo(target));
    const kinds: string[] = [];
    for await (const { kind } of relyt.rejectedLines(processId, { format: 'csv' }))
      kinds.push(kind);
    expect(kinds).toEqual(['header', 'record', 'record', 'escaped']);
    const wrong = textOf(relyt, processId, { format: 'xml' } as object);
    expect(await failureOf(wrong)).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(await failureOf(textOf(relyt, 'none', {}))).toMatchObject({ code: 'TASK_NOT_FOUND' });
  });
});

test('the engines, and the one of the database, are those of the command', async () => {
  const target = await makeTarget('id int primary key');
  await using relyt = await connect(accessTo(target));
  const listed = await relytOn(target, 'engines', '--json');
  expect(said(listed)).toEqual({
    ok: true,
    engines: await listEngines(),
    chosen: await relyt.engine(),
  });
});

describe('the monitor of a handle', () => {
  test('shows its tasks until it is closed', async () => {
    await ensureBuilt();
    const target = await makeTarget('id int primary key');
    const processId = await target.load([{ id: 1 }]);
    await using relyt = await connect(accessTo(target), { connections: 2 });
    const monitor = await relyt.monitor({ port: 0 });
    const tasks = await (await fetch(new URL('api/tasks', monitor.url))).text();
    expect(tasks).toContain(processId);
    await Promise.all([monitor.close(), monitor.close()]);
    await expect(fetch(monitor.url)).rejects.toThrow();
    expect(await relyt.task(processId)).toMatchObject({ processId });
  });

  test('ends with its signal, and does not begin after it', async () => {
    await ensureBuilt();
    const target = await makeTarget('id int primary key');
    await using relyt = await connect(accessTo(target));
    const ending = new AbortController();
    const monitor = await relyt.monitor({ port: 0, signal: ending.signal });
    ending.abort();
    await monitor.close();
    await expect(fetch(monitor.url)).rejects.toThrow();
    await expect(relyt.monitor({ port: 0, signal: ending.signal })).rejects.toThrow();
  });

  test('is not opened to all because a variable for its token is not set (G7, G8)', async () => {
    const target = await makeTarget('id int primary key');
    await using relyt = await connect(accessTo(target));
    const open = relyt.monitor({ port: 0, token: undefined } as object);
    expect(await failureOf(open)).toMatchObject({ code: 'CONFIG_INVALID' });
    const misspelt = relyt.monitor({ ports: 0 } as object);
    expect(await failureOf(misspelt)).toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
