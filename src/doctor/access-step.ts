import { createEngine } from '../engines/create-engine.ts';
import type { EngineContext } from '../engines/engine.ts';
import type { Access, EngineProfile } from '../engines/profiles.ts';
import { HeldFiles } from '../staging/held-files.ts';
import { type Findings, known } from './findings.ts';
import { rolledBack } from './rolled-back.ts';
import type { Step } from './step.ts';

/** How the database gets at what is staged, as a sentence. */
const WAYS: Readonly<Record<Access, string>> = {
  presigned: 'presigned URLs below the prefix are allowed',
  none: 'the database needs none: the loader hands the rows over',
  keys: 'the access key and the secret go into the external table of each import',
  server: 'the protocol s3 is there; its configuration file is tried by the probe load',
  'keys-or-role': 'the extension aws_s3 is there, and this role may call it',
};

function filesOf(findings: Findings, { inMemory }: EngineProfile): Omit<EngineContext, 'options'> {
  if (inMemory) {
    findings.held = new HeldFiles();
    return { objects: findings.held, s3: undefined };
  }
  const { s3, store } = known(findings, 's3', 'store');
  return { objects: store, s3 };
}

/** What the engine makes sure of before its first import; what it changes for that is taken back. */
export const ACCESS: Step = {
  name: 'access to S3',
  asks: 'database',
  seconds: 30,
  async run({ config, findings }, signal) {
    const { database, profile } = known(findings, 'database', 'profile', 'schema');
    const engine = createEngine(profile, { ...filesOf(findings, profile), options: config });
    await rolledBack(database, (transaction) => engine.prepare(transaction), signal);
    findings.engine = engine;
    return WAYS[profile.access];
  },
};
