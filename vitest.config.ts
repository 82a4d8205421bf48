import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** What comes is waited for, however busy the machine is. */
const SLOW_MACHINES = { poll: { timeout: 60_000 } };

/** Of tests against PostgreSQL. They wait for servers half of the time, so even two cores take more than one file at once. */
const ON_SERVERS = {
  globalSetup: ['test/support/global-stack.ts'],
  maxWorkers: 3,
  expect: SLOW_MACHINES,
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

// Six projects by cost: `unit` needs nothing, `conformance` needs an S3 server of ours, `integration` needs a real
// PostgreSQL as well (started once by its global set-up), `crash` also kills and stops processes and servers. Its tests
// mostly wait, for leases to run out, so those of one file run side by side. `versions` has every guarantee once, on older
// servers. `storm` runs random schedules, many at once in each of two processes.
export default defineConfig({
  esbuild: { target: 'es2022' },
  // Its sources: tests need no build of it, and coverage and breakpoints are where the code is.
  resolve: {
    alias: [
      {
        find: /^relyt-dev$/,
        replacement: fileURLToPath(new URL('dev/src/index.ts', import.meta.url)),
      },
    ],
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'dev/test/unit/**/*.test.ts'],
          // Many short files: a thread starts sooner than a process.
          pool: 'threads',
          maxWorkers: '100%',
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          maxWorkers: 3,
          sequence: { groupOrder: 5 },
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          ...ON_SERVERS,
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'dev/test/integration/**/*.test.ts'],
          // A worker runs one file after the other: to start a process and load the sources anew takes half a second of CPU.
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...ON_SERVERS,
          name: 'versions',
          include: [
            'test/versions/**/*.test.ts',
            'test/integration/records/binary-forms.test.ts',
            'test/integration/trust/all-settings.test.ts',
          ],
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          ...ON_SERVERS,
          name: 'crash',
          include: ['test/crash/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'storm',
          include: ['test/storm/**/*.test.ts'],
          setupFiles: ['test/storm/setup.ts'],
          maxWorkers: 2,
          globalSetup: ['test/support/global-stack.ts'],
          sequence: { groupOrder: 3 },
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
