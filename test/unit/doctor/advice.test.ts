import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/load-schema.ts';
import { POSTGRESQL } from '../../../src/core/dialect.ts';
import { normalizeS3Settings } from '../../../src/core/s3-settings.ts';
import { grantSql } from '../../../src/database/schema/loader-rights.ts';
import { migrationsFor } from '../../../src/database/schema/migrations.ts';
import { clockSentence } from '../../../src/doctor/clock-step.ts';
import type { Findings } from '../../../src/doctor/findings.ts';
import { recommendations } from '../../../src/doctor/recommendations.ts';
import { requiredRights } from '../../../src/doctor/required-rights.ts';
import { type EngineProfile, PROFILES } from '../../../src/engines/profiles.ts';
import { RelytError } from '../../../src/errors.ts';
import { targetColumn, targetTable } from '../records/target-fixture.ts';

describe('the rights a loader needs', () => {
  it.each(['postgres', 'copy'])('are all that init grants for the engine %s', (engine) => {
    const rights = requiredRights(engine);
    const granted = grantSql('role', 'role', engine).filter((text) => text.startsWith('grant'));
    for (const text of granted) {
      const found = rights.filter(
        ({ object, privilege }) => text.includes(object) && text.includes(privilege),
      );
      expect(found, text).not.toEqual([]);
    }
    expect(rights).toContainEqual({ kind: 'schema', object: 'relyt_sys', privilege: 'usage' });
    expect(rights).toContainEqual({
      kind: 'table',
      object: 'relyt_sys.relyt_loader_file',
      privilege: 'delete',
    });
    const expose = {
      kind: 'function',
      object: 'relyt_sys.relyt_loader_expose',
      privilege: 'execute',
    };
    expect(rights.some((right) => right.object === expose.object)).toBe(engine === 'postgres');
    if (engine === 'postgres') expect(rights).toContainEqual(expose);
  });

  it.each(['postgres', 'copy'])(
    'are on all tables of %s, and on nothing that is not there',
    (engine) => {
      const schema = migrationsFor(engine)
        .map(({ sql }) => sql(POSTGRESQL))
        .join('\n');
      const tables = [...schema.matchAll(/create table (relyt_sys\.\w+)/g)].map(([, name]) => name);
      const objects = new Set(requiredRights(engine).map(({ object }) => object));
      const ours = tables.filter((name) => name?.includes('relyt_loader_'));
      expect([...objects]).toEqual(expect.arrayContaining(ours));
    },
  );
});

describe('clocks', () => {
  it('that agree are said to', () => {
    expect(
      clockSentence([
        { of: 'the database', aheadSeconds: 0.2 },
        { of: 'S3', aheadSeconds: -12.4 },
      ]),
    ).toBe('seen from this machine: the database agrees within a second, S3 is 12 s behind');
    expect(clockSentence([])).toBe('seen from this machine: no other clock could be read');
  });

  it.each([
    ['from this machine', [{ of: 'S3', aheadSeconds: -301 }]],
    [
      'from each other',
      [
        { of: 'the database', aheadSeconds: 200 },
        { of: 'S3', aheadSeconds: -200 },
      ],
    ],
  ])('that differ too much %s fail', (_, readings) => {
    const failure = captured(() => clockSentence(readings));
    expect(failure).toBeInstanceOf(RelytError);
    expect(failure).toMatchObject({ code: 'S3_CLOCK_SKEW', hint: expect.stringContaining('NTP') });
  });
});

function captured(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('recommendations', () => {
  const config = resolveConfig({ postgresql: { table: 't' } });
  const s3 = normalizeS3Settings(
    {
      endpoint: 'https://s3.example.com',
      bucket_name: 'staging',
      prefix: 'relyt',
      access_key: 'AKIAADVICE',
      secret_key: 'a-secret-of-advice',
    },
    'the test',
  );
  const text = (findings: Findings) =>
    recommendations(findings, config)
      .map((advice) => `${advice.about}: ${advice.text}`)
      .join('\n');

  it('are none where not even the engine is known', () => {
    expect(recommendations({ s3 }, config)).toEqual([]);
  });

  it.each([
    [1, '10 files'],
    [4, '12 files an import, a multiple of the 4 segments'],
    [16, '16 files an import, a multiple of the 16 segments'],
  ])('of files an import go by %i segments', (segments, told) => {
    const profile = segments === 1 ? PROFILES.postgres : PROFILES.greenplum7;
    expect(text({ profile, segments })).toContain(`files: ${told}`);
  });

  it('of concurrency go by locks and keys', () => {
    const table = (type: string) =>
      targetTable([targetColumn('id', type, { deterministic: type !== 'text' })], ['id']);
    const advice = (profile: EngineProfile, type: string) => text({ profile, target: table(type) });
    expect(advice(PROFILES.greenplum6, 'int8')).toMatch(/concurrency 1 for tables with a key/);
    expect(advice(PROFILES.postgres, 'int8')).toMatch(
      /concurrency 2 to 4: records are spread by their key/,
    );
    expect(advice(PROFILES.postgres, 'text')).toMatch(/concurrency 1: equal values of the key/);
  });

  it('name the place for a lifecycle rule, and no secret (G7)', () => {
    const said = text({ profile: PROFILES.copy, s3 });
    expect(said).toMatch(
      /bucket: give relyt\/ in s3:\/\/staging a lifecycle rule: abort incomplete multipart uploads/,
    );
    expect(said).not.toMatch(/AKIAADVICE|a-secret-of-advice/);
  });

  it('warn of what others can read', () => {
    const profile = PROFILES.postgres;
    expect(text({ profile, s3, encrypted: true, settingsArePublic: false })).not.toContain(
      'security',
    );
    const plain = { ...s3, endpoint: 'http://s3.example.com' };
    const said = text({ profile, s3: plain, encrypted: false, settingsArePublic: true });
    expect(said.match(/^security: /gm)).toHaveLength(3);
  });

  it('say where roles are not kept from the tasks of each other (G7)', () => {
    const open = /security: .*every role that loads can read and change/;
    expect(text({ profile: PROFILES.postgres })).not.toMatch(open);
    expect(text({ profile: PROFILES.greenplum6 })).toMatch(open);
    expect(text({ profile: PROFILES.relyt })).toMatch(open);
    expect(text({ profile: PROFILES.greenplum7 })).toContain('relyt_loader_checkpoint');
  });

  it.each(Object.values(PROFILES))('have a hint for the engine of $name', (profile) => {
    expect(text({ profile })).toMatch(/^engine: .{30}/m);
  });
});
