import { CommanderError } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { reportError, reportUsage } from '../../../src/cli/report-error.ts';
import { RelytError } from '../../../src/errors.ts';
import { CapturedStream, capturedTerminal } from './captured-terminal.ts';

const ERROR = new RelytError('TABLE_NOT_FOUND', 'the table public.t does not exist', {
  details: { table: 'public.t', processId: 'p-1' },
  hint: 'Create it.',
});

afterEach(() => vi.unstubAllEnvs());

describe('an error', () => {
  test('is lines on stderr', () => {
    const { terminal, out, err } = capturedTerminal();
    expect(reportError(terminal, ERROR, { json: false })).toBe(1);
    expect(out.text).toBe('');
    expect(err.text).toBe(
      'relyt: the table public.t does not exist\n  hint: Create it.\n  code: TABLE_NOT_FOUND\n  task: p-1\n',
    );
  });

  test('is one JSON object on stdout', () => {
    const { terminal, out, err } = capturedTerminal();
    expect(reportError(terminal, ERROR, { json: true, also: { skipRecords: 3 } })).toBe(1);
    expect(err.text).toBe('');
    expect(JSON.parse(out.text)).toEqual({
      ok: false,
      code: 'TABLE_NOT_FOUND',
      message: 'the table public.t does not exist',
      hint: 'Create it.',
      details: { table: 'public.t', processId: 'p-1' },
      processId: 'p-1',
      skipRecords: 3,
    });
  });

  test('of any other kind is a fault of the package', () => {
    const { terminal, err } = capturedTerminal();
    expect(reportError(terminal, new TypeError('x is not a function'), { json: false })).toBe(1);
    expect(err.text).toContain('code: INTERNAL');
  });

  test('G7: hides the password of a URL, in the stack, too', () => {
    vi.stubEnv('RELYT_DEBUG', '1');
    const { terminal, err } = capturedTerminal();
    const cause = new Error('no such file: postgres://u:s%40cret:x@h/db');
    const error = new RelytError('CONFIG_INVALID', 'The input postgres://u:secret@h/db is none.', {
      hint: 'Not postgres://u:secret@h/db.',
      cause,
    });
    expect(reportError(terminal, error, { json: false })).toBe(2);
    expect(err.text).not.toMatch(/secret|s%40cret/);
    expect(err.text).toContain('postgres://u:…@h/db');
    expect(err.text).toMatch(/caused by: Error: no such file[\s\S]* at /);
  });
});

describe('wrong usage', () => {
  function usage(message: string, code = 'commander.unknownOption', exitCode = 1) {
    const { terminal, err } = capturedTerminal();
    const exit = reportUsage(terminal, new CommanderError(exitCode, code, message), {
      json: false,
    });
    return { exit, text: err.text };
  }

  test('has the suggestion for a hint', () => {
    expect(usage("error: unknown option '--tabel'\n(Did you mean --table?)")).toEqual({
      exit: 2,
      text: "relyt: unknown option '--tabel'\n  hint: Did you mean --table?\n  code: CONFIG_INVALID\n",
    });
  });

  test('G7: does not repeat the value of an option it does not know', () => {
    expect(usage("error: unknown option '--s3-secret=abc=def'").text).not.toContain('abc');
  });

  test('help and version are no errors; no command at all is', () => {
    expect(usage('(outputHelp)', 'commander.helpDisplayed', 0)).toEqual({ exit: 0, text: '' });
    expect(usage('(outputHelp)', 'commander.help')).toEqual({ exit: 2, text: '' });
  });
});

test('a stream that breaks does not throw', () => {
  const broken = new CapturedStream();
  const { terminal } = capturedTerminal({ out: broken });
  broken.fail(new Error('EPIPE'));
  expect(() => terminal.print('x')).not.toThrow();
});
