import net from 'node:net';
import tls from 'node:tls';
import { choiceOf } from '../../core/connection/choice.ts';
import type { SslMode } from '../../core/connection/encryption.ts';
import type { ConnectionOptions } from '../../core/connection/keywords.ts';
import { keepSecret } from '../../core/redaction.ts';
import { RelytError } from '../../errors.ts';
import { clientCertificate } from './client-certificate.ts';
import { homeFile } from './home-file.ts';
import { existing, readable } from './tls-file.ts';

/** For `verify-ca`: the certificate is checked, the name on it is not. */
const ANY_NAME = { checkServerIdentity: () => undefined };

/** To whom the certificate must be made out: the name, also where hostaddr spares its lookup. No name is an address. */
export function certificateOf(host: string): tls.ConnectionOptions {
  return { host, ...(net.isIP(host) === 0 ? { servername: host } : {}) };
}

/**
 * What TLS has to prove, as libpq has it: a root certificate that is there is always used, and only then can a mode
 * below verify-full trust anything.
 * @throws RelytError CONFIG_INVALID for files that cannot be used
 */
export async function tlsOptions(
  options: ConnectionOptions,
  mode: SslMode,
  host: string,
): Promise<tls.ConnectionOptions> {
  const authority = await authorityOf(options, mode);
  const crl = await listOfRevoked(options);
  const sslpassword = options.get('sslpassword');
  keepSecret(sslpassword);
  return {
    ...certificateOf(host),
    ...(authority ?? { rejectUnauthorized: false }),
    ...(authority === undefined || mode === 'verify-full' ? {} : ANY_NAME),
    ...(crl === undefined ? {} : { crl }),
    ...(await clientCertificate(options)),
    ...(sslpassword === undefined ? {} : { passphrase: sslpassword }),
    ...versionOf(options, 'ssl_min_protocol_version', 'minVersion'),
    ...versionOf(options, 'ssl_max_protocol_version', 'maxVersion'),
  };
}

/** The authorities to trust; undefined where there are none and the mode does without. */
async function authorityOf(
  options: ConnectionOptions,
  mode: SslMode,
): Promise<{ readonly ca?: Buffer | string[] } | undefined> {
  const named = options.get('sslrootcert');
  if (named === 'system') return systemAuthorities();
  const file = named ?? homeFile('root.crt');
  const ca = await existing(file);
  if (ca !== undefined) return { ca };
  if (mode !== 'verify-ca' && mode !== 'verify-full') return undefined;
  throw new RelytError('CONFIG_INVALID', `The root certificate file ${file} does not exist.`, {
    hint: 'Put the certificate of the authority there, name another file with sslrootcert, or use sslrootcert=system to trust the public authorities.',
  });
}

/** The machine's own store where Node can read it, otherwise the authorities that come with Node. */
async function systemAuthorities(): Promise<{ readonly ca?: Buffer | string[] }> {
  const { SSL_CERT_FILE } = process.env;
  if (SSL_CERT_FILE) return { ca: await readable(SSL_CERT_FILE) };
  const { getCACertificates } = tls as { getCACertificates?: (of: 'system') => string[] };
  return getCACertificates === undefined ? {} : { ca: getCACertificates('system') };
}

async function listOfRevoked(options: ConnectionOptions): Promise<Buffer | undefined> {
  const named = options.get('sslcrl');
  return named === undefined ? existing(homeFile('root.crl')) : readable(named);
}

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

function versionOf(
  options: ConnectionOptions,
  name: 'ssl_min_protocol_version' | 'ssl_max_protocol_version',
  setting: 'minVersion' | 'maxVersion',
): tls.SecureContextOptions {
  const version = choiceOf(options, name, VERSIONS, { ignoresCase: true });
  return version === undefined ? {} : { [setting]: version };
}
