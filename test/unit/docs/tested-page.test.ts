// docs/reference/tested.md says what ran, and no more than that.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Run, testedPage } from '../../../scripts/docs/tested-page.mjs';
import { ROOT, readPage } from './code-blocks.ts';

const RAN: Run = {
  kind: 'PostgreSQL',
  name: '12',
  version: '12.22',
  passed: 50,
  failed: 0,
  leftOut: 2,
  at: '2026-12-01T16:00:00Z',
  commit: 'abcdef0',
  machine: 'linux-x64',
};
const row = (page: string, name: string) =>
  page.split('\n').find((line) => line.startsWith(`| ${name} |`));

describe('the page of what was tested', () => {
  it('has what ran, with its version, tests and time', () => {
    expect(row(testedPage([RAN]), '12')).toBe(
      '| 12 | 12.22 | 50 passed, 2 left out | 2026-12-01T16:00:00Z | linux-x64 | `abcdef0` |',
    );
  });

  it('says of a run that failed that it did', () => {
    expect(row(testedPage([{ ...RAN, failed: 3 }]), '12')).toContain('**3 failed**, 50 passed');
  });

  it('lists what has no run, until it has one', () => {
    const never = (runs: Run[]) => testedPage(runs).split('## No run recorded')[1];
    for (const name of ['Greenplum 6', 'Greenplum 7', 'Cloudberry', 'Relyt', 'Aurora', 'Amazon S3'])
      expect(never([RAN])).toContain(name);
    const cluster = { ...RAN, kind: 'cluster', name: 'Greenplum Database 6.24.3' };
    expect(never([RAN, cluster])).not.toContain('Greenplum 6');
    expect(never([RAN, cluster])).toContain('Greenplum 7');
  });

  it('says which versions of the README have no run', () => {
    const never = testedPage([RAN]).split('## No run recorded')[1];
    expect(never).not.toContain('PostgreSQL 12.');
    for (const name of ['PostgreSQL 13', 'PostgreSQL 18', 'Node.js 20'])
      expect(never).toContain(name);
    expect(readPage('README.md')).toContain('(docs/reference/tested.md)');
  });
});

describe('the record of runs', () => {
  const runs = JSON.parse(
    readFileSync(path.join(ROOT, 'test/versions/runs.json'), 'utf8'),
  ) as Run[];
  it('has the time of each run in UTC, and how many tests it had', () => {
    for (const { at, passed, failed } of runs) {
      expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(passed + failed).toBeGreaterThan(0);
    }
  });
});
