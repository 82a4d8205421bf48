// G4: what is encoded from the bytes of NDJSON is what is encoded from the object its line is parsed to.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonFault } from '../../../src/core/json-tokens.ts';
import { type ColumnType, isJsonType, type TargetTable } from '../../../src/core/target-table.ts';
import { readNdjson } from '../../../src/input/json-reader.ts';
import { type JsonRecord, JsonScanner } from '../../../src/input/json-scanner.ts';
import { codecOf } from '../../../src/records/codecs/codec-of.ts';
import { FieldRow } from '../../../src/records/field-row.ts';
import { encoderFor } from '../../../src/records/layout-choice.ts';
import { resolveMapping } from '../../../src/records/mapping.ts';
import { outcome } from '../records/outcome.ts';
import {
  arrayOf,
  FIELD_TYPES,
  targetColumn,
  targetTable,
  typeOf,
} from '../records/target-fixture.ts';
import { jsonValue, objectOf } from './json-lines.ts';
import { chunksOf } from './read-all.ts';

const TYPES: readonly ColumnType[] = [
  ...FIELD_TYPES,
  typeOf('oid'),
  typeOf('money'),
  typeOf('char'),
  typeOf('interval'),
  typeOf('json'),
  typeOf('varbit', { typmod: 8 }),
  typeOf('mood', { kind: 'enum', labels: ['true', 'x', '1'] }),
  typeOf('vector', { schema: 'public' }),
  typeOf('halfvec', { schema: 'public' }),
  typeOf('sparsevec', { schema: 'public' }),
  typeOf('vector', { schema: 'public', typmod: 2 }),
  arrayOf(typeOf('int4')),
  arrayOf(typeOf('text')),
  arrayOf(typeOf('bool')),
  arrayOf(typeOf('float4')),
  arrayOf(typeOf('numeric')),
  arrayOf(typeOf('jsonb')),
];

/** The columns of the records, and where they go. */
interface Load {
  readonly table: TargetTable;
  /** Keys that no column takes are passed over then, not refused. */
  readonly columns: readonly string[] | undefined;
  readonly lanes: number;
  readonly format: 'tuples' | 'binary' | 'csv';
}

function loadsOf(type: ColumnType): readonly Load[] {
  const note = targetColumn('note', 'text', { hasDefault: true });
  const table = targetTable([targetColumn('c', type), targetColumn('d', 'int4')]);
  const strict = targetTable([targetColumn('c', type, { notNull: true }), note], ['c']);
  return [
    { table, columns: undefined, lanes: 1, format: 'tuples' },
    { table, columns: ['d', 'c'], lanes: 1, format: 'csv' },
    { table: strict, columns: undefined, lanes: 4, format: 'binary' },
    { table: strict, columns: undefined, lanes: 4, format: 'csv' },
  ];
}

function encodersOf({ table, columns, lanes, format }: Load) {
  const first = { c: 'x', ...(table.primaryKey.length > 0 ? { note: 'x' } : {}) };
  const mapping = resolveMapping({ table, columns, first });
  const forms = mapping.columns.map(({ column }) =>
    codecOf(column.type).native ? ('native' as const) : ('text' as const),
  );
  const layout = format === 'csv' ? { format } : { format, forms };
  const make = () => encoderFor({ table, mapping, lanes }, layout);
  return { ofRows: make(), ofObjects: make() };
}

const KNOWN = '{"c":0,"d":0,"note":0,"x":0}\n';

/** The records after the first one, which is parsed and shows the keys. */
async function* recordsOf(text: string, jsonColumns: ReadonlySet<string>) {
  const options = { jsonColumns, onBadRecord: () => {} };
  let isFirst = true;
  for await (const { records } of readNdjson(chunksOf(KNOWN + text), options).rows) {
    for (const record of records) {
      if (!isFirst) yield record;
      isFirst = false;
    }
  }
}

/** The objects that all lines were parsed to before any was read from its bytes. */
function parsed(text: string, jsonColumns: ReadonlySet<string>): readonly JsonRecord[] {
  const scanner = new JsonScanner(jsonColumns);
  return text.split('\n').flatMap((line) => {
    try {
      return [scanner.readRecord(line)];
    } catch (error) {
      if (error instanceof JsonFault) return [];
      throw error;
    }
  });
}

async function expectSame(load: Load, text: string): Promise<number> {
  const { ofRows, ofObjects } = encodersOf(load);
  const json = load.table.columns.filter(({ type }) => isJsonType(type)).map(({ name }) => name);
  const objects = parsed(text, new Set(json));
  let rows = 0;
  let n = 0;
  for await (const record of recordsOf(text, new Set(json))) {
    const object = objects[n++] as JsonRecord;
    if (record instanceof FieldRow) rows += 1;
    expect(outcome(ofRows, record), JSON.stringify(object)).toEqual(outcome(ofObjects, object));
  }
  expect(n).toBe(objects.length);
  return rows;
}

const keys = fc.oneof(
  { weight: 4, arbitrary: fc.constant('c') },
  { weight: 3, arbitrary: fc.constantFrom('d', 'note') },
  { weight: 1, arbitrary: fc.constantFrom('x', 'unknown', 'toString') },
);
const lines = fc
  .array(objectOf(keys, jsonValue), { minLength: 5, maxLength: 20 })
  .map((each) => each.map((line) => `${line}\n`).join(''));

describe('a record is encoded from its bytes as from the object it is parsed to (G4)', () => {
  it.each(TYPES.map((type) => [`${type.name} ${type.typmod}`, type] as const))(
    '%s',
    async (_, type) => {
      let rows = 0;
      for (const load of loadsOf(type)) {
        await fc.assert(
          fc.asyncProperty(lines, async (text) => {
            rows += await expectSame(load, text);
          }),
          { numRuns: 40 },
        );
      }
      expect(rows).toBeGreaterThan(500);
    },
  );

  it('when a value is too long for a line, or a record for the buffer', async () => {
    const long = (text: string) => JSON.stringify({ c: text, d: 7 });
    const texts = ['x'.repeat(70_000), 'é"'.repeat(40_000), 'y'.repeat(300_000)];
    const text = texts.map((each) => `${long(each)}\n`).join('');
    for (const load of loadsOf(typeOf('text'))) expect(await expectSame(load, text)).toBe(3);
    const array = `{"c":[${Array.from({ length: 100_000 }, (_, n) => n).join()}]}\n`;
    for (const load of loadsOf(arrayOf(typeOf('int4'))))
      expect(await expectSame(load, array)).toBe(1);
  });

  it('when the columns are known from it', async () => {
    for await (const record of recordsOf('{"d":1,"c":null}\n{"c":2}\n', new Set())) {
      const { table } = loadsOf(typeOf('int8'))[0] as Load;
      const { columns } = resolveMapping({ table, first: record });
      expect(columns.map(({ property }) => property)).toEqual(['c', 'd']);
    }
  });
});
