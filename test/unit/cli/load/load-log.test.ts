import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LoadLog } from '../../../../src/cli/load/load-log.ts';
import { asksForJsonLog, logOf } from '../../../../src/cli/load/log-flags.ts';
import { reportError } from '../../../../src/cli/report-error.ts';
import { keepSecret } from '../../../../src/core/redaction.ts';
import { RelytError } from '../../../../src/errors.ts';
import { CapturedStream, capturedTerminal } from '../captured-terminal.ts';

const NOW = '2026-02-03T04:05:06.789Z';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(NOW) });
  return () => vi.useRealTimers();
});
afterEach(() => vi.unstubAllEnvs());

test('JSON is one object a line, with the time in UTC, whatever stands in it', () => {
  const { terminal, out, err } = capturedTerminal();
  const log = new LoadLog(terminal, { format: 'json', level: 'info' });
  log.info({ processId: 'p-1', n: 1 }, 'first');
  log.warn({ text: 'a\nb\u001b[31m\u2028' }, 'sec\nond');

  const lines = err.text.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { time: NOW, level: 'info', msg: 'first', processId: 'p-1', n: 1 },
    { time: NOW, level: 'warn', msg: 'sec\nond', text: 'a\nb\u001b[31m\u2028' },
  ]);
  expect(err.text).not.toContain('\u001b');
  expect(out.text).toBe('');
});

test('text is a line for people, which takes the place of the progress', () => {
  const { terminal, err } = capturedTerminal({ err: new CapturedStream(true) });
  const log = new LoadLog(terminal, { format: 'text', level: 'info' });
  const error = new RelytError('S3_UNREACHABLE', 'no answer', { hint: 'Wait.' });
  log.warn({ processId: 'p-1', counts: { inserted: 3 }, none: undefined, err: error }, 'it failed');

  expect(err.text).toBe(
    `\r\u001b[2K${NOW} WARN  it failed processId=p-1 counts={"inserted":3} none=null [S3_UNREACHABLE] no answer (hint: Wait.)\n`,
  );
});

test('lines below the level are left out', () => {
  const { terminal, err } = capturedTerminal();
  const log = new LoadLog(terminal, { format: 'json', level: 'error' });
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)
    log[level]({}, level);

  expect(err.text.match(/"msg":"\w+"/g)).toEqual(['"msg":"error"', '"msg":"fatal"']);
});

test.each(['json', 'text'] as const)('%s shows no secret (G7)', (format) => {
  keepSecret('a-secret-of-a-line');
  const { terminal, err } = capturedTerminal();
  new LoadLog(terminal, { format, level: 'info' }).info({ key: 'a-secret-of-a-line' }, 'x');

  expect(err.text).not.toContain('a-secret');
});

describe('flags', () => {
  const { terminal } = capturedTerminal();

  test('none means no log', () => {
    expect(logOf({}, terminal)).toBeUndefined();
  });

  test.each([
    [{ logFormat: 'json' }, true, ['info']],
    [{ logLevel: 'warn' }, false, []],
    [{ verbose: true }, false, ['debug', 'info']],
    [{ verbose: true, logFormat: 'json' }, true, ['debug', 'info']],
  ] as const)('%j', (flags, isJson, shown) => {
    const captured = capturedTerminal();
    const log = logOf(flags, captured.terminal);
    for (const level of ['trace', 'debug', 'info'] as const) log?.[level]({}, `a ${level} line`);

    expect(log?.isJson).toBe(isJson);
    expect(captured.err.text.match(/(?<=a )\w+(?= line)/g) ?? []).toEqual(shown);
  });

  test.each([
    [['load', '--log-format', 'json'], true],
    [['load', '--log-format=json'], true],
    [['load', '--log-format', 'text'], false],
    [['load', 'json'], false],
  ])('%j asks for JSON alone: %s', (args, asks) => {
    expect(asksForJsonLog(args)).toBe(asks);
  });
});

test('an error ends a JSON log as its last line', () => {
  vi.stubEnv('RELYT_DEBUG', '1');
  const { terminal, out, err } = capturedTerminal();
  const error = new RelytError('TABLE_NOT_FOUND', 'there is no table t', { hint: 'Create it.' });

  expect(reportError(terminal, error, { json: false, logsJson: true })).toBe(1);
  expect(JSON.parse(err.text)).toMatchObject({
    time: NOW,
    level: 'fatal',
    msg: 'there is no table t',
    err: { code: 'TABLE_NOT_FOUND', message: 'there is no table t', hint: 'Create it.' },
  });
  expect(out.text).toBe('');
});
