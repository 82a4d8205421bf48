import type { S3Settings } from '../core/s3-settings.ts';
import type { Database } from '../database/database.ts';
import { functionIsPublic } from '../database/statements/loader-config.ts';
import { detectEngine } from '../engines/detect.ts';
import { PROFILES } from '../engines/profiles.ts';
import { S3ObjectStore } from '../staging/s3-object-store.ts';
import { goesWithoutS3 } from '../task/load-way.ts';
import { findS3Settings } from '../task/read-s3-settings.ts';
import { known, notUsed } from './findings.ts';
import type { Step } from './step.ts';

export const SETTINGS: Step = {
  name: 'S3 settings',
  asks: 'database',
  seconds: 20,
  async run({ config, findings }) {
    const { database, profile } = known(findings, 'database', 'profile', 'ownCode');
    if (profile.inMemory) throw notUsed(profile);
    const found = await findS3Settings(database.sharedReads(), config).catch(
      async (error: unknown) => {
        if (!goesWithoutS3(profile, config, error)) throw error;
        findings.profile = await detectEngine(database, PROFILES.direct.engine);
        throw notUsed(findings.profile);
      },
    );
    const { settings: s3, inDatabase, isOverridden } = found;
    findings.s3 = s3;
    findings.store = new S3ObjectStore(s3);
    findings.settingsArePublic = await arePublic(database);
    const sources = [inDatabase, isOverridden ? 'the configuration (s3, RELYT_S3_…)' : undefined];
    const source = sources.filter((name) => name !== undefined).join(' and ');
    return `from ${source}: ${settingsSentence(s3)}`;
  },
};

/** Without a secret: which kind of credentials there is, never what they are. */
function settingsSentence(s3: S3Settings): string {
  const prefix = s3.prefix === '' ? '' : `/${s3.prefix}`;
  return `s3://${s3.bucket}${prefix} at ${s3.endpoint} (${s3.region}), ${shownCredentials(s3)}`;
}

function shownCredentials({ credentials, client }: S3Settings): string {
  if (client !== undefined) return 'a client of the caller';
  if (credentials.kind === 'default-chain')
    return 'credentials of this process (environment, profile or role)';
  if (credentials.kind === 'provider') return 'keys that a function of the caller returns';
  return credentials.sessionToken === undefined
    ? 'static keys'
    : 'temporary keys with a session token';
}

async function arePublic(database: Database): Promise<boolean> {
  // to_regprocedure is younger than some of the databases this runs on, and it is only advice.
  const [row] = await database.query<{ public: boolean }>(functionIsPublic()).catch(() => []);
  return row?.public === true;
}
