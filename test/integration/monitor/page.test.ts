// The page of the monitor, in a real browser.

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { failedTask, record } from '../operations/interrupted-tasks.ts';
import { makeRouted } from '../routing/routed-target.ts';
import { KEYED } from '../routing/sixty-records.ts';
import { expectAccessible, hasBrowser, openPage } from './browser.ts';
import { monitorOn } from './monitor-on.ts';

const HOSTILE = '<img src=x onerror=document.title=1>';

describe.skipIf(!hasBrowser)('the page of the monitor in Chromium', () => {
  const makeTarget = targetsOn(defaultServer());
  let target: TestTarget;
  let failed: string;
  let rejecting: string;

  beforeAll(async () => {
    target = await makeTarget('id int primary key, v text');
    ({ processId: failed } = await failedTask(target));
    const routed = await makeRouted(makeTarget, KEYED, { groups: [7] });
    await routed.query(
      `insert into ${routed.target.sql} select n, n % 10, 'v' from generate_series(1, 100) n`,
    );
    await routed.query('analyze');
    const other = await makeTarget('id int primary key, v text');
    const records = generate(130, (n) => (n < 120 ? { id: HOSTILE, v: n } : { id: n, v: 'good' }));
    rejecting = await other.load(records, { maxErrorRecords: 200 });
  });

  test('a task appears while the page is open, and none of the rest goes away', async () => {
    const monitor = await monitorOn(target.database.url);
    const { page, foreign, errors } = await openPage(monitor.url);
    await page.getByRole('link', { name: failed.slice(0, 8) }).waitFor();

    const later = await makeTarget('id int, v text');
    const processId = await later.load(generate(5, record));

    await page.getByRole('link', { name: processId.slice(0, 8) }).waitFor();
    expect(await page.getByRole('link', { name: failed.slice(0, 8) }).count()).toBe(1);
    expect({ foreign, errors }).toEqual({ foreign: [], errors: [] });
  });

  test('G8: by keyboard alone to a failed task, its error and the command to copy', async () => {
    const monitor = await monitorOn(target.database.url);
    const { page, errors } = await openPage(monitor.url);
    await page.getByRole('link', { name: /^Failed/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: failed.slice(0, 8) }).focus();
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { level: 1, name: /FAILED$/ }).waitFor();
    expect(await page.locator('.error').textContent()).toContain('record 30');
    const command = page.getByRole('button', { name: `relyt resume ${failed}` });
    await command.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: `relyt resume ${failed}` }).waitFor();
    expect(await page.locator('svg.timeline rect').count()).toBeGreaterThan(3);
    expect(await page.locator('.chart canvas').count()).toBe(1);
    expect(errors).toEqual([]);
  });

  test('G7: rejected records are filtered and saved, and run nothing', async () => {
    const monitor = await monitorOn(target.database.url);
    const url = `${monitor.url}#/task/${rejecting}/rejected`;
    const { page, errors } = await openPage(url);
    await page.getByRole('cell', { name: HOSTILE }).first().waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toBe('relyt monitor');

    await page.getByRole('link', { name: 'Next' }).click();
    await page.getByRole('link', { name: 'First' }).waitFor();
    await page.getByLabel('Reason or record contains').fill('"v":7}');
    await page.getByRole('button', { name: 'Filter' }).click();
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Save as NDJSON' }).click();
    const lines = readFileSync(await (await saved).path(), 'utf8')
      .trimEnd()
      .split('\n');

    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ ordinal: 8, record: { id: HOSTILE, v: 7 } }),
    ]);
    expect(errors).toEqual([]);
  });

  test.each([
    ['light', 1200],
    ['dark', 1200],
    ['light', 375],
    ['dark', 375],
  ] as const)('%s, %i px wide: everybody can use it', async (colorScheme, width) => {
    const monitor = await monitorOn(target.database.url);
    const { page } = await openPage(monitor.url, { colorScheme, viewport: { width, height: 800 } });
    const pages = ['', `task/${failed}`, `task/${rejecting}/rejected`, 'routing', 'database'];
    for (const path of pages) {
      // Else only the fragment changes, and what the page before says is still there.
      await page.goto('about:blank');
      await page.goto(`${monitor.url}#/${path}`);
      await page.getByText(/^Updated/).waitFor();
      await expectAccessible(page);
    }
  });

  test('G7: the token is asked for once', async () => {
    const token = 'a-token-for-this-test';
    const monitor = await monitorOn(target.database.url, { token });
    const { page } = await openPage(monitor.url);
    await expectAccessible(page);
    await page.getByLabel('Token of this monitor').fill(token);
    await page.keyboard.press('Enter');

    await page.locator('tbody tr').first().waitFor();
    expect(page.url()).not.toContain(token);
  });
});
