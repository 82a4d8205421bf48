// Debian's Chromium, as `make peers` installs it.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PROGRAM = '/usr/bin/chromium';

/** @returns a browser; the caller closes it. Throws where there is none. */
export function startChromium() {
  if (!existsSync(PROGRAM))
    throw new Error(`There is no ${PROGRAM}: run \`make peers\` as root on Debian.`);
  // As root, as in a container, Chromium runs without its sandbox only.
  return chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox', '--hide-scrollbars'] });
}
