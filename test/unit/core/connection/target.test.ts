// Where a connection goes: hosts, defaults and limits as libpq has them (G8).

import { describe, expect, test } from 'vitest';
import { connectionTarget } from '../../../../src/core/connection/target.ts';

const target = (options: object) =>
  connectionTarget(new Map(Object.entries(options)) as never, 'me');

const host = (name: string, port = 5432, address?: string) => ({ name, port, address });

describe('the target of a connection', () => {
  test('has defaults', () => {
    expect(target({})).toEqual({
      hosts: [host('localhost')],
      inRandomOrder: false,
      user: 'me',
      database: 'me',
      attributes: 'any',
      sslMode: 'prefer',
      isDirectTls: false,
      timeoutMs: 15_000,
      keepAliveAfterMs: 10_000,
    });
    expect(target({ user: 'u' })).toMatchObject({ user: 'u', database: 'u' });
  });

  test.each([
    [{ host: 'a,b', port: '1,2' }, [host('a', 1), host('b', 2)]],
    [{ host: 'a,b', port: '7' }, [host('a', 7), host('b', 7)]],
    [{ host: 'a,b', port: ',2' }, [host('a'), host('b', 2)]],
    [{ hostaddr: '10.0.0.1' }, [host('10.0.0.1', 5432, '10.0.0.1')]],
    [{ host: 'a', hostaddr: '10.0.0.1' }, [host('a', 5432, '10.0.0.1')]],
    [{ host: '/run/pg' }, [host('/run/pg')]],
  ])('has the hosts of %o', (options, hosts) => {
    expect(target(options).hosts).toEqual(hosts);
  });

  test.each([
    [{ connect_timeout: '0' }, undefined],
    [{ connect_timeout: '-1' }, undefined],
    [{ connect_timeout: '1' }, 2000],
    [{ connect_timeout: '30' }, 30_000],
  ])('waits as long as %o says', (options, timeoutMs) => {
    expect(target(options).timeoutMs).toBe(timeoutMs);
  });

  test('probes as keepalives says', () => {
    expect(target({ keepalives: '0' }).keepAliveAfterMs).toBeUndefined();
    expect(target({ keepalives_idle: '30' }).keepAliveAfterMs).toBe(30_000);
    expect(target({ keepalives_idle: '0' }).keepAliveAfterMs).toBe(10_000);
  });

  test.each([
    [{ host: 'a,b', port: '1,2,3' }, /same number/],
    [{ host: 'a,b', hostaddr: '10.0.0.1' }, /same number/],
    [{ port: '0' }, /65535/],
    [{ port: '5432x' }, /65535/],
    [{ connect_timeout: 'soon' }, /connect_timeout/],
    [{ target_session_attrs: 'master' }, /primary/],
    [{ load_balance_hosts: 'yes' }, /random/],
    [{ sslnegotiation: 'fast' }, /direct/],
  ])('is refused for %o', (options, hint) => {
    expect(() => target(options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', hint: expect.stringMatching(hint) }),
    );
  });
});
