// Colour only where it is wanted: each stream for itself, and never in what a program reads.

import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainLine, shownLine, type Tone, toned } from '../../../src/cli/line.ts';
import { LoadLog } from '../../../src/cli/load/load-log.ts';
import { summaryLines } from '../../../src/cli/load/summary.ts';
import { reportError } from '../../../src/cli/report-error.ts';
import { wantsColours } from '../../../src/cli/wants-colours.ts';
import { RelytError } from '../../../src/errors.ts';
import { CapturedStream, capturedTerminal } from './captured-terminal.ts';

const ESCAPE = '\u001b';
const RED = `${ESCAPE}[31m`;
const ERROR = new RelytError('TABLE_NOT_FOUND', 'There is no table.', { hint: 'Create it.' });

describe('a stream', () => {
  test.each([
    { env: {}, terminal: true, pipe: false },
    { env: { TERM: 'xterm-256color' }, terminal: true, pipe: false },
    { env: { TERM: 'dumb' }, terminal: false, pipe: false },
    { env: { NO_COLOR: '1' }, terminal: false, pipe: false },
    { env: { NO_COLOR: '' }, terminal: true, pipe: false },
    { env: { FORCE_COLOR: '1' }, terminal: true, pipe: true },
    { env: { FORCE_COLOR: '3', TERM: 'dumb' }, terminal: true, pipe: true },
    { env: { FORCE_COLOR: '' }, terminal: true, pipe: false },
    { env: { FORCE_COLOR: '0' }, terminal: false, pipe: false },
    { env: { FORCE_COLOR: 'false' }, terminal: false, pipe: false },
    { env: { NO_COLOR: '1', FORCE_COLOR: '1' }, terminal: false, pipe: false },
  ])('with $env: a terminal $terminal, a pipe $pipe', ({ env, terminal, pipe }) => {
    expect(wantsColours(true, env)).toBe(terminal);
    expect(wantsColours(false, env)).toBe(pipe);
  });

  test('is judged for itself: `relyt … | less` colours the errors only', () => {
    const { terminal, out, err } = capturedTerminal({ err: new CapturedStream(true), env: {} });
    const line = [toned('bad', 'failed')];
    terminal.print(line);
    terminal.note(line);
    expect(out.text).toBe('failed\n');
    expect(err.text).toBe(`${RED}failed${ESCAPE}[39m\n`);
  });

  test('gets no colour in JSON, scripts, records and lines of a JSON log', async () => {
    const { terminal, out, err } = capturedTerminal({ env: { FORCE_COLOR: '1' } });
    reportError(terminal, ERROR, { json: true });
    reportError(terminal, ERROR, { json: false, logsJson: true });
    new LoadLog(terminal, { format: 'json', level: 'info' }).error({ err: ERROR }, 'it failed');
    terminal.printScript('select 1');
    await terminal.printRecords(['1,x']);
    expect(out.text + err.text).toContain('TABLE_NOT_FOUND');
    expect(out.text + err.text).not.toContain(ESCAPE);
  });
});

describe('a line', () => {
  const tones = fc.constantFrom<Tone>('good', 'caution', 'bad', 'advice', 'aside');
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.record({ tone: tones, text: fc.string({ unit: 'binary' }) }),
  );

  test('G7: has no control character but those of its colours, and says the same without them', () => {
    fc.assert(
      fc.property(fc.array(part), fc.nat({ max: 40 }), (line, width) => {
        const plain = shownLine(line, { colours: false, width });
        expect(plain).toBe(plainLine(line).slice(0, width));
        const coloured = shownLine(line, { colours: true, width });
        expect(stripVTControlCharacters(coloured)).toBe(plain);
        expect(plain).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  test('of progress is cut where the terminal ends, its colours are not', () => {
    const { terminal, err } = capturedTerminal({ err: new CapturedStream(true), env: {} });
    terminal.progress(['x'.repeat(50), toned('caution', 'y'.repeat(50)), 'z']);
    const [, shown = ''] = err.text.split('\r\u001b[2K');
    expect(stripVTControlCharacters(shown)).toBe(`${'x'.repeat(50)}${'y'.repeat(9)}`);
    expect(shown.endsWith(`${ESCAPE}[39m`)).toBe(true);
  });
});

describe('colours', () => {
  test('show the head, hint and code of an error', () => {
    const { terminal, err } = capturedTerminal({ err: new CapturedStream(true), env: {} });
    reportError(terminal, ERROR, { json: false });
    expect(err.text).toContain(`${RED}relyt:${ESCAPE}[39m There is no table.\n`);
    expect(err.text).toContain(`  ${ESCAPE}[36mhint:${ESCAPE}[39m Create it.\n`);
    expect(err.text).toContain(`  code: ${RED}TABLE_NOT_FOUND${ESCAPE}[39m\n`);
  });

  test('show what was rejected, and the level of a line of the log', () => {
    const rows = { inserted: 1, updated: 0, skipped: 0, superseded: 0, rejected: 1 };
    const progress = { received: 2, imported: 1, rejected: 1, filesImported: 1, rows };
    const lines = summaryLines({
      processId: 'p-1',
      table: 'public.t',
      input: 'a.csv',
      inputBytes: 9,
      progress: {
        ...progress,
        encodedBytes: 9,
        filesCreated: 1,
        filesFrozen: 1,
        elapsedSeconds: 1,
      },
      recordsDone: 2,
      complete: true,
      goOn: 'relyt resume p-1',
    });
    const shown = lines.map((line) => shownLine(line, { colours: true }));
    expect(shown[0]).toContain(`${ESCAPE}[32mLoaded 1 record${ESCAPE}[39m`);
    expect(shown[2]).toContain(`${ESCAPE}[33m1${ESCAPE}[39m; relyt errors`);

    const { terminal, err } = capturedTerminal({ err: new CapturedStream(true), env: {} });
    new LoadLog(terminal, { format: 'text', level: 'info' }).error({}, 'it failed');
    expect(err.text).toContain(`${RED}ERROR${ESCAPE}[39m it failed`);
  });
});
