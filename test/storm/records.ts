/** Records made from a seed, and what has to become of them. */

import { Dice } from '../support/dice.ts';

export interface RecordShape {
  readonly seed: number;
  readonly total: number;
  /** Keys come back now and then; without a key, a record may equal the one before it. */
  readonly keyed: boolean;
  /** Every key once: for loads in which a key that is there is an error. */
  readonly unique: boolean;
  /** Some records are bad: the encoder refuses some, the database others. */
  readonly bad: boolean;
  /** Rows that are in the table before the load; they have the lowest keys. */
  readonly existing: number;
  /** From this record on some times are written in words, which only the server reads: their column becomes text. */
  readonly wordsFrom: number | undefined;
}

/** The text of each column as the verdict reads it. */
export type RowText = readonly (string | null)[];

type Fate = 'loaded' | 'encode' | 'import';

interface Given {
  readonly record: Record<string, unknown>;
  readonly fate: Fate;
  readonly row: RowText;
  readonly key: number;
}

/** A value as the caller gives it, and its text in the database. */
type Value = readonly [given: unknown, text: string | null];

const TEXTS = [
  '',
  'NULL',
  '\\N',
  '\\.',
  ' a,"b" ',
  "it's",
  'two\nlines',
  'cr\r\n',
  'tab\t',
  'žluť 🚀',
  '{}',
  '\\',
] as const;
const NUMERICS: readonly [Value, ...Value[]] = [
  [null, null],
  [0.1, '0.1000'],
  ['-99999999.9999', '-99999999.9999'],
  [12345678901234n, '12345678901234.0000'],
  [-0, '0.0000'],
];
const TIMES: readonly [Value, ...Value[]] = [
  [null, null],
  [new Date('2024-03-31T01:30:00.123Z'), '2024-03-31 01:30:00.123'],
  ['2024-02-29T23:59:59+05:30', '2024-02-29 18:29:59'],
  ['0001-01-01T00:00:00Z', '0001-01-01 00:00:00'],
];
const IN_WORDS: Value = ['February 29, 2024 23:59:59 UTC', '2024-02-29 23:59:59'];
/** Of the times past the first one in words, one of so many is in words, too. */
const WORDS_SHARE = 5;
const DOCUMENTS: readonly [Value, ...Value[]] = [
  [null, null],
  [{ a: [1, null, 'x"y'], b: {} }, '{"a": [1, null, "x\\"y"], "b": {}}'],
  [[], '[]'],
];
const BYTES: readonly [Value, ...Value[]] = [
  [null, null],
  [Buffer.alloc(0), ''],
  [Buffer.from([0, 92, 255, 10, 34]), '005cff0a22'],
];
const TAGS: readonly [Value, ...Value[]] = [
  [null, null],
  [[], '{}'],
  [['a', null, 'NULL', 'q"'], '{a,NULL,"NULL","q\\""}'],
];

/** Columns of the target; a negative amount is what only the database refuses. */
export function columnsOf({ keyed }: RecordShape): string {
  return `id int${keyed ? ' primary key' : ''}, v text not null, amount int check (amount >= 0), n numeric(20, 4),
    at timestamptz, doc jsonb, raw bytea, tags text[]`;
}

/** What `RowText` holds of a row. */
export const ROW_TEXT = `id::text, v, amount::text, n::text, (at at time zone 'UTC')::text, doc::text, encode(raw, 'hex'), tags::text`;

function fateOf(dice: Dice, { bad }: RecordShape): Fate {
  if (!bad) return 'loaded';
  const number = dice.below(25);
  if (number === 0) return 'encode';
  return number === 1 ? 'import' : 'loaded';
}

function isInWords({ wordsFrom }: RecordShape, n: number): boolean {
  return wordsFrom !== undefined && n >= wordsFrom && (n - wordsFrom) % WORDS_SHARE === 0;
}

function makeRecord(dice: Dice, shape: RecordShape, n: number): Given {
  const id = shape.unique || !shape.keyed ? n : dice.below(Math.ceil(shape.total / 2));
  const v = `record ${n} ${dice.pick(TEXTS)}`;
  const [numeric, drawn, doc, raw, tags] = [NUMERICS, TIMES, DOCUMENTS, BYTES, TAGS].map(
    (choices) => dice.pick(choices),
  ) as [Value, Value, Value, Value, Value];
  const time = isInWords(shape, n) ? IN_WORDS : drawn;
  const fate = fateOf(dice, shape);
  const amount = fate === 'loaded' ? n : fate === 'encode' ? 'no number' : -1;
  return {
    record: { id, v, amount, n: numeric[0], at: time[0], doc: doc[0], raw: raw[0], tags: tags[0] },
    fate,
    row: [String(id), v, String(amount), numeric[1], time[1], doc[1], raw[1], tags[1]],
    key: id,
  };
}

/** What has to become of a rejected record. */
export interface ExpectedReject {
  readonly stage: 'encode' | 'import';
  /** Another record of its key may hide it from the database. */
  readonly unlessSuperseded: boolean;
}

export interface Expected {
  readonly rows: readonly RowText[];
  /** By ordinal. */
  readonly rejects: ReadonlyMap<number, ExpectedReject>;
  /** Rows that were not there before. */
  readonly inserted: number;
}

export type Conflict = 'update' | 'nothing' | 'error';

/** All records of one load. */
export class GivenRecords {
  readonly #given: readonly Given[];
  readonly #shape: RecordShape;

  constructor(shape: RecordShape) {
    const dice = new Dice(shape.seed);
    const given: Given[] = [];
    for (let n = 0; n < shape.total; n++) {
      const before = given[n - 1];
      const isTwin = !shape.keyed && before?.fate === 'loaded' && dice.chance(8);
      given.push(isTwin ? before : makeRecord(dice, shape, n));
    }
    this.#given = given;
    this.#shape = shape;
  }

  slice(from: number, to: number): Record<string, unknown>[] {
    return this.#given.slice(from, to).map(({ record }) => record);
  }

  /** Of the rows that are there before the load. */
  get existing(): readonly { readonly id: number; readonly v: string }[] {
    return Array.from({ length: this.#shape.existing }, (_, id) => ({ id, v: `existing ${id}` }));
  }

  /** Every row that may be in the table, as JSON. */
  get texts(): readonly string[] {
    return [...this.#existingRows.values(), ...this.#given.map(({ row }) => row)].map((row) =>
      JSON.stringify(row),
    );
  }

  get #existingRows(): Map<number, RowText> {
    return new Map(
      this.existing.map(({ id, v }) => [id, [String(id), v, null, null, null, null, null, null]]),
    );
  }

  expected(onConflict: Conflict): Expected {
    const { keyed } = this.#shape;
    const existing = this.#existingRows;
    const rows: RowText[] = [];
    const byKey = new Map(existing);
    for (const { fate, row, key } of this.#given) {
      if (fate !== 'loaded') continue;
      if (!keyed) rows.push(row);
      else if (onConflict !== 'nothing' || !byKey.has(key)) byKey.set(key, row);
    }
    const all = [...rows, ...(keyed ? byKey : existing).values()];
    return { rows: all, rejects: this.#rejects(), inserted: all.length - existing.size };
  }

  #rejects(): Map<number, ExpectedReject> {
    const staged = new Map<number, number>();
    for (const { fate, key } of this.#given)
      if (fate !== 'encode') staged.set(key, (staged.get(key) ?? 0) + 1);
    const isRepeated = (key: number) =>
      this.#shape.keyed && ((staged.get(key) ?? 0) > 1 || key < this.#shape.existing);
    return new Map(
      this.#given.flatMap(({ fate, key }, n) =>
        fate === 'loaded'
          ? []
          : [[n + 1, { stage: fate, unlessSuperseded: fate === 'import' && isRepeated(key) }]],
      ),
    );
  }
}
