// SQL of ours is plain ASCII, comments included: a server stores it in its own encoding, which may lack anything else.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { createLedger, MIGRATIONS } from '../../../src/database/schema/migrations.ts';
import { PROFILES } from '../../../src/engines/profiles.ts';

const SOURCE = path.resolve(import.meta.dirname, '../../../src');
/** A line of SQL or PL/pgSQL begins with one of these, in small letters; sentences do not. */
const SQL =
  /^\s*(?:--|select|insert|update|delete|create|drop|alter|grant|revoke|comment|do|with|begin|commit|rollback|set|copy|lock|analyze|truncate|declare|raise|perform|execute|from|where|values|\w+ := )\b/m;
const NOT_ASCII = /[^\t\n -~]/;

/** Texts of a source file that are SQL; the holes of a template stand for themselves. */
function sqlIn(text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
    if (isText && SQL.test(node.getText().slice(1))) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true));
  return found;
}

describe('SQL of ours is plain ASCII', () => {
  test('every migration, for every dialect', () => {
    for (const { dialect } of Object.values(PROFILES)) {
      for (const sql of [createLedger, ...MIGRATIONS.map((migration) => migration.sql)])
        expect(sql(dialect)).not.toMatch(NOT_ASCII);
    }
  });

  test('every statement in the source', () => {
    const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' });
    const statements = files
      // Help of the command holds sentences, and no SQL.
      .filter((file) => file.endsWith('.ts') && !file.startsWith('cli'))
      .flatMap((file) => {
        const texts = sqlIn(readFileSync(path.join(SOURCE, file), 'utf8'));
        return texts.map((sql) => ({ file, sql }));
      });
    expect(statements.length).toBeGreaterThan(150);
    expect(statements.filter(({ sql }) => NOT_ASCII.test(sql))).toEqual([]);
  });

  test('and would be found if it were not', () => {
    expect(sqlIn("const a = `select '…'`; f('reason := x … y'); g('See … there.')")).toEqual([
      "`select '…'`",
      "'reason := x … y'",
    ]);
  });
});
