import { POSTGRESQL } from '../../dist/core/dialect.js';
import { createLedger, MIGRATIONS } from '../../dist/database/schema/migrations.js';
import { code, page, table } from './markdown.mjs';
import { FUNCTION_MEANINGS, TABLE_MEANINGS } from './schema-meanings.mjs';

const WHERE = 'scripts/docs/schema-meanings.mjs';

/** docs/reference/schema.md: tables and functions as the migrations create them, meanings from schema-meanings.mjs. */
export function schemaPage() {
  const tables = tablesOf(createLedger(POSTGRESQL));
  const functions = new Map();
  for (const { sql: sqlFor, engine } of MIGRATIONS) {
    const sql = sqlFor(POSTGRESQL);
    for (const [name, found] of tablesOf(sql, engine)) tables.set(name, found);
    for (const [name, added] of columnsAdded(sql)) tables.get(name).columns.push(added);
    for (const [name, found] of functionsOf(sql, engine)) functions.set(name, found);
  }
  requireSame('table', tables.keys(), TABLE_MEANINGS);
  requireSame('function', functions.keys(), FUNCTION_MEANINGS);
  const ordered = Object.keys(TABLE_MEANINGS).map((name) => [name, tables.get(name)]);
  return page(
    '# The schema relyt_sys',
    'What `relyt init` creates, and what a loader writes there. ' +
      'Read as much as you like; only the loader and the commands write. ' +
      'Useful queries are in [operations](../guide/operate.md).',
    ...ordered.flatMap(([name, found]) => tableBlocks(name, found)),
    '## Functions',
    functionTable(functions),
  );
}

function tablesOf(sql, engine) {
  const pattern =
    /create (?:unlogged )?table (?:if not exists )?relyt_sys\.(\w+) \(\n([\s\S]*?)\n\)/g;
  return new Map(
    [...sql.matchAll(pattern)].map(([, name, body]) => [
      name,
      { engine, columns: columnsOf(body) },
    ]),
  );
}

/** One column a line; lines of constraints begin with a key word of their own. */
function columnsOf(body) {
  return body
    .split('\n')
    .map((line) => line.replace(/--.*$/, '').trim().replace(/,$/, ''))
    .filter(
      (line) => line !== '' && !/^(primary key|unique|check|foreign key|constraint)\b/.test(line),
    )
    .map(columnOf);
}

function columnOf(definition) {
  const [, name, rest] = /^(\w+)\s+(.*)$/s.exec(definition);
  const type = rest.replace(/\s+(not null|default|check|primary key|unique|references)\b.*$/s, '');
  return { name, type, required: /\bnot null\b|\bprimary key\b/.test(rest) };
}

function columnsAdded(sql) {
  const altered = /alter table relyt_sys\.(\w+)\s([^;]*);/g;
  const added = /add column (?:if not exists )?([^,;]+)/g;
  return [...sql.matchAll(altered)].flatMap(([, name, actions]) =>
    [...actions.matchAll(added)].map(([, definition]) => [name, columnOf(definition.trim())]),
  );
}

function functionsOf(sql, engine) {
  const pattern = /create (?:or replace )?function relyt_sys\.(\w+)\s*\(([^)]*)\)/g;
  return [...sql.matchAll(pattern)].map(([, name, args]) => [name, { args, engine }]);
}

function tableBlocks(name, { engine, columns }) {
  const { meaning, contract = false, columns: meanings } = TABLE_MEANINGS[name];
  requireSame(
    `column of ${name}`,
    columns.map((column) => column.name),
    meanings,
  );
  const marks = [
    ...(contract
      ? [
          '**Contract:** databases set up for the Go SDK have this table; these columns stay as they are.',
        ]
      : []),
    ...(engine ? [`Only where the engine is \`${engine}\`.`] : []),
  ];
  const rows = columns.map((column) => [
    code(column.name),
    column.type,
    column.required ? 'no' : 'yes',
    meanings[column.name],
  ]);
  return [
    `## ${name}`,
    [meaning, ...marks].join(' '),
    table(['column', 'type', 'NULL', 'meaning'], rows),
  ];
}

function functionTable(functions) {
  const rows = [...functions].map(([name, { args, engine }]) => [
    code(`relyt_sys.${name}(${args})`),
    engine === undefined ? 'all' : code(engine),
    FUNCTION_MEANINGS[name],
  ]);
  return table(['function', 'engine', 'meaning'], rows);
}

/** A table, column or function without a meaning, or a meaning of nothing, is an error here. */
function requireSame(kind, found, meanings) {
  const names = new Set(found);
  const missing = [...names].filter((name) => !(name in meanings));
  const left = Object.keys(meanings).filter((name) => !names.has(name));
  if (missing.length > 0)
    throw new Error(`${WHERE} has no meaning for the ${kind} ${missing.join(', ')}`);
  if (left.length > 0)
    throw new Error(`${WHERE} describes a ${kind} that is not there: ${left.join(', ')}`);
}
