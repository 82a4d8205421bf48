import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { endsSession, isDataError, SQLSTATE } from '../../../src/core/sqlstate.ts';

const FROZEN = /schema\/migration-\d+|core\/sqlstate\.ts$/;

describe('SQLSTATEs', () => {
  it('stand in one file, and in the migrations, whose text never changes', () => {
    const quoted = Object.values(SQLSTATE).map((code) => new RegExp(`['"\`]${code}['"\`]`));
    const root = new URL('../../../src/', import.meta.url);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.endsWith('.ts') && !FROZEN.test(path),
    );
    expect(files.length).toBeGreaterThan(100);
    const bare = files.filter((path) => {
      const text = readFileSync(new URL(path, root), 'utf8');
      return quoted.some((code) => code.test(text));
    });
    expect(bare).toEqual([]);
  });

  it('say whether a record is at fault, and whether the connection goes on', () => {
    expect(['22P02', '23505'].every(isDataError)).toBe(true);
    expect(['42P01', 'ECONNRESET', '40001'].some(isDataError)).toBe(false);
    expect(['08006', '57P01', '57P05'].every(endsSession)).toBe(true);
    expect(['57014', '23505'].some(endsSession)).toBe(false);
  });
});
