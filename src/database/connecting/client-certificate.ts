import { stat } from 'node:fs/promises';
import type { SecureContextOptions } from 'node:tls';
import { choiceOf } from '../../core/connection/choice.ts';
import type { ConnectionOptions } from '../../core/connection/keywords.ts';
import { RelytError } from '../../errors.ts';
import { homeFile } from './home-file.ts';
import { existing, readable } from './tls-file.ts';

const OTHERS_READ = 0o077;
/** A key of root's may be shared with a group. */
const OTHERS_READ_OF_ROOT = 0o037;

/** The certificate by which the server knows the client; none where there is none. @throws RelytError CONFIG_INVALID */
export async function clientCertificate(options: ConnectionOptions): Promise<SecureContextOptions> {
  const hint =
    "Use 'allow' or 'disable', and have pg_hba.conf on the server ask for the certificate.";
  if (choiceOf(options, 'sslcertmode', ['allow', 'disable'], { hint }) === 'disable') return {};
  const named = options.get('sslcert');
  const cert = named ? await readable(named) : await existing(homeFile('postgresql.crt'));
  if (cert === undefined) return {};
  const keyFile = options.get('sslkey') ?? homeFile('postgresql.key');
  const key = await readable(keyFile);
  await checkPrivate(keyFile);
  return { cert, key };
}

/** A private key that others may read is not private; libpq takes none either. */
async function checkPrivate(file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode, uid } = await stat(file);
  if ((mode & (uid === 0 ? OTHERS_READ_OF_ROOT : OTHERS_READ)) === 0) return;
  throw new RelytError('CONFIG_INVALID', `Other users can read the private key ${file}.`, {
    hint: `Run \`chmod 600 ${file}\`.`,
  });
}
