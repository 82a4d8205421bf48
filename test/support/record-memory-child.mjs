/**
 * Child process: reads records of a given shape and size, encodes and stages them as a load does, and prints what
 * came of the last one and the peak of its memory as JSON.
 */

import { readCsv } from '../../dist/input/csv-reader.js';
import { readNdjson } from '../../dist/input/json-reader.js';
import { encoderFor, firstLayout, withTextColumn } from '../../dist/records/layout-choice.js';
import { resolveMapping } from '../../dist/records/mapping.js';
import { TextColumnNeededError } from '../../dist/records/record-check.js';
import { PartPool } from '../../dist/staging/part-pool.js';
import { StagedFile } from '../../dist/staging/staged-file.js';
import { rejectOf } from '../../dist/task/rejection.js';
import { SHAPES } from './record-shapes.mjs';

const PART_BYTES = 5 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;

/** Takes everything and keeps nothing. */
const nowhere = {
  location: 'memory://nowhere',
  putObject: async () => 'e',
  createMultipart: async () => 'u',
  uploadPart: async ({ partNumber }) => ({ partNumber, etag: 'e' }),
  completeMultipart: async () => 'e',
};

/** The records as a file would give them, made as they are read. */
async function* chunks({ before = '', unit, unitOf, after = '' }, { bytes, times }) {
  for (let n = 0; n < times; n++) {
    if (before !== '') yield Buffer.from(before);
    if (unitOf !== undefined) yield* counted(unitOf, bytes);
    else yield* repeated(unit, bytes);
    yield Buffer.from(`${after}\n`);
  }
}

async function* counted(unitOf, bytes) {
  let piece = '';
  for (let i = 0, done = 0; done < bytes; i++) {
    piece += unitOf(i);
    if (piece.length < PIECE_BYTES) continue;
    yield Buffer.from(piece);
    done += piece.length;
    piece = '';
  }
}

async function* repeated(unit, bytes) {
  const text = Buffer.from(unit);
  const times = Math.max(1, Math.floor(PIECE_BYTES / text.length));
  let left = Math.floor(bytes / text.length);
  while (left > 0) {
    const count = Math.min(times, left);
    left -= count;
    yield Buffer.alloc(text.length * count, text);
  }
}

function tableOf(shape) {
  const type = (name, rest = {}) => ({ name, kind: 'base', typmod: -1, delimiter: ',', ...rest });
  const resolved = shape.element
    ? type(`_${shape.element}`, { kind: 'array', element: type(shape.element) })
    : type(shape.type ?? 'text');
  const column = {
    name: 'v',
    sqlType: resolved.name,
    type: resolved,
    notNull: false,
    hasDefault: false,
    identity: 'none',
    generated: false,
    deterministic: true,
  };
  return {
    schema: 'public',
    name: 't',
    kind: 'table',
    columns: [column],
    primaryKey: [],
    key: [],
    keyDeferrable: false,
  };
}

async function* recordsOf(shape, { bytes, times }, onBadRecord) {
  if (shape.value !== undefined) {
    const count = Math.max(1, Math.floor(bytes / shape.valueBytes));
    for (let n = 0; n < times; n++) yield { v: shape.value(count) };
    return;
  }
  const input = chunks(shape, { bytes, times });
  if (shape.format === 'csv') {
    const { records } = readCsv(input, { header: false, columnCount: 1, onBadRecord });
    for await (const batch of records)
      for (const { fields } of batch.records) yield { v: fields[0] };
  } else {
    const jsonColumns = new Set((shape.type ?? '').startsWith('json') ? ['v'] : []);
    const { records } = readNdjson(input, { jsonColumns, onBadRecord });
    for await (const batch of records) for (const { record } of batch.records) yield record;
  }
}

const { shape: name, layout, ...size } = JSON.parse(process.argv[2]);
const shape = SHAPES[name];
const table = tableOf(shape);
const outcome = { staged: 0, refused: undefined };
const refuse = (error, record) => {
  outcome.refused = error.code;
  outcome.message = error.message;
  outcome.kept =
    rejectOf(error, { record, position: undefined, line: 1 }, 1).record?.length ?? null;
};
const mapping = resolveMapping({ table, columns: ['v'], first: { v: null } });
const options = { table, mapping, lanes: 1 };
const rules = { wanted: layout, readsBinary: true };
let encoder = encoderFor(options, firstLayout(options, rules));
/** As a load goes on when a value has no binary form. */
function encoded(record) {
  try {
    return encoder.encode(record, 1);
  } catch (error) {
    if (!(error instanceof TextColumnNeededError)) throw error;
    encoder = encoderFor(options, withTextColumn(encoder.layout, error.column));
    return encoder.encode(record, 1);
  }
}
const file = new StagedFile({
  key: 'k',
  store: nowhere,
  pool: new PartPool({ bufferBytes: PART_BYTES, capacity: 4 }),
  maxPartsInFlight: 2,
  gzip: false,
  beforeUpload: async () => {},
});
for await (const record of recordsOf(shape, size, ({ error, text }) => refuse(error, text))) {
  try {
    const row = encoded(record);
    file.append(row, encoder.longFields);
  } catch (error) {
    if (error.code === undefined) throw error;
    refuse(error, record);
  }
  if (file.blocked) await file.whenWritable();
}
if (file.records > 0) outcome.staged = (await file.finish()).bytes;
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ ...outcome, peakBytes }));
