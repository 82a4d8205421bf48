// `make monitor-speed`: how long the monitor takes with 10,000 tasks and 1,000,000 files. Prints the median and the slowest
// of a few rounds; they mean something only on a machine that does nothing else.

import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startStack } from 'relyt-dev';
import { prepareStack } from '../dist/cli/init/prepare-stack.js';
import { startMonitor } from '../dist/monitor/start-monitor.js';
import { startChromium } from './monitor/chromium.mjs';
import { FILES_OF_EACH, manyTasks, TASKS } from './monitor/many-tasks.mjs';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const RELYT = fileURLToPath(new URL('../dist/bundle/cli/main.cjs', import.meta.url));
const ROUNDS = 7;
/** Answers are shared for a second: each round asks the database. */
const PAUSE_MS = 1_200;
/** What a page and an answer may take on two cores. */
const LIMITS = { 'first contentful paint': 1_000, '/metrics': 200 };

/** @returns the address of the role that has the tasks: row security, which binds no superuser, is part of the cost. */
async function fill(connectionString) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query("create role loader login password 'loader'");
  const env = { ...process.env, DATABASE_URL: connectionString };
  execFileSync(process.execPath, [RELYT, 'init', '--role', 'loader'], { env });
  for (const statement of manyTasks('loader')) await client.query(statement);
  await client.end();
  const address = new URL(connectionString);
  address.username = 'loader';
  address.password = 'loader';
  return address.href;
}

async function request(url) {
  const start = performance.now();
  const response = await fetch(url);
  await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return performance.now() - start;
}

/** Of a browser that has nothing of the page yet. */
async function paint(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('tbody tr').first().waitFor();
  const times = await page.evaluate(() => ({
    rows: performance.now(),
    paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
  }));
  await context.close();
  return times;
}

async function measure(url) {
  const times = {
    'first contentful paint': [],
    'rows of the table': [],
    '/api/tasks': [],
    '/metrics': [],
  };
  const browser = await startChromium();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const { paint: painted, rows } = await paint(browser, url);
      times['first contentful paint'].push(painted);
      times['rows of the table'].push(rows);
      for (const path of ['/api/tasks', '/metrics']) {
        await delay(PAUSE_MS);
        times[path].push(await request(new URL(path, url)));
      }
      await delay(PAUSE_MS);
    }
  } finally {
    await browser.close();
  }
  return times;
}

function report(times) {
  console.log(`${TASKS} tasks, ${TASKS * FILES_OF_EACH} files, ${ROUNDS} rounds`);
  for (const [name, values] of Object.entries(times)) {
    const sorted = values.toSorted((a, b) => a - b);
    const median = `${Math.round(sorted[Math.floor(ROUNDS / 2)])} ms`;
    const limit = LIMITS[name] === undefined ? '' : `, wanted under ${LIMITS[name]} ms`;
    console.log(
      `${name.padEnd(24)} median ${median}, slowest ${Math.round(sorted.at(-1))} ms${limit}`,
    );
  }
}

const stack = await startStack();
try {
  await prepareStack(stack);
  const access = { postgresql: { connectionString: await fill(stack.postgres.url) } };
  const monitor = await startMonitor(access, { port: 0 });
  try {
    report(await measure(monitor.url));
  } finally {
    await monitor.close();
  }
} finally {
  await stack.stop();
}
