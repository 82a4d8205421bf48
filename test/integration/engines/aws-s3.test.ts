import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { classifyError } from '../../../src/database/database-error.ts';
import type { RelytError } from '../../../src/errors.ts';
import {
  type AwsKeys,
  explainEverything,
  grantAwsS3,
  installAwsS3Emulation,
} from '../../support/aws-s3-emulation.ts';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import { createRole, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { failureOf } from '../../support/loading.ts';
import { S3Proxy } from '../../support/s3-proxy.ts';
import { testStack, watchLog } from '../../support/stack.ts';
import { awsS3Engine, OpenedFiles, stackKeys, stage } from './aws-s3-fixture.ts';

const prefix = uniquePrefix();
afterAll(() => deleteKeys(prefix));

const WRONG: AwsKeys = { ...stackKeys(), secretKey: 'not-the-secret/of+this=server' };

describe.each(testStack().servers)('the engine aws-s3 on $name', (server) => {
  let database: TestDatabase;
  let proxy: S3Proxy;
  let loader: OpenedFiles;
  let withoutRole: OpenedFiles;
  let other: TestDatabase;

  beforeAll(async () => {
    const { endpoint } = testStack().s3;
    proxy = await S3Proxy.start(endpoint);
    database = await createTestDatabase(server);
    other = await createTestDatabase(server);
    await installAwsS3Emulation(database, { endpoint, instanceRole: stackKeys() });
    await installAwsS3Emulation(other, { endpoint: proxy.endpoint });
    for (const each of [database, other]) {
      await each.query('create table target (id int, v text)');
    }
    loader = await OpenedFiles.connect(database.url, 'target');
    withoutRole = await OpenedFiles.connect(other.url, 'target');
  });
  afterAll(async () => {
    await loader[Symbol.asyncDispose]();
    await withoutRole[Symbol.asyncDispose]();
    await database.drop();
    await other.drop();
    await proxy[Symbol.asyncDispose]();
  });

  const keyOf = (name: string) => `${prefix}/${server.name}/a+b=c@d/${name}`;

  test('brings in what was staged, every object once, plain and packed (G4)', async () => {
    const lines = [
      '1,2,"a ""quoted"" line\nand its end"',
      '2,3,',
      '3,4,""',
      '4,5,"\\."',
      '5,6,äöü 🐘',
    ];
    const first = await stage(keyOf('first.csv'), lines);
    const second = await stage(keyOf('second.csv'), ['6,,last']);
    const rows = [
      { id: 2, v: 'a "quoted" line\nand its end' },
      { id: 3, v: null },
      { id: 4, v: '' },
      { id: 5, v: '\\.' },
      { id: 6, v: 'äöü 🐘' },
      { id: null, v: 'last' },
    ];
    const engine = awsS3Engine({ keys: stackKeys() });
    expect(await loader.rows(engine, [first, second])).toEqual(rows);
    const packed = await stage(keyOf('packed.csv.gz'), lines, true);
    expect(await loader.rows(engine, [packed], { gzip: true })).toEqual(rows.slice(0, 5));
  });

  test('signs as the role of the instance when the loader has no keys of its own', async () => {
    const file = await stage(keyOf('role.csv'), ['1,1,a']);
    expect(await loader.rows(awsS3Engine({}), [file])).toEqual([{ id: 1, v: 'a' }]);
    const { endpoint: endpointUrl } = testStack().s3;
    expect(await loader.rows(awsS3Engine({ endpointUrl }), [file])).toEqual([{ id: 1, v: 'a' }]);
  });

  test('says so when the instance has no role either (G8)', async () => {
    const file = await stage(keyOf('no-role.csv'), ['1,1,a']);
    const failure = await failureOf(withoutRole.rows(awsS3Engine({}), [file]));
    expect(failure.code).toBe('S3_AUTH_FAILED');
    expect(failure.hint).toContain('s3Import');
    expect(classifyError(failure)).toBe('permanent');
  });

  test.each(['its own argument', 'the instance'])(
    'hands the session token on, the endpoint being that of %s',
    async (endpointOf) => {
      const keys = { ...stackKeys(), sessionToken: 'a,"token"/+=\\of&STS%20' };
      const file = await stage(keyOf('token.csv'), ['1,1,a']);
      const tokens = new Set<string | null>();
      proxy.faultOf = ({ path }) => {
        tokens.add(new URL(path, proxy.endpoint).searchParams.get('X-Amz-Security-Token'));
        return undefined;
      };
      const form = endpointOf === 'the instance' ? {} : { endpointUrl: proxy.endpoint };
      expect(await withoutRole.rows(awsS3Engine({ keys, ...form }), [file])).toHaveLength(1);
      expect([...tokens]).toEqual([keys.sessionToken]);
    },
  );

  test('tells failures of S3 apart, and which of them pass (G8)', async () => {
    const file = await stage(keyOf('failing.csv'), ['1,1,a']);
    const keys = stackKeys();
    const codeWith = async (failing: typeof file, choice: { keys: AwsKeys }) => {
      const failure = await failureOf(withoutRole.rows(awsS3Engine(choice), [failing]));
      expect(failure.message).toContain(failing.key);
      return [failure.code, failure.details.s3Error, classifyError(failure)];
    };
    proxy.faultOf = () => undefined;
    const denied = ['S3_ACCESS_DENIED', 'HTTP 403', 'permanent'];
    expect(await codeWith(file, { keys: WRONG })).toEqual(denied);
    const missing = { key: keyOf('missing.csv'), records: 1 };
    const lost = ['STAGED_FILE_LOST', 'HTTP 404', 'permanent'];
    expect(await codeWith(missing, { keys })).toEqual(lost);
    const empty = { ...(await stage(keyOf('empty.csv'), [])), records: 1 };
    const emptied = ['STAGED_FILE_LOST', 'HTTP 416', 'permanent'];
    expect(await codeWith(empty, { keys })).toEqual(emptied);
    proxy.faultOf = () => ({ status: 503 });
    const busy = ['S3_UNAVAILABLE', 'HTTP 503', 'transient'];
    expect(await codeWith(file, { keys })).toEqual(busy);
    proxy.faultOf = () => ({ refuse: true });
    const unreachable = ['S3_UNREACHABLE', undefined, 'transient'];
    expect(await codeWith(file, { keys })).toEqual(unreachable);
  });

  test('takes nothing of a download that was cut, whatever it was told before (G2)', async () => {
    const lines = Array.from({ length: 5000 }, (_, n) => `${n},${n},value`);
    const file = await stage(keyOf('cut.csv'), lines);
    let requests = 0;
    proxy.faultOf = () => (++requests === 2 ? { cutAfterBytes: 20_000 } : undefined);
    const engine = awsS3Engine({ keys: stackKeys() });
    const failure = await failureOf(withoutRole.rows(engine, [file]));
    expect(classifyError(failure)).toBe('transient');
    expect(await withoutRole.rows(engine, [file])).toHaveLength(5000);
  });

  test('refuses an object that does not hold what was staged (G2)', async () => {
    const file = await stage(keyOf('short.csv'), ['1,1,a', '2,2,b']);
    const engine = awsS3Engine({ keys: stackKeys() });
    const failure = await failureOf(loader.rows(engine, [{ ...file, records: 3 }]));
    expect(failure.code).toBe('S3_DOWNLOAD_FAILED');
    expect(failure.message).toMatch(/short\.csv.*3 records were staged, and 2 were received/);
  });

  test('leaves refused data to the isolation, for which every column is text', async () => {
    const file = await stage(keyOf('bad.csv'), ['1,1,a', '2,x,HTTP 403']);
    const engine = awsS3Engine({ keys: stackKeys() });
    const refused = await loader.rows(engine, [file]).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: '22P02' });
    expect(classifyError(refused)).toBe('record');
    const rows = await loader.rows(engine, [file], { asText: true });
    expect(rows).toEqual([
      { id: '1', v: 'a' },
      { id: 'x', v: 'HTTP 403' },
    ]);
  });

  test('shows a wrong secret to nobody: not in the error, not in a log that says everything (G7)', async () => {
    const file = await stage(keyOf('secret.csv'), ['1,1,a']);
    const role = await createRole(database, 'loader', { logStatements: true });
    await grantAwsS3(database, role.name);
    await explainEverything(database, role);
    await database.query(`grant select on target to ${role.name}`);
    await using logged = await OpenedFiles.connect(role.url, 'target');
    const keys = { ...WRONG, sessionToken: 'token-that-nobody-sees' };
    const written = watchLog(server);
    const failure = await failureOf(logged.rows(awsS3Engine({ keys }), [file]));
    const log = written();
    expect(failure.code).toBe('S3_ACCESS_DENIED');
    expect(log).toContain('Unable to validate pre-signed URL. Error: HTTP 403');
    expect(log).toContain('create_aws_credentials');
    for (const text of [log, inspect(failure, { depth: 20, showHidden: true })]) {
      expect(text).not.toContain(keys.secretKey);
      expect(text).not.toContain(keys.sessionToken);
      expect(text).not.toMatch(/X-Amz-/);
    }
  });

  test('has thrown the keys away before anything is inserted (G7)', async () => {
    const file = await stage(keyOf('keys.csv'), ['1,1,a']);
    const engine = awsS3Engine({ keys: stackKeys() });
    const left = await loader.see(engine, [file], async ({ transaction }) => [
      ...(await transaction.query({
        name: 'temporaryTables',
        text: `select relname from pg_class where relnamespace = pg_my_temp_schema() and relkind = 'r'`,
      })),
      ...(await database.query(`select relname from pg_class where relname ~ '^relyt_loader'`)),
    ]);
    expect(left).toEqual([{ relname: 'relyt_loader_external' }]);
  });

  test('is refused for another store than Amazon S3, whose keys it would show to Amazon', async () => {
    const engine = awsS3Engine({ keys: stackKeys(), isAws: false });
    const failure = await failureOf(engine.prepare(loader.database));
    expect(failure).toMatchObject({ code: 'ENGINE_UNSUPPORTED' } satisfies Partial<RelytError>);
    expect(failure.hint).toContain("'copy'");
  });
});
