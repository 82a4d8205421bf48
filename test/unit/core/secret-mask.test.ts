import { describe, expect, it } from 'vitest';
import { secretMask, secretsOf } from '../../../src/core/secret-mask.ts';

const SECRET = `s3cr/et+"with'all\\of it`;
const credentials = { kind: 'keys', accessKey: 'AKIAX', secretKey: SECRET } as const;

describe('the mask of what is shown (G7)', () => {
  const mask = secretMask(secretsOf({ credentials }));

  it.each([
    ['as it is', SECRET],
    ['in a URL', encodeURIComponent(SECRET)],
    ['in CSV', SECRET.replaceAll('"', '""')],
    ['in an SQL literal', SECRET.replaceAll("'", "''")],
    ['in an escaped SQL literal', SECRET.replaceAll('\\', '\\\\').replaceAll("'", "''")],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
  ])('hides a secret %s', (_, spelled) => {
    expect(mask(`before ${spelled} after`)).toBe('before … after');
  });

  it('hides the access key, a session token, and what looks like a secret', () => {
    const keys = { ...credentials, sessionToken: 'to-ken' };
    expect(secretMask(secretsOf({ credentials: keys }))('AKIAX to-ken')).toBe('… …');
    expect(mask("location ('s3://h/b/ accessid=A secret=B')")).toBe(
      "location ('s3://h/b/ accessid=… secret=…')",
    );
    expect(mask('https://h/b/k?X-Amz-Signature=abc rest')).toBe('https://h/b/k?… rest');
  });

  it('hides all of a secret of which another one is a part', () => {
    expect(secretMask(['abc', 'abcdef'])('abcdef abc')).toBe('… …');
  });

  it('leaves text alone where there is no secret', () => {
    const text = secretMask(secretsOf({ credentials: { kind: 'default-chain' } }))('select 1');
    expect(text).toBe('select 1');
  });
});
