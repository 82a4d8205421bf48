// Records made from a seed: every process that knows the shape knows what was given, and what has to become of it.
// Plain JavaScript, because the loader processes of the crash tests run it as it is.

/** A whole number below `below` that depends on all three arguments and nothing else. */
function draw(seed, n, below) {
  let x = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(n + 1, 0xc2b2ae35);
  for (const [shift, factor] of [
    [16, 0x7feb352d],
    [15, 0x846ca68b],
  ]) {
    x = Math.imul(x ^ (x >>> shift), factor);
  }
  return ((x ^ (x >>> 16)) >>> 0) % below;
}

/** How record `n`, counted from 0, ends: `encode` and `import` are the stages that reject it. */
function fateOf({ seed, rejects }, n) {
  if (!rejects) return 'loaded';
  const number = draw(seed + 1, n, 30);
  if (number === 0) return 'encode';
  return number === 1 ? 'import' : 'loaded';
}

/** Record `n`, counted from 0. Keys come back now and then; without a key, a record may equal the one before it. */
function givenRecord(shape, n) {
  const { seed, total, keyed, padBytes = 0, groups } = shape;
  const twin = !keyed && n > 0 && draw(seed, n, 8) === 0 && fateOf(shape, n - 1) === 'loaded';
  const number = twin ? n - 1 : n;
  const id = keyed ? draw(seed, n, Math.ceil(total / 2)) : number;
  const fate = fateOf(shape, n);
  const amount = fate === 'loaded' ? number : fate === 'encode' ? 'no number' : -1;
  const record = { id, v: `record ${number}`.padEnd(padBytes, '.'), amount };
  return groups === undefined ? record : { ...record, group_id: draw(seed + 2, number, groups) };
}

export function givenRecords(shape, from, to) {
  return Array.from({ length: to - from }, (_, index) => givenRecord(shape, from + index));
}

/** The columns of a table for them; a negative amount is what only the database refuses. */
export function columnsOf({ keyed, groups }) {
  const group = groups === undefined ? '' : ', group_id int';
  return `id int${keyed ? ' primary key' : ''}, v text not null, amount int check (amount >= 0)${group}`;
}

/** Another record of the same key comes, or came: the database may never be asked about this one. */
function isRepeated(shape, n) {
  if (!shape.keyed) return false;
  const { id } = givenRecord(shape, n);
  for (let other = 0; other < shape.total; other++) {
    const staged = other !== n && fateOf(shape, other) !== 'encode';
    if (staged && givenRecord(shape, other).id === id) return true;
  }
  return false;
}

/** What has to be in the table, by amount, and which ordinals have to be kept as rejected. */
export function expectedOutcome(shape, onConflict = 'update') {
  const rows = [];
  const winners = new Map();
  const rejects = [];
  for (let n = 0; n < shape.total; n++) {
    const fate = fateOf(shape, n);
    const record = givenRecord(shape, n);
    if (fate !== 'loaded')
      rejects.push({
        ordinal: n + 1,
        stage: fate,
        unlessSuperseded: fate === 'import' && isRepeated(shape, n),
      });
    else if (!shape.keyed) rows.push(record);
    else if (onConflict === 'update' || !winners.has(record.id)) winners.set(record.id, record);
  }
  const expected = [...rows, ...winners.values()].sort((a, b) => a.amount - b.amount);
  return { rows: expected, rejects };
}
