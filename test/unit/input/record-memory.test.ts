import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../support/build.ts';
import { SHAPES } from '../../support/record-shapes.mjs';

const CHILD = fileURLToPath(new URL('../../support/record-memory-child.mjs', import.meta.url));
const MIB = 1024 * 1024;
const RECORD_BYTES = 32 * MIB;
const SMALL_BYTES = 64 * 1024;
const TIMEOUT_MS = 120_000;
/** One of each kind; RELYT_TEST_FULL=1 takes all. */
const SOME = [
  'CSV: quotes',
  'NDJSON: escaped quotes',
  'NDJSON: array of integers',
  'insert: Buffer',
  'insert: jsonb array',
];
const ALL = process.env.RELYT_TEST_FULL === '1';
const names = ALL ? Object.keys(SHAPES) : SOME;

/** What becomes longer as CSV does not in a binary file, so half of them are enough there. */
const CASES = [
  ...names.map((shape) => ({ shape, layout: 'csv' as const })),
  ...names
    .filter((_, n) => ALL || n % 2 === 0)
    .map((shape) => ({ shape, layout: 'binary' as const })),
];

interface Outcome {
  /** Bytes of rows. */
  readonly staged: number;
  readonly refused?: string;
  readonly peakBytes: number;
}

interface Records {
  readonly shape: string;
  readonly layout: 'csv' | 'binary';
  /** Of one record. */
  readonly bytes: number;
  readonly times: number;
}

function load(records: Records, options: readonly string[] = []): Outcome {
  const args = [...options, CHILD, JSON.stringify(records)];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  return JSON.parse(stdout);
}

beforeAll(async () => {
  await ensureBuilt();
}, TIMEOUT_MS);

describe('one record costs at most six times its size in memory (G5)', () => {
  it.each(CASES)('$shape, $layout', { timeout: 2 * TIMEOUT_MS }, ({ shape, layout }) => {
    // As many bytes in small records: part buffers and the heap for what lives shortly are as large then.
    const small = load({ shape, layout, bytes: SMALL_BYTES, times: RECORD_BYTES / SMALL_BYTES });
    const one = load({ shape, layout, bytes: RECORD_BYTES, times: 1 });
    const refused = SHAPES[shape]?.refused === true;
    expect(one.staged > 0).toBe(!refused);
    expect(one.refused !== undefined).toBe(refused);
    expect((one.peakBytes - small.peakBytes) / RECORD_BYTES).toBeLessThan(6);
  });

  it.each(SOME.slice(0, 2))('%s of 24 MB in a heap of 512 MB', { timeout: TIMEOUT_MS }, (shape) => {
    const { staged, refused } = load({ shape, layout: 'csv', bytes: 24 * MIB, times: 1 }, [
      '--max-old-space-size=512',
    ]);
    expect(staged > 0 || refused !== undefined).toBe(true);
  });
});
