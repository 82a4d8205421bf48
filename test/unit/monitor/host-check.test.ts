import os from 'node:os';
import { describe, expect, test } from 'vitest';
import { isLoopback, isOwnHost } from '../../../src/monitor/host-check.ts';

describe('G7: a request is answered only under a host name of the monitor', () => {
  test.each([
    ['127.0.0.1:8642', '127.0.0.1'],
    ['localhost', '127.0.0.1'],
    // The other end of a tunnel has a port of its own.
    ['localhost:9000', '127.0.0.1'],
    ['LOCALHOST:9000', '::1'],
    ['[::1]:8642', '::1'],
    ['monitor.example:8642', 'monitor.example'],
    ['10.0.0.5:8642', '10.0.0.5'],
    ['10.0.0.5:8642', '0.0.0.0'],
    ['[fd00::5]:8642', '::'],
    [`${os.hostname()}:8642`, '0.0.0.0'],
  ])('%s on %s: yes', (header, bound) => {
    expect(isOwnHost(header, bound)).toBe(true);
  });

  test.each([
    [undefined, '127.0.0.1'],
    ['', '127.0.0.1'],
    ['rebound.example:8642', '127.0.0.1'],
    ['localhost.rebound.example', '127.0.0.1'],
    ['127.0.0.1.rebound.example', '127.0.0.1'],
    ['10.0.0.5', '127.0.0.1'],
    ['rebound.example:8642', '0.0.0.0'],
    ['rebound.example', '10.0.0.5'],
    ['localhost:8642@rebound.example', '127.0.0.1'],
    ['[::1', '::1'],
  ])('%s on %s: no', (header, bound) => {
    expect(isOwnHost(header, bound)).toBe(false);
  });

  test('loopback is what only this machine reaches', () => {
    expect(['127.0.0.1', '127.1.2.3', '::1', 'localhost'].map(isLoopback)).not.toContain(false);
    expect(['0.0.0.0', '::', '10.0.0.5', 'monitor.example'].map(isLoopback)).not.toContain(true);
  });
});
