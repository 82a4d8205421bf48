// G8: what a page tells a reader to type works. The commands of a page run in their order, in a world of its own.

import { beforeAll, expect, test } from 'vitest';
import { ensureBuilt } from '../../support/build.ts';
import { readPage } from '../../unit/docs/code-blocks.ts';
import { allShellCommands, NOT_RUN } from '../../unit/docs/shell-blocks.ts';
import { ShellWorld } from './shell-world.ts';

/** A variable of a reader's own is one of the world. */
const SETS_VARIABLE = /^export [A-Z_]+=/;

const RUN = allShellCommands().filter(
  ({ command }) =>
    !SETS_VARIABLE.test(command) && !NOT_RUN.some(({ command: not }) => not.test(command)),
);
const PAGES = [...new Set(RUN.map(({ page }) => page))];

// A build takes longer than a hook may, on a busy machine.
beforeAll(() => ensureBuilt(), 600_000);

test.each(PAGES)('the commands of %s', { timeout: 300_000 }, async (page) => {
  const world = await ShellWorld.forTest(readPage(page));
  const commands = RUN.filter((one) => one.page === page).map(({ command }) => command);
  if (!commands.some((command) => /\brelyt init\b/.test(command))) await world.prepare();
  // Routed by the page itself is one of the two tables that it migrates.
  else if (commands.some((command) => command.includes('public.u')))
    await world.prepare(['u'], false);
  const results: string[] = [];
  for (const command of commands) {
    const { code, output } = await world.run(command);
    // Records may be rejected where the command says so.
    const isDone = code === 0 || (code === 3 && command.includes('--max-errors'));
    if (!isDone) results.push(`exit ${code}: ${output}`);
  }
  expect(results).toEqual([]);
});
