// Every option of libpq is either acted on or refused by name (G8); none is ignored.

import { describe, expect, test } from 'vitest';
import { checkedOptions, environmentOptions } from '../../../../src/core/connection/keywords.ts';

/** PostgreSQL 18, "Parameter Key Words" of the manual, with a value of each that is not its default. */
const REFUSED: Readonly<Record<string, string>> = {
  application_name: 'x',
  client_encoding: 'LATIN1',
  replication: 'database',
  gssencmode: 'require',
  channel_binding: 'require',
  require_auth: 'scram-sha-256',
  requirepeer: 'postgres',
  sslcompression: '1',
  sslsni: '0',
  sslcrldir: '/d',
  sslkeylogfile: '/f',
  keepalives_interval: '1',
  keepalives_count: '1',
  tcp_user_timeout: '1',
  min_protocol_version: '3.2',
  scram_client_key: 'k',
  scram_server_key: 'k',
  oauth_issuer: 'i',
  oauth_client_id: 'i',
  oauth_client_secret: 's',
  oauth_scope: 's',
};

const TAKEN =
  'host hostaddr port dbname user password passfile connect_timeout options fallback_application_name keepalives keepalives_idle sslmode sslnegotiation sslcert sslkey sslpassword sslcertmode sslrootcert sslcrl ssl_min_protocol_version ssl_max_protocol_version krbsrvname gsslib gssdelegation service servicefile target_session_attrs load_balance_hosts max_protocol_version';

describe('the options of libpq', () => {
  test.each(Object.entries(REFUSED))('%s=%s is refused by name, with what to do', (name, value) => {
    expect(() => checkedOptions([[name, value]], 'the place')).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(new RegExp(`"${name}" in the place`)),
        hint: expect.stringMatching(/\w+.*\.$/),
      }),
    );
  });

  test.each(TAKEN.split(' '))('%s is taken', (name) => {
    expect(() => checkedOptions([[name, '3.0']], 'the place')).not.toThrow();
  });

  test.each([
    ['sslmod', 'Did you mean "sslmode"?'],
    ['database', expect.stringContaining('dbname')],
    ['4p7q-secret', expect.stringContaining('names of libpq')],
    ['__proto__', expect.any(String)],
  ])(
    'an unknown one is refused and not quoted, because it may be part of a secret: %s',
    (name, hint) => {
      const read = () => checkedOptions([[name, 'x']], 'the place');
      expect(read).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', hint }));
      expect(read).not.toThrow(name);
    },
  );

  test('without a value is none', () => {
    expect(
      checkedOptions(
        [
          ['host', ''],
          ['requirepeer', ''],
        ],
        'x',
      ),
    ).toEqual(new Map());
  });
});

describe('the variables of libpq', () => {
  test('are read', () => {
    const options = environmentOptions({
      PGHOST: 'h',
      PGSSLROOTCERT: '/ca',
      PGSERVICE: 's',
      PGTARGETSESSIONATTRS: 'primary',
      PGPORT: '',
      PGAPPNAME: 'psql',
    });
    expect(Object.fromEntries(options)).toEqual({
      host: 'h',
      sslrootcert: '/ca',
      service: 's',
      target_session_attrs: 'primary',
    });
  });

  test.each([
    ['PGREQUIREPEER', 'x'],
    ['PGREQUIREAUTH', 'md5'],
    ['PGCHANNELBINDING', 'require'],
    ['PGGSSENCMODE', 'require'],
    ['PGSSLCRLDIR', '/d'],
    ['PGSSLSNI', '0'],
    ['PGMINPROTOCOLVERSION', '3.2'],
  ])('that ask for what relyt does not do are refused by name: %s', (name, value) => {
    expect(() => environmentOptions({ [name]: value })).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(name),
        hint: expect.stringContaining('Unset'),
      }),
    );
  });

  test.each([
    ['PGGSSENCMODE', 'disable'],
    ['PGCHANNELBINDING', 'prefer'],
    ['PGSSLSNI', '1'],
  ])('that ask for nothing more are harmless: %s=%s', (name, value) => {
    expect(environmentOptions({ [name]: value })).toEqual(new Map());
  });
});
