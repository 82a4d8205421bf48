import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { plainLine } from '../../../../src/cli/line.ts';
import type { FileLoad, LoadOutcome } from '../../../../src/cli/load/file-load.ts';
import { ProgressReport, progressLine } from '../../../../src/cli/load/progress-report.ts';
import { interruptedError, summaryJson, summaryLines } from '../../../../src/cli/load/summary.ts';
import { RelytError } from '../../../../src/errors.ts';
import type { Progress } from '../../../../src/events.ts';
import { CapturedStream, capturedTerminal } from '../captured-terminal.ts';

const PROGRESS: Progress = {
  received: 1_234_567,
  rejected: 2,
  imported: 1_000_000,
  encodedBytes: 4096,
  filesCreated: 13,
  filesFrozen: 12,
  filesImported: 10,
  rows: { inserted: 999_990, updated: 4, skipped: 3, superseded: 2, rejected: 1 },
  elapsedSeconds: 10,
};

function outcome(progress: Partial<Progress> = {}, inputBytes = 3 * 1024 * 1024): LoadOutcome {
  return {
    processId: 'p-1',
    table: 'public.t',
    input: 'data.csv',
    progress: { ...PROGRESS, ...progress },
    inputBytes,
    recordsDone: 5,
    complete: true,
    goOn: 'relyt resume p-1',
  };
}

/** As much of a FileLoad as a report looks at. */
function fakeLoad(input: { bytesRead: number; totalBytes: number | undefined }, tolerated = 9) {
  const processor = Object.assign(new EventEmitter(), { progress: () => PROGRESS });
  return { processor, load: { processor, input, tolerated } as unknown as FileLoad };
}

describe('the summary', () => {
  test('accounts for every record', () => {
    expect(summaryLines(outcome()).map(plainLine)).toEqual([
      'Loaded 1,000,000 records (3.0 MiB) from data.csv into public.t.',
      '  rows      999,990 inserted, 4 updated, 3 skipped, 2 superseded by a later record',
      '  rejected  2; relyt errors p-1 shows them',
      '  time      10.0 s, 100,000 records a second',
      '  task      p-1, 10 files',
    ]);
    expect(summaryLines(outcome({ rejected: 0 }))).toContain('  rejected  none');
    expect(summaryJson(outcome())).toMatchObject({
      ok: true,
      records: 1_234_567,
      rows: PROGRESS.rows,
    });
  });

  test('of nothing says why', () => {
    const nothing = { received: 0, imported: 0 };
    expect(summaryLines(outcome(nothing, 0))).toEqual([
      'Loaded 0 records from data.csv into public.t: the input is empty.',
    ]);
    expect(summaryLines(outcome(nothing, 10))[0]).toMatch(/: the input has none \(left\)\.$/);
  });

  test('of an interrupted load says how to go on', () => {
    const error = interruptedError('SIGINT', outcome());
    expect(error.code).toBe('ABORTED');
    expect(error.message).toContain('the first 5 records');
    expect(error.hint).toMatch(/^To continue: relyt resume p-1\. .*--skip-records 5\.$/);
  });
});

describe('the progress line', () => {
  test('has the share of the input when its size is known', () => {
    const line = 'files 10 of 13 imported  2 rejected';
    const from = { bytesRead: 256, elapsedSeconds: 8 };
    // A quarter in two seconds, half is left.
    expect(plainLine(progressLine(fakeLoad({ bytesRead: 512, totalBytes: 1024 }).load, from))).toBe(
      `50 %  1,234,567 records  512 bytes  123,457/s  ${line}  4.0 s left`,
    );
    const unknown = fakeLoad({ bytesRead: 512, totalBytes: undefined });
    expect(plainLine(progressLine(unknown.load, from))).toBe(
      `1,234,567 records  512 bytes  123,457/s  ${line}`,
    );
  });
});

describe('the report', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('writes one line over and over on a terminal, five times a second', () => {
    const { terminal, out, err } = capturedTerminal({ err: new CapturedStream(true) });
    {
      using _report = new ProgressReport(
        terminal,
        fakeLoad({ bytesRead: 1, totalBytes: 1024 }).load,
        { tellsRejects: true },
      );
      vi.advanceTimersByTime(1000);
    }
    const written = err.text.split('\r\u001b[2K');
    expect(written).toHaveLength(7);
    expect(written[1]).toMatch(/^0 % {2}1,234,567 records/);
    expect(written.every((line) => line.length < 60 && !line.includes('\n'))).toBe(true);
    expect(err.text.endsWith('\r\u001b[2K')).toBe(true);
    expect(out.text).toBe('');
    vi.advanceTimersByTime(1000);
    expect(err.text.split('\r\u001b[2K')).toHaveLength(7);
  });

  test('writes a plain line every five seconds into a log', () => {
    const { terminal, err } = capturedTerminal();
    using _report = new ProgressReport(terminal, fakeLoad({ bytesRead: 1, totalBytes: 2 }).load, {
      tellsRejects: true,
    });
    vi.advanceTimersByTime(4999);
    expect(err.text).toBe('');
    vi.advanceTimersByTime(5001);
    expect(err.text.split('\n')).toHaveLength(3);
    expect(err.text).not.toContain('\r');
  });

  test('shows the first five rejected records', () => {
    const { terminal, err } = capturedTerminal();
    const { processor, load } = fakeLoad({ bytesRead: 1, totalBytes: 2 });
    using _report = new ProgressReport(terminal, load, { tellsRejects: true });
    for (let record = 1; record <= 7; record++) {
      const error = new RelytError('RECORD_INVALID', `Record ${record} is bad.`);
      processor.emit('recordRejected', { record, error });
    }
    expect(err.text.trimEnd().split('\n')).toEqual([
      ...[1, 2, 3, 4].map((n) => `rejected: Record ${n} is bad.`),
      'rejected: Record 5 is bad. (further ones are not shown)',
    ]);
  });

  test('leaves the one that ends the load to the error, when none is tolerated', () => {
    const { terminal, err } = capturedTerminal();
    const { processor, load } = fakeLoad({ bytesRead: 1, totalBytes: 2 }, 0);
    using _report = new ProgressReport(terminal, load, { tellsRejects: true });
    processor.emit('recordRejected', { record: 1, error: new RelytError('RECORD_INVALID', 'x') });
    expect(err.text).toBe('');
  });
});
