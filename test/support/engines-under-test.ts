/** The engines that every guarantee is tested on, and where: one list for all suites. */

import { describe } from 'vitest';
import type { BulkProcessorConfig } from '../../src/config/load-config.ts';
import { type EngineName, PROFILES } from '../../src/engines/profiles.ts';
import { grantAwsS3, installAwsS3Emulation } from './aws-s3-emulation.ts';
import { ENGINE_CLUSTERS, type EngineCluster } from './engine-clusters.ts';
import { type LoadingWay, type MakeTarget, targetsOn } from './loading.ts';
import { NEWEST } from './server-versions.ts';
import { majorOf, type TestServer, testStack } from './stack.ts';
import { OLDEST_OF_POSTGRES } from './templates.ts';

const full = process.env.RELYT_TEST_FULL === '1';

/** An engine and the servers it is tested on. */
export interface EngineUnderTest extends LoadingWay {
  readonly name: EngineName;
  /** None where the engine is left out. */
  readonly servers: readonly TestServer[];
  /** Its files are in the memory of the loader: nothing is in S3, and what is not imported is replayed. */
  readonly inMemory: boolean;
}

export function enginesUnderTest(): readonly EngineUnderTest[] {
  const { endpoint } = testStack().s3;
  return [
    onStack('postgres'),
    onStack('copy'),
    { ...onStack('direct'), inMemory: true, configure: withoutS3 },
    {
      ...onStack('aws-s3'),
      configure: (config) => ({
        ...config,
        engine: 'aws-s3',
        awsS3: { endpointUrl: endpoint, ...config.awsS3 },
      }),
      prepare: (database) => installAwsS3Emulation(database, { endpoint }),
      allow: grantAwsS3,
    },
    ...ENGINE_CLUSTERS.map(onCluster),
  ];
}

/** On every server that this test run started and that the engine fits. */
function onStack(name: EngineName): EngineUnderTest {
  const { s3 } = testStack();
  const fits = (server: TestServer) => name !== 'postgres' || majorOf(server) >= OLDEST_OF_POSTGRES;
  return {
    name,
    servers: serversOf(name).filter(fits),
    inMemory: false,
    s3,
    prefix: '',
    prepared: name === 'postgres' ? 'postgres' : 'other',
    configure: (config) => ({ ...config, engine: name }),
    prepare: async () => undefined,
  };
}

/**
 * The statements that apply rows are shared: those of `postgres` and `aws-s3` run on the newest server, those of `direct`
 * and `copy` on the older one of an ordinary run. With RELYT_TEST_FULL each engine has both.
 */
const ON_OLDER: ReadonlySet<EngineName> = new Set(['direct', 'copy']);

function serversOf(name: EngineName): readonly TestServer[] {
  const { servers } = testStack();
  const [newest, older, ...more] = servers;
  const isOrdinary = newest !== undefined && majorOf(newest) === NEWEST && more.length === 0;
  const chosen = ON_OLDER.has(name) ? (older ?? newest) : newest;
  return full || !isOrdinary || chosen === undefined ? servers : [chosen];
}

/** Nothing of S3 is left but how long an import may take and pause. */
function withoutS3({ s3 = {}, ...config }: BulkProcessorConfig): BulkProcessorConfig {
  const kept = ['importTimeoutSeconds', 'importErrorSleepSeconds'];
  const limits = Object.entries(s3).filter(([name]) => kept.includes(name));
  return { ...config, engine: 'direct', s3: Object.fromEntries(limits) };
}

/** On the cluster that the environment names. */
function onCluster(cluster: EngineCluster): EngineUnderTest {
  const { name, server, s3 } = cluster;
  return {
    name,
    servers: server === undefined ? [] : [server],
    inMemory: false,
    s3,
    prefix: cluster.prefix,
    prepared: 'other',
    configure: (config): BulkProcessorConfig => ({
      ...config,
      engine: name,
      ...(name === 'greenplum' ? { greenplum: { ...cluster.greenplum, ...config.greenplum } } : {}),
    }),
    prepare: cluster.prepare,
    allow: cluster.allow,
  };
}

/** What a suite of one engine on one server is given. */
export interface EngineSuite {
  readonly engine: EngineUnderTest;
  readonly server: TestServer;
  readonly makeTarget: MakeTarget;
}

export interface SuiteOptions {
  /** On one server of each engine, unless RELYT_TEST_FULL is 1: for what takes long and does not depend on the version. */
  readonly oneServer?: boolean;
  /** Only where the database reads S3 through the endpoint of the test: the segments of a cluster have their own. */
  readonly throughEndpoint?: boolean;
  /** Of what is in S3: engines that put nothing there have no such case. */
  readonly inS3?: boolean;
  /** Only of engines that stream rows straight into the target. */
  readonly straight?: boolean;
}

function isCluster({ name }: EngineUnderTest): boolean {
  return ENGINE_CLUSTERS.some((cluster) => cluster.name === name);
}

function copiesStraight({ name }: EngineUnderTest): boolean {
  return Object.values(PROFILES).some((one) => one.engine === name && one.copiesStraight);
}

/** Declares the suite once for every engine and server. Clusters that the environment does not name have no server. */
export function describeEngines(
  title: string,
  suite: (given: EngineSuite) => void,
  { oneServer = false, throughEndpoint = false, inS3 = false, straight = false }: SuiteOptions = {},
): void {
  for (const engine of enginesUnderTest()) {
    if (straight && !copiesStraight(engine)) continue;
    if (inS3 && engine.inMemory) continue;
    if (throughEndpoint && isCluster(engine)) continue;
    for (const server of oneServer && !full ? engine.servers.slice(0, 1) : engine.servers) {
      describe(`${title}: the engine ${engine.name} on ${server.name}`, () => {
        suite({ engine, server, makeTarget: targetsOn(server, engine) });
      });
    }
  }
}
