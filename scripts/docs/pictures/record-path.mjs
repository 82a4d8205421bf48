// The path of a record, from a program into the database.
import { arrow, box, panel, picture, text } from './svg.mjs';

const STEP = { y: 66, width: 146, height: 92 };
const MIDDLE = STEP.y + STEP.height / 2;
const STEPS = [
  { x: 20, name: '1. Insert', lines: ['Your program', 'insert() or', 'relyt load'] },
  { x: 204, name: '2. Encode', lines: ['Loader', 'by the types', 'of the columns'] },
  { x: 388, name: '3. Stage', lines: ['S3', 'staged files:', 'safe from here'], tint: 'blue' },
];
const DATABASE = { x: 572, y: 66, width: 168, height: 204 };
const WITHOUT_S3 = 240;

export function recordPath() {
  return picture(
    {
      title: 'The path of a record',
      description:
        'A program inserts records. The loader encodes them by the types of the columns. It stages them as files in S3. The database imports the files: rows, bookkeeping and rejected records commit in one transaction. Without S3, records go from the memory of the loader through COPY.',
      height: 290,
    },
    [...STEPS.flatMap(step), ...database(), ...withoutS3()],
  );
}

function step({ x, name, lines, tint }) {
  const right = x + STEP.width;
  return [
    text(name, { at: [x + STEP.width / 2, STEP.y - 18], kind: 'title' }),
    box({ ...STEP, x }, { lines, tint, titled: true }),
    arrow([right, MIDDLE], [right + 36, MIDDLE]),
  ];
}

function database() {
  const { x, y, width } = DATABASE;
  const parts = ['your table', 'bookkeeping', 'rejected records'];
  return [
    text('4. Import', { at: [x + width / 2, y - 18], kind: 'title' }),
    panel(DATABASE, { tint: 'green' }),
    text('Database', { at: [x + width / 2, y + 27], kind: 'title' }),
    text('one transaction', { at: [x + width / 2, y + 48], kind: 'quiet' }),
    ...parts.map((part, index) =>
      box({ x: x + 10, y: y + 62 + index * 46, width: width - 20, height: 36 }, { lines: [part] }),
    ),
  ];
}

function withoutS3() {
  const from = STEPS[1].x + STEP.width / 2;
  const to = DATABASE.x;
  return [
    arrow([from, STEP.y + STEP.height], [from, WITHOUT_S3], [to - 4, WITHOUT_S3]),
    text('Without S3: COPY from memory', { at: [(from + to) / 2, WITHOUT_S3 - 12] }),
  ];
}
