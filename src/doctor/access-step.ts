import { createEngine } from '../engines/create-engine.ts';
import type { Access } from '../engines/profiles.ts';
import { known } from './findings.ts';
import { rolledBack } from './rolled-back.ts';
import type { Step } from './step.ts';

/** How the database gets at what is staged, as a sentence. */
const WAYS: Readonly<Record<Access, string>> = {
  presigned: 'presigned URLs below the prefix are allowed',
  none: 'the loader itself reads staged files back for it',
  keys: 'the access key and the secret go into the external table of each import',
  server: 'the protocol s3 is there; its configuration file is tried by the probe load',
  'keys-or-role': 'the extension aws_s3 is there, and this role may call it',
};

/** What the engine makes sure of before its first import; what it changes for that is taken back. */
export const ACCESS: Step = {
  name: 'access to S3',
  asks: 'database',
  seconds: 30,
  async run({ config, findings }, signal) {
    const found = known(findings, 'database', 'profile', 's3', 'store', 'schema');
    const { database, profile, s3, store } = found;
    const engine = createEngine(profile, { objects: store, s3, options: config });
    await rolledBack(database, (transaction) => engine.prepare(transaction), signal);
    findings.engine = engine;
    return WAYS[profile.access];
  },
};
