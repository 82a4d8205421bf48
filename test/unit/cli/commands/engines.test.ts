import { describe, expect, it } from 'vitest';
import { runCli } from '../../../../src/cli/cli.ts';
import { type DatabaseTraits, engineOf, reasonFor } from '../../../../src/engines/detect.ts';
import { PROFILES } from '../../../../src/engines/profiles.ts';
import { capturedTerminal } from '../captured-terminal.ts';

describe('relyt engines', () => {
  it('lists every profile without a database, in lines that fit', async () => {
    const { terminal, out } = capturedTerminal();
    expect(await runCli(['engines', '--database-url', ''], terminal)).toBe(0);
    for (const { engine, databases } of Object.values(PROFILES)) {
      expect(out.text).toMatch(new RegExp(`^${engine}$`, 'm'));
      expect(out.text.replace(/\s+/g, ' ')).toContain(`for ${databases} reads`);
    }
    expect(Math.max(...out.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  it('gives the same as JSON', async () => {
    const { terminal, out } = capturedTerminal();
    expect(await runCli(['engines', '--json', '--database-url', ''], terminal)).toBe(0);
    const { ok, engines, chosen } = JSON.parse(out.text);
    expect({ ok, chosen }).toEqual({ ok: true, chosen: null });
    expect(engines).toEqual(
      Object.values(PROFILES).map(({ engine, name, databases, reads, needs, upserts }) => {
        return { engine, name, databases, reads, needs, upserts };
      }),
    );
  });

  const traits: DatabaseTraits = {
    version: 'PostgreSQL 17.2 on x86_64',
    number: 170_002,
    isDistributed: false,
    isPrepared: false,
    canPrepare: false,
    hasAwsS3: false,
  };

  it.each<[string, Partial<DatabaseTraits>, RegExp]>([
    ['relyt', { version: 'PostgreSQL 12.0 (Relyt 1.2)' }, /version/],
    ['greenplum', { isDistributed: true }, /segments/],
    ['postgres', { isPrepared: true }, /relyt init has prepared it/],
    ['postgres', { canPrepare: true }, /can be prepared/],
    ['aws-s3', { hasAwsS3: true, canPrepare: true }, /aws_s3/],
    ['copy', {}, /not prepared/],
  ])('says why it is %s', (engine, given, reason) => {
    const all = { ...traits, ...given };
    expect(engineOf(all).engine).toBe(engine);
    expect(reasonFor(engineOf(all).engine, all)).toMatch(reason);
  });
});
