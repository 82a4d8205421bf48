// Service files of libpq (G8).

import { describe, expect, test } from 'vitest';
import { serviceOptions } from '../../../../src/core/connection/service-file.ts';

const FILE = `# comment
[first]
host=a
 port=1
[prod]
host=b
password=with = and  blanks inside

[prod]
host=never
[broken]
host c
`;

const read = (service: string, text = FILE) => serviceOptions(text, service, 'f');

describe('a service file', () => {
  test('gives the options of the first section of the name', () => {
    expect(read('prod')).toEqual([
      ['host', 'b'],
      ['password', 'with = and  blanks inside'],
    ]);
    expect(read('first')).toEqual([
      ['host', 'a'],
      ['port', '1'],
    ]);
    expect(read('first', FILE.replaceAll('\n', '\r\n'))).toEqual([
      ['host', 'a'],
      ['port', '1'],
    ]);
  });

  test('knows no other service, and an empty one', () => {
    expect(read('prodd')).toBeUndefined();
    expect(read('empty', '[empty]')).toEqual([]);
  });

  test.each([
    ['host c', 'key=value'],
    ['host =c', 'without spaces'],
    ['=c', 'key=value'],
    ['ldap://ldap.example/dc=x', 'LDAP'],
    ['service=other', 'other service'],
  ])('says in which line it is wrong: %s', (line, hint) => {
    expect(() => read('s', `[s]\nuser=u\n${line}`)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('f, line 3'),
        hint: expect.stringContaining(hint),
      }),
    );
  });
});
