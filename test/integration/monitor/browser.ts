/** Debian's Chromium, as `make peers` installs it. */

import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

const PROGRAM = '/usr/bin/chromium';

export const hasBrowser = existsSync(PROGRAM);

/** What a page did that it must not do. */
export interface Watched {
  readonly page: Page;
  /** Requests to other hosts than the monitor. */
  readonly foreign: readonly string[];
  /** Errors of scripts, and what the Content-Security-Policy refused. */
  readonly errors: readonly string[];
}

/** A page that ends with the test. */
export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  // As root, as in a container, Chromium runs without its sandbox only.
  const browser = await chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox'] });
  onTestFinished(() => browser.close());
  const page = await (await browser.newContext(options)).newPage();
  const foreign: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:' && origin !== new URL(url).origin) foreign.push(request.url());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(url);
  return { page, foreign, errors };
}

/** No rule of axe-core finds anything, and nothing stands out to the right. */
export async function expectAccessible(page: Page): Promise<void> {
  // Evaluated by the browser's own tools, which the policy of the page does not bind.
  const violations = await page.evaluate(`${axe.source};
    axe.run(document).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).slice(0, 3).join(' ')))`);
  expect(violations).toEqual([]);
  const overflow = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect(overflow).toBe(0);
}
