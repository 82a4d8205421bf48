// `make screenshots`: the pictures of docs/pictures, in light and dark, for a desktop and a phone, from real loads on the
// servers of `relyt dev`.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startStack } from 'relyt-dev';
import { prepareStack } from '../dist/cli/init/prepare-stack.js';
import { startMonitor } from '../dist/monitor/start-monitor.js';
import { startChromium } from './monitor/chromium.mjs';
import { createTables, failReadings, loadCities, visitsUnderWay } from './monitor/shown-tasks.mjs';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const PICTURES = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const DEVICES = {
  desktop: { width: 1200, height: 760 },
  phone: { width: 375, height: 760 },
};
/** How long the running load shows its rate before the first picture. */
const RUN_UP_MS = 15_000;
/** They are cloned with the repository. */
const MOST_BYTES = 150_000;
const QUALITY = 85;

async function takePictures(url, pages) {
  const browser = await startChromium();
  try {
    for (const colorScheme of ['light', 'dark'])
      for (const [device, viewport] of Object.entries(DEVICES))
        for (const [name, fragment] of Object.entries(pages)) {
          const context = await browser.newContext({ colorScheme, viewport, timezoneId: 'UTC' });
          const page = await context.newPage();
          await page.goto(`${url}#/${fragment}`);
          await page.getByText(/^Updated/).waitFor();
          await save(page, `monitor-${name}-${device}-${colorScheme}.webp`);
          await context.close();
        }
  } finally {
    await browser.close();
  }
}

/** As WebP, which takes half of a PNG; only Chromium's own protocol makes it. */
async function save(page, name) {
  const chromium = await page.context().newCDPSession(page);
  const format = { format: 'webp', quality: QUALITY };
  const { data } = await chromium.send('Page.captureScreenshot', format);
  const picture = Buffer.from(data, 'base64');
  if (picture.length > MOST_BYTES)
    throw new Error(`${name} has ${picture.length} bytes, more than ${MOST_BYTES}`);
  writeFileSync(path.join(PICTURES, name), picture);
  console.log(`docs/pictures/${name} ${Math.round(picture.length / 1024)} KiB`);
}

async function picturesOf(connectionString) {
  await createTables(connectionString);
  const cities = await loadCities(connectionString);
  const failed = await failReadings(connectionString);
  const monitor = await startMonitor({ postgresql: { connectionString } }, { port: 0 });
  const running = await visitsUnderWay(connectionString);
  try {
    await delay(RUN_UP_MS);
    await takePictures(monitor.url, {
      tasks: '',
      running: `task/${running.processId}`,
      failed: `task/${failed}`,
      rejected: `task/${cities}/rejected`,
    });
  } finally {
    await running[Symbol.asyncDispose]();
    await monitor.close();
  }
}

mkdirSync(PICTURES, { recursive: true });
const stack = await startStack();
try {
  await prepareStack(stack);
  await picturesOf(stack.postgres.url);
} finally {
  await stack.stop();
}
