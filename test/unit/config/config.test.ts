import { describe, expect, test } from 'vitest';
import { resolveAccess, s3Schema } from '../../../src/config/access-schema.ts';
import type { BulkProcessorConfig } from '../../../src/config/load-config.ts';
import { configSchema, resolveConfig } from '../../../src/config/load-schema.ts';
import { ownOptions } from '../../../src/database/connecting/given-options.ts';
import { RelytError } from '../../../src/errors.ts';

const MIB = 1024 * 1024;
const smallest: BulkProcessorConfig = { postgresql: { table: 't' } };

/** The message a configuration is refused with. */
function refusal(config: unknown): string {
  try {
    resolveConfig(config as BulkProcessorConfig);
  } catch (error) {
    expect(error).toBeInstanceOf(RelytError);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    return (error as RelytError).message;
  }
  throw new Error('was not refused');
}

describe('the configuration', () => {
  test('needs nothing but a table', () => {
    expect(resolveConfig(smallest)).toEqual({
      postgresql: { schema: 'public', table: 't' },
      s3: {},
      engine: 'auto',
      greenplum: {},
      awsS3: {},
      onConflict: 'update',
      batchSize: 100_000,
      maxFileBytes: 256 * MIB,
      fileWriteTimeoutSeconds: 6,
      batchImportSize: 10,
      concurrency: 1,
      maxErrorRecords: 0,
      compression: 'none',
      layout: 'auto',
      bufferBytes: 64 * MIB,
      leaseSeconds: 30,
      cleanup: 'on-success',
    });
  });

  test.each([
    ['no table', { postgresql: {} }, /postgresql\.table/],
    ['nothing at all', undefined, /config: /],
    [
      'a misspelt setting',
      { ...smallest, batchsize: 5 },
      /config: there is no setting "batchsize" \(did you mean "batchSize"\?\)\.$/,
    ],
    [
      'misspelt settings inside',
      { ...smallest, s3: { acces_key: 'x', elsewhere: 1 } },
      /s3: there is no setting "acces_key" \(did you mean "accessKey"\?\), "elsewhere"\.$/,
    ],
    [
      'a misspelt setting of the connection',
      { postgresql: { tabel: 't', table: 't' } },
      /postgresql: there is no setting "tabel" \(did you mean "table"\?\)\.$/,
    ],
    ['no records a file', { ...smallest, batchSize: 0 }, /batchSize: .*1/],
    ['half a record', { ...smallest, batchSize: 1.5 }, /batchSize: .*int/],
    ['no concurrency', { ...smallest, concurrency: 0 }, /concurrency/],
    ['a number as text', { ...smallest, maxErrorRecords: '5' }, /maxErrorRecords: .*number/],
    ['NaN', { ...smallest, fileWriteTimeoutSeconds: Number.NaN }, /fileWriteTimeoutSeconds/],
    ['a mode that is none', { ...smallest, onConflict: 'replace' }, /onConflict: .*"update"/],
    ['parts below 5 MiB', { ...smallest, s3: { partSizeBytes: MIB } }, /s3\.partSizeBytes/],
    ['a port that is none', { postgresql: { table: 't', port: 70_000 } }, /postgresql\.port/],
    ['no columns', { ...smallest, columns: [] }, /columns/],
    ['a signal that is none', { ...smallest, signal: {} }, /signal: expected an AbortSignal/],
  ])('names what is wrong: %s', (_, config, message) => {
    expect(refusal(config)).toMatch(message);
  });

  test('names everything that is wrong at once', () => {
    const message = refusal({ postgresql: {}, batchSize: -1, compression: 'zip' });
    for (const name of ['postgresql.table', 'batchSize', 'compression'])
      expect(message).toContain(name);
  });

  test('quotes no value: it may be a secret (G7)', () => {
    const message = refusal({
      postgresql: { table: 't', connectionString: 'mysql://u:SECRET@h/d', password: 7_777_777 },
      s3: { secretKey: ['SECRET'], accessKey: { SECRET: 1 } },
    });
    expect(message).toContain(
      'postgresql.connectionString: The connection string is not postgres://',
    );
    expect(message).not.toMatch(/SECRET|7777777/);
  });
});

// A forgotten export must not lead to the database of the default (G8).
describe('a connection or access setting that is undefined', () => {
  const sections = { postgresql: configSchema.shape.postgresql, s3: s3Schema };
  const settings = Object.entries(sections).flatMap(([section, schema]) =>
    Object.keys(schema.shape).map((name) => [section, name] as const),
  );

  test.each([...settings, ['greenplum', 'config'], ['awsS3', 'endpointUrl']] as const)(
    'is refused by name: %s.%s',
    (section, name) => {
      const given = { ...smallest, [section]: { table: 't', [name]: undefined } };
      expect(refusal(given)).toContain(`${section}.${name} is undefined`);
    },
  );

  test('is refused in an object of settings', () => {
    const ssl = { rejectUnauthorized: true, ca: undefined };
    expect(refusal({ ...smallest, postgresql: { table: 't', ssl } })).toContain(
      'postgresql.ssl.ca is undefined',
    );
  });

  const whole = ['postgresql', 's3', 'loaderConfig', 'loaderConfigOwner', 'greenplum', 'awsS3'];
  test.each(whole)('is refused as a whole: %s', (section) => {
    expect(() => resolveAccess({ [section]: undefined })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(`${section} is undefined`),
        hint: expect.stringContaining('leave it out'),
      }),
    );
  });

  test.each([
    [{ postgresql: { connectionString: null } }, /postgresql\.connectionString/],
    [{ postgresql: { host: null } }, /postgresql\.host/],
    [{ s3: { bucket: null } }, /s3\.bucket/],
    [{ s3: null }, /s3/],
  ])('is refused when it is null: %j', (config, named) => {
    expect(() => resolveAccess(config as never)).toThrow(named);
  });
});

describe('the password of a connection', () => {
  test.each([
    ['a text', 'x'],
    ['a function', () => 'x'],
  ])('may be %s', (_, password) => {
    expect(resolveAccess({ postgresql: { password } }).postgresql.password).toBe(password);
  });
});

test('TLS is asked for in one place, not two', () => {
  const both = { connectionString: 'postgres://h?sslmode=require', ssl: true };
  expect(() => ownOptions(both)).toThrow(/ssl and sslmode/);
});
