// A process that loads given records with the built package, told by a JSON argument (`LoaderOrder`). It prints one
// JSON line for each thing that happens, and can kill or stop itself at a failpoint.

import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { givenRecords } from './given-records.mjs';

const order = JSON.parse(process.argv[2]);
/** The last position inserted. */
let reached = 0;
shiftClock(order.clock ?? []);
const { BulkProcessor } = await import(order.loader ?? '../../dist/armable/index.cjs');
const { armFailpoint } = await import(order.loader ?? '../../dist/armable/failpoints.cjs');

/** At once, so that the line is out before a signal ends or stops the process. */
function say(event, facts = {}) {
  writeSync(1, `${JSON.stringify({ event, ...facts })}\n`);
}

let hits = 0;
if (order.failpoint !== undefined) {
  const { name, hit, signal } = order.failpoint;
  armFailpoint(name, async () => {
    hits++;
    if (hits !== hit) return;
    say('failpoint', { name });
    process.kill(process.pid, signal);
    say('continued');
  });
}

/** Steps of the clock: once `fromPosition` is reached, Date is `byMs` ahead of the real one. */
function shiftClock(steps) {
  if (steps.length === 0) return;
  const RealDate = Date;
  const shifted = () => {
    const step = steps.findLast(({ fromPosition }) => fromPosition <= reached);
    return RealDate.now() + (step?.byMs ?? 0);
  };
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length === 0 ? [shifted()] : given));
    }
    static now() {
      return shifted();
    }
  };
}

async function open() {
  const { processId, config } = order;
  if (processId === undefined) return BulkProcessor.create(config);
  for (;;) {
    try {
      return await BulkProcessor.resume(processId, config);
    } catch (error) {
      // A killed process is taken for alive until its lease ran out.
      if (!order.waitForLease || !/still being written/.test(error.message)) throw error;
      await delay(100);
    }
  }
}

async function insertAll(processor) {
  const { shape, batch, until = shape.total, pauseMs = 0, flushEach = false, holdAt } = order;
  for (let at = processor.position ?? 0; at < until; at += batch) {
    const end = Math.min(at + batch, until);
    await processor.insert(givenRecords(shape, at, end), { position: end });
    if (flushEach) await processor.flush();
    reached = end;
    say('inserted', { position: end, date: new Date().toISOString() });
    if (pauseMs > 0) await delay(pauseMs);
    if (end === holdAt) await released();
  }
}

/** The parent ends the standard input to let it go on. */
async function released() {
  for await (const _ of process.stdin);
}

function sayFailure(error) {
  const { code = 'NOT_OURS', message, details, stack } = error;
  say('failed', { code, message, details, ...(code === 'NOT_OURS' ? { stack } : {}) });
  process.exitCode = 1;
}

let processor;
try {
  processor = await open();
  const { processId, position } = processor;
  processor.on('warning', (warning) => say('warning', { message: warning.message }));
  processor.on('imported', ({ importId, counts }) => say('imported', { importId, counts }));
  say('opened', { processId, position, received: processor.progress().received });
  await insertAll(processor);
  if (order.end === 'suspend') await processor.suspend('the order was to suspend');
  else await processor.shutdown();
  say('done', { progress: processor.progress() });
} catch (error) {
  sayFailure(error);
} finally {
  await processor?.abort().catch(sayFailure);
}
