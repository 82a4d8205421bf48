// What an editor shows of a setting agrees with what the validator does: names, defaults, and a meaning and an example
// of each one, read through the language service as an editor reads it.

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { configMembers } from '../../../scripts/docs/config-members.mjs';
import { resolveAccess } from '../../../src/config/access-schema.ts';
import { configSchema, resolveConfig } from '../../../src/config/load-schema.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MEMBERS = configMembers();

type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly default?: unknown;
};
const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Schema;

/** Interface → the part of the schema it describes. */
const PARTS: Readonly<Record<string, Schema | undefined>> = {
  BulkProcessorConfig: schema,
  TargetConfig: schema.properties?.postgresql,
  S3Config: schema.properties?.s3,
  GreenplumConfig: schema.properties?.greenplum,
  AwsS3Config: schema.properties?.awsS3,
};
const CASES = Object.entries(PARTS).flatMap(([name, part]) =>
  Object.entries(part?.properties ?? {}).map(([member, is]) => ({ name, member, is })),
);

test.each(Object.keys(PARTS))(
  '%s names the settings that the validator knows, and no others',
  (name) => {
    expect(Object.keys(MEMBERS[name] ?? {}).sort()).toEqual(
      Object.keys(PARTS[name]?.properties ?? {}).sort(),
    );
  },
);

describe.each(CASES)('$name.$member', ({ name, member, is }) => {
  const said = MEMBERS[name]?.[member];

  test('says what it means, in a sentence, and shows an example', () => {
    expect(said?.meaning).toMatch(/^[A-Z].*\.$/);
    expect(said?.example).toBeTruthy();
  });

  test('says the default that the validator fills in', () => {
    // Objects of settings are empty by default: each of theirs says its own.
    const filled = typeof is.default === 'object' ? undefined : is.default;
    const shown = said?.default === undefined ? undefined : said.default.replaceAll("'", '"');
    expect(shown).toBe(filled === undefined ? undefined : JSON.stringify(filled));
  });

  test('has a unit in its name or its meaning, if it is a number', () => {
    const isNumber =
      (is as { type?: string }).type === 'integer' || (is as { type?: string }).type === 'number';
    if (!isNumber) return;
    expect(`${member} ${said?.meaning}`).toMatch(
      /Seconds|Bytes|seconds|bytes|records|files|Port|Imports|Parallel/i,
    );
  });
});

test('the examples of both forms of access are taken', () => {
  expect(
    resolveAccess({ postgresql: { host: 'db.example.com' }, s3: { importTimeoutSeconds: 1800 } }),
  ).toBeDefined();
  expect(
    resolveConfig({
      postgresql: { table: 't' },
      conflictColumns: ['email'],
      updateColumns: ['name'],
    }),
  ).toMatchObject({ conflictColumns: ['email'], updateColumns: ['name'] });
});

test.each([
  [{ conflictColumns: [] }, /conflictColumns/],
  [{ conflictColumns: ['a', 'a'] }, /conflictColumns: expected no name twice/],
  [{ updateColumns: [''] }, /updateColumns/],
])('columns that are none are refused: %j', (settings, message) => {
  expect(() => resolveConfig({ postgresql: { table: 't' }, ...settings })).toThrow(message);
});

describe('an editor shows on hover', () => {
  const file = path.join(ROOT, 'hover.mts');
  const code = `import { BulkProcessor } from 'relyt-sdk';
interface Row { id: number }
const processor = await BulkProcessor.create<Row>({
  postgresql: { table: 't', password: 'x' },
  batchSize: 5,
  s3: { partSizeBytes: 5 },
  conflictColumns: ['id'],
});
await processor.insert([], { signal: AbortSignal.timeout(1) });
`;
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, ROOT);
  const service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => {
      const text = name === file ? code : ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => ROOT,
    getCompilationSettings: () => ({
      ...options,
      paths: { 'relyt-sdk': [path.join(ROOT, 'src/index.ts')] },
    }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: (name) => (name === file ? code : ts.sys.readFile(name)),
    readDirectory: ts.sys.readDirectory,
  });

  const hover = (word: string): string => {
    const info = service.getQuickInfoAtPosition(file, code.indexOf(word));
    const tags = (info?.tags ?? []).map(
      (tag) => `@${tag.name} ${ts.displayPartsToString(tag.text)}`,
    );
    return [ts.displayPartsToString(info?.documentation), ...tags].join('\n');
  };

  test.each([
    [
      'batchSize',
      /Maximum number of records in a staged file[\s\S]*@default 100000\n@example 50_000/,
    ],
    ['password', /called for each new connection/],
    ['partSizeBytes', /Size of a multipart part, in bytes/],
    ['conflictColumns', /two records are the same/],
    ['signal', /Ends this call alone/],
    ['insert', /Inserts records/],
    ['create', /@throws RelytError/],
  ])('of %s', (word, text) => {
    expect(hover(word)).toMatch(text);
  });
});
