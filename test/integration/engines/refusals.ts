/** Rows that a database refuses, each by a SQLSTATE of its own. */

export interface Refusal {
  /** Type of the column `v`. */
  readonly type: string;
  readonly bad: unknown;
  readonly good?: unknown;
  readonly code: string;
  /** `v` where COPY would name it. */
  readonly column?: string;
  /** Runs when the table is there; `TABLE` is its name. */
  readonly after?: readonly string[];
  readonly reason?: RegExp;
  /** Of the test's older server, where that says it in another way. */
  readonly codeOn15?: string;
  /** That the type comes with. */
  readonly extension?: 'ltree' | 'hstore';
  /** Greenplum 6 has no such type or statement. */
  readonly notOnClusters?: true;
}

const noise = (length: number) => {
  let state = 7;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return (state % 36).toString(36);
  };
  return Array.from({ length }, next).join('');
};

/** A row trigger that raises for the value `bad`. */
const raising = (how: string) => [
  `create or replace function refuse_bad() returns trigger language plpgsql as
     $$ begin if new.v = 'bad' then ${how}; end if; return new; end $$`,
  'create trigger "Look at v" before insert or update on TABLE for each row execute procedure refuse_bad()',
];

export const byTrigger = (code: string, how: string): Refusal => ({
  type: 'text',
  bad: 'bad',
  code,
  after: raising(how),
  reason: /\(trigger "Look at v"\)$/,
});

export const REFUSALS: Readonly<Record<string, Refusal>> = {
  'a tsvector that is not one': { type: 'tsvector', bad: "'unclosed", code: '42601', column: 'v' },
  'an ltree that is not one': {
    ...{ type: 'ltree', bad: 'a..b', good: 'a.b', code: '42601', column: 'v' },
    ...{ extension: 'ltree', notOnClusters: true },
  },
  'an hstore that is not one': {
    ...{ type: 'hstore', bad: '"a', good: 'a=>1', code: '42601', column: 'v' },
    ...{ codeOn15: 'XX000', extension: 'hstore', notOnClusters: true },
  },
  'a type that does not exist': {
    type: 'regtype',
    bad: 'nosuch',
    good: 'int4',
    code: '42704',
    column: 'v',
  },
  'a relation that does not exist': {
    type: 'regclass',
    bad: 'nosuch',
    good: 'pg_class',
    code: '42P01',
    column: 'v',
  },
  'a schema that does not exist': {
    type: 'regnamespace',
    bad: 'nosuch',
    good: 'public',
    code: '3F000',
    column: 'v',
    notOnClusters: true,
  },
  'a function that does not exist': {
    type: 'regproc',
    bad: 'nosuch',
    good: 'now',
    code: '42883',
    column: 'v',
  },
  'a tsvector that is too long': {
    type: 'tsvector',
    bad: Array.from({ length: 90_000 }, (_, n) => `w${n}longer`).join(' '),
    code: '54000',
    column: 'v',
  },
  'JSON that is too deep': {
    type: 'jsonb',
    bad: '['.repeat(60_000) + ']'.repeat(60_000),
    good: '[]',
    code: '54001',
    column: 'v',
  },
  'a value too long for an index': {
    type: 'text',
    bad: noise(12_000),
    code: '54000',
    after: ['create index on TABLE (v)'],
  },
  'RAISE in a trigger': byTrigger('P0001', "raise exception 'no %', new.v"),
  'ASSERT in a trigger': { ...byTrigger('P0004', "assert false, 'no bad'"), notOnClusters: true },
  'a SQLSTATE of its own': byTrigger('ZZ123', "raise exception 'no' using errcode = 'ZZ123'"),
  'an internal error': byTrigger('XX000', "raise exception 'no' using errcode = 'XX000'"),
  'a missing table in a trigger': byTrigger('42P01', 'perform 1 from nosuch'),
  'a missing right in a function that a CHECK calls': {
    type: 'text',
    bad: 'bad',
    code: '42501',
    after: [
      `create or replace function look_at(v text) returns boolean language plpgsql as
         $$ begin if v = 'bad' then raise exception 'no' using errcode = '42501'; end if; return true; end $$`,
      'alter table TABLE add check (look_at(v))',
    ],
    reason: /^no$/,
  },
  ...Object.fromEntries(
    [
      ['40001', 'a serialization failure'],
      ['57014', 'a cancellation'],
      ['08006', 'a lost connection'],
      ['28000', 'a refused login'],
    ].map(([code = '', what]) => [
      `${what} that a trigger raises`,
      {
        ...byTrigger(code, `raise exception 'no' using errcode = '${code}'`),
        notOnClusters: true as const,
      },
    ]),
  ),
  'a missing right in a trigger': byTrigger(
    '42501',
    "raise exception 'no' using errcode = '42501'",
  ),
};
