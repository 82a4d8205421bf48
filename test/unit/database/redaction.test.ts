// G7: every known shape of a leak, through everything that turns a failure into what somebody sees or what is kept.

import { inspect } from 'node:util';
import { DatabaseError } from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { reportError } from '../../../src/cli/report-error.ts';
import { resolveConfig } from '../../../src/config/load-schema.ts';
import { keepSecret } from '../../../src/core/redaction.ts';
import { asRelytError } from '../../../src/core/task-failure.ts';
import { databaseError } from '../../../src/database/database-error.ts';
import { failFiles } from '../../../src/database/statements/file.ts';
import { insertRejects } from '../../../src/database/statements/reject.ts';
import { setTaskStatus } from '../../../src/database/statements/task.ts';
import { awsS3Failure } from '../../../src/engines/aws-s3-failure.ts';
import { gpcloudFailure } from '../../../src/engines/gpcloud-failure.ts';
import { RelytError } from '../../../src/errors.ts';
import type { ImportTarget } from '../../../src/importing/import-attempt.ts';
import {
  importFailure,
  refusedRecord,
  tooManyRefused,
} from '../../../src/importing/import-failure.ts';
import { s3Error } from '../../../src/staging/s3-errors.ts';
import { rejectLimitError } from '../../../src/task/rejection.ts';
import { SafeEmitter } from '../../../src/task/safe-emitter.ts';
import { capturedTerminal } from '../cli/captured-terminal.ts';
import { READING, targetColumn, targetTable } from '../records/target-fixture.ts';
import { LEAK_SHAPES, PASSWORD, SECRET } from './leak-shapes.ts';

const writer = { processId: 'p', epoch: 1, owner: 'o' };
const columns = [targetColumn('id', 'int4')];
const target: ImportTarget = {
  writer,
  table: targetTable(columns),
  columns,
  mode: 'insert',
  reading: READING,
};

/** What a server sends, with the text in every field that can hold one. */
function serverError(text: string, code: string, message = text): DatabaseError {
  const error = new DatabaseError(message, message.length, 'error');
  const fields = { code, detail: text, hint: text, where: text, internalQuery: text, column: 'id' };
  return Object.assign(error, fields, { stack: `error: ${text}\n    at parser.js:1:2` });
}

/** What the AWS SDK throws, with the request and the answer on it. */
function sdkError(text: string): Error {
  const request = { headers: { authorization: text }, path: text };
  const $response = { body: text, request };
  return Object.assign(new Error(text), {
    name: 'SignatureDoesNotMatch',
    $metadata: { httpStatusCode: 403, requestId: 'r-1' },
    $response,
    StringToSign: text,
    SignatureProvided: text,
  });
}

function eventsOf(error: RelytError): unknown[] {
  const seen: unknown[] = [];
  const emitter = new SafeEmitter();
  emitter.on('failed', (failed) => seen.push(failed));
  emitter.on('warning', (warning) => seen.push(warning));
  emitter.on('recordRejected', (event) => seen.push(event, event.error));
  emitter.report('failed', error);
  emitter.report('warning', error);
  emitter.report('recordRejected', { record: 1, error });
  return seen;
}

/** The lines of a command that failed, and its JSON. */
function commandOutput(error: unknown): string[] {
  vi.stubEnv('RELYT_DEBUG', '1');
  return [false, true].map((json) => {
    const { terminal, out, err } = capturedTerminal();
    reportError(terminal, error, { json });
    return out.text + err.text;
  });
}

const careless = (text: string) =>
  new RelytError('INTERNAL', text, {
    hint: text,
    details: { got: text, table: text },
    cause: new Error(text, {
      cause: Object.assign(new Error('inner'), { request: { url: text } }),
    }),
  });

/** Everything that makes an error, an event, a row or a line of a message that came from outside. */
const PATHS: readonly (readonly [string, (text: string) => unknown])[] = [
  ['an error of the server', (text) => databaseError(serverError(text, '42601'), 'do it')],
  ['one of the connection', (text) => databaseError(new Error(text), 'connect')],
  ['one that was a text', (text) => databaseError(text, 'connect')],
  ['an error of S3', (text) => s3Error(sdkError(text), s3Request)],
  [
    'a transport error',
    (text) => s3Error(Object.assign(new Error(text), { code: 'EPIPE' }), s3Request),
  ],
  [
    'a failed scan of an external table',
    (text) => gpcloudFailure(serverError(text, 'XX000', `s3_import caught a X exception: ${text}`)),
  ],
  [
    'a failed call of aws_s3',
    (text) => {
      const error = serverError(text, '08000', `HTTP 403. ${text}`);
      return awsS3Failure(error, { key: 'k', secrets: [] });
    },
  ],
  [
    'a failed import',
    (text) =>
      importFailure({ failure: serverError(text, '22P02'), refusal: undefined }, [], target),
  ],
  [
    'a record the database refused',
    (text) => refusedRecord({ record: 1, code: '22P02', column: null, reason: text }, target),
  ],
  [
    'the first of too many',
    (text) => {
      const detail = JSON.stringify({ record: 1, code: '23514', column: 'id', reason: text });
      const failure = Object.assign(new Error(text), { code: 'RL001', detail });
      return tooManyRefused({ failure }, 1, target);
    },
  ],
  ['a fault of the program', (text) => asRelytError(new TypeError(text, { cause: text }))],
  ['something that is no error', (text) => asRelytError({ url: text })],
  ['an error of ours made carelessly', (text) => asRelytError(careless(text))],
  ['the limit of rejected records', (text) => asRelytError(rejectLimitError(careless(text), 3))],
  ['events', (text) => eventsOf(careless(text))],
  ['the warning of a listener that throws', listenerWarning],
  ['the row of a failed file', (text) => failFiles(writer, [1], text)],
  ['the row of a failed task', (text) => setTaskStatus(writer, 'FAILED', text)],
  [
    'the reason of a rejected record',
    (reason) => {
      const rest = { ordinal: 1, position: null, line: null, column: null, record: null } as const;
      return insertRejects('p', [{ ...rest, stage: 'encode', code: 'RECORD_INVALID', reason }]);
    },
  ],
  ['the output of a command', (text) => commandOutput(careless(text))],
  ['the output of a command, of a stranger', (text) => commandOutput(new Error(text))],
];

const s3Request = { operation: 'GetObject', location: 's3://b at https://s3.example', secrets: [] };

function listenerWarning(text: string): string {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const emitter = new SafeEmitter();
  emitter.on('warning', () => {
    throw new Error(text);
  });
  emitter.report('warning', new RelytError('INTERNAL', 'x'));
  expect(warn).toHaveBeenCalledOnce();
  return JSON.stringify(warn.mock.calls);
}

/** However somebody prints it, its causes and hidden properties included. */
function everythingOf(shown: unknown): string {
  const chain = shown instanceof Error ? [shown.stack, everythingOf(shown.cause)] : [];
  const printed = inspect(shown, {
    depth: 10,
    showHidden: true,
    maxStringLength: null,
    breakLength: Number.POSITIVE_INFINITY,
  });
  return [printed, JSON.stringify(shown), String(shown), ...chain].join('\n');
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe.each(PATHS)('no secret is in %s (G7)', (_, path) => {
  test.each(LEAK_SHAPES)('$shape', ({ text, hidden }) => {
    const shown = everythingOf(path(`before ${text} after`));
    expect(shown.length).toBeGreaterThan(5);
    for (const secret of hidden) {
      expect(shown).not.toContain(secret);
      // As a message stands in a printed object or in JSON.
      expect(shown).not.toContain(JSON.stringify(secret).slice(1, -1));
    }
    expect(shown).not.toMatch(/X-Amz-(Signature|Credential|Security-Token)=[^…]/i);
  });

  test('a secret the task knows, as bare text', () => {
    const known = 'aVery/Secret+Key"of\'the\\Task==';
    keepSecret(known);
    const spelled = [known, encodeURIComponent(known), known.replaceAll("'", "''")];
    const shown = everythingOf(path(`before ${spelled.join(' ')} after`));
    for (const secret of spelled) expect(shown).not.toContain(secret);
    expect(shown).not.toMatch(/Secret\+Key|Secret%2BKey/);
  });
});

describe('a configuration that is wrong (G7)', () => {
  test.each([
    [{ postgresql: { connectionString: `mysql://u:${PASSWORD}@h/db`, table: 't' } }],
    [{ postgresql: { table: 't', password: { is: PASSWORD } } }],
    [{ postgresql: { table: 't' }, s3: { secretKey: [SECRET] } }],
    [{ postgresql: { table: 't' }, s3: { secretKey: '', sessionToken: { a: SECRET } } }],
    [{ postgresql: { table: 't' }, [`password=${PASSWORD}`]: 1 }],
    [{ postgresql: { table: 't' }, s3: `secret=${SECRET}` }],
  ])('is not quoted: case %#', (config) => {
    let failure: unknown;
    try {
      resolveConfig(config as never);
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({ code: 'CONFIG_INVALID' });
    const shown = everythingOf(failure) + commandOutput(failure).join('\n');
    expect(shown).not.toContain(PASSWORD);
    expect(shown).not.toContain(SECRET);
  });
});
