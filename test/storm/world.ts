/** Where the rounds of a storm take place: one database, two roles of loaders, S3 on a server and in memory. */

import type { StackS3 } from 'relyt-dev';
import type { BulkProcessorConfig } from '../../src/config/load-config.ts';
import { normalizeS3Settings } from '../../src/core/s3-settings.ts';
import type { ObjectStore } from '../../src/staging/object-store.ts';
import { S3ObjectStore } from '../../src/staging/s3-object-store.ts';
import { deleteKeys, uniquePrefix } from '../support/bucket.ts';
import { createTestDatabase, type TestDatabase, type TestRole } from '../support/database.ts';
import { createLoaderRole, TestTarget } from '../support/loading.ts';
import { MemoryObjectStore } from '../support/memory-object-store.ts';
import { type FaultOf, S3Proxy } from '../support/s3-proxy.ts';
import { defaultServer, testStack } from '../support/stack.ts';
import type { GivenRecords } from './records.ts';
import type { Schedule } from './schedule.ts';
import { SessionPooler } from './session-pooler.ts';
import { TargetTables } from './target-tables.ts';

/** Settings of a role that would change what statements mean or return, or end them early, if a load let them. */
const ODD_SETTINGS: Readonly<Record<string, string>> = {
  array_nulls: 'off',
  bytea_output: 'escape',
  datestyle: 'SQL, DMY',
  extra_float_digits: '-15',
  standard_conforming_strings: 'off',
  default_transaction_isolation: 'serializable',
  lock_timeout: '1ms',
  idle_in_transaction_session_timeout: '1ms',
  quote_all_identifiers: 'on',
  transform_null_equals: 'on',
  check_function_bodies: 'off',
  TimeZone: 'UTC',
};

/** The place of one round. */
export interface StormPlace {
  readonly target: TestTarget;
  readonly config: BulkProcessorConfig;
  /** Past the loader. */
  readonly objects: ObjectStore;
  /** Where files are staged in memory. */
  readonly memory: MemoryObjectStore | undefined;
}

function storedAt({ endpoint, region, bucket, accessKey, secretKey }: StackS3): ObjectStore {
  const keys = { access_key: accessKey, secret_key: secretKey };
  return new S3ObjectStore(
    normalizeS3Settings({ endpoint, region, bucket_name: bucket, ...keys }, 'the storm'),
  );
}

export class StormWorld implements AsyncDisposable {
  readonly database: TestDatabase;
  /** What must never be shown. */
  readonly secrets: readonly string[];
  readonly #graves = new Set<Promise<unknown>>();
  readonly #roles: Readonly<Record<Schedule['role'], TestRole>>;
  readonly #proxy: S3Proxy;
  readonly #pooler: SessionPooler;
  readonly #objects: ObjectStore;
  readonly #tables: TargetTables;
  readonly #prefix: string;
  /** What S3 does to the requests of a round, by the prefix of its keys. */
  readonly #faults = new Map<string, FaultOf>();
  #places = 0;

  private constructor(made: {
    database: TestDatabase;
    roles: Record<Schedule['role'], TestRole>;
    proxy: S3Proxy;
    pooler: SessionPooler;
    prefix: string;
  }) {
    const { database, roles, proxy, pooler, prefix } = made;
    const s3 = testStack().s3;
    this.database = database;
    this.secrets = [roles.plain.password, roles.odd.password, s3.secretKey, 'X-Amz-Signature='];
    this.#roles = roles;
    this.#proxy = proxy;
    this.#pooler = pooler;
    this.#prefix = prefix;
    this.#objects = storedAt(s3);
    this.#tables = new TargetTables(database, [roles.plain, roles.odd]);
    proxy.faultOf = (request) => {
      const [, found] = [...this.#faults].find(([key]) => request.path.includes(key)) ?? [];
      return found?.(request);
    };
  }

  static async open(): Promise<StormWorld> {
    const database = await createTestDatabase(defaultServer(), { poolSize: 16 });
    const prefix = uniquePrefix();
    const proxy = await S3Proxy.start(testStack().s3.endpoint);
    const way = {
      s3: { ...testStack().s3, endpoint: proxy.endpoint },
      prefix: '',
      configure: (config: BulkProcessorConfig) => config,
      prepare: async () => undefined,
    };
    await database.query('create table first (id int)');
    const first = new TestTarget(database, { schema: 'public', table: 'first', prefix }, way);
    const roles = { plain: await createLoaderRole(first), odd: await createLoaderRole(first) };
    for (const [name, value] of Object.entries(ODD_SETTINGS))
      await database.query(`alter role "${roles.odd.name}" set ${name} = '${value}'`);
    const pooler = await SessionPooler.start(database.url);
    return new StormWorld({ database, roles, proxy, pooler, prefix });
  }

  async makePlace(schedule: Schedule, records: GivenRecords): Promise<StormPlace> {
    const prefix = `${this.#prefix}/r${++this.#places}-`;
    const role = this.#roles[schedule.role];
    const schema = await this.#tables.take(schedule.records);
    const target = new TestTarget(this.database, { schema, table: 'target', prefix });
    if (records.existing.length > 0)
      await this.database.query(
        `insert into ${target.sql} (id, v) select (r->>'id')::int, r->>'v' from json_array_elements($1::json) r`,
        [JSON.stringify(records.existing)],
      );
    const memory =
      schedule.storage === 'memory' ? new MemoryObjectStore({ latencyTurns: 1 }) : undefined;
    const config = target.config({
      url: `${this.#pooler.through(role.url)}?sslmode=disable`,
      engine: schedule.engine,
      leaseSeconds: 30,
      ...schedule.settings,
      s3: { endpoint: this.#proxy.endpoint, prefix, importTimeoutSeconds: 60 },
    });
    const s3 = schedule.storage === 'none' ? { importTimeoutSeconds: 60 } : config.s3;
    return { target, config: { ...config, s3 }, memory, objects: memory ?? this.#objects };
  }

  /** Of a process that was killed: what its code still tries has to come to an end, too. */
  buries(atRest: Promise<unknown>): void {
    this.#graves.add(atRest);
    void atRest.finally(() => this.#graves.delete(atRest)).catch(() => undefined);
  }

  get graves(): number {
    return this.#graves.size;
  }

  /** What S3 does to the requests of a round from now on. */
  faultOf(place: StormPlace, fault: FaultOf | undefined): void {
    const { prefix } = place.target;
    if (fault === undefined) this.#faults.delete(prefix);
    else this.#faults.set(prefix, fault);
  }

  /** The round is over, and good: the table of one that is not stays as it is. */
  async clear({ target }: StormPlace, { records }: Schedule): Promise<void> {
    this.#faults.delete(target.prefix);
    await this.#tables.giveBack(target.schema, records);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#objects.close();
    await this.#proxy[Symbol.asyncDispose]();
    await this.#pooler[Symbol.asyncDispose]();
    await this.database.drop();
    await deleteKeys(this.#prefix);
  }
}
