// What a crash leaves of a task, and what a resume does with it.
import { arrow, box, dashedLine, picture, text, WIDTH } from './svg.mjs';

const MARGIN = 16;
const NAMES = 104;
const GAP = 8;
const ROW = 62;
const PARTS = [
  { left: ['imported:', 'in the table'], tint: 'green', done: ['kept'] },
  { left: ['staged:', 'safe in S3'], tint: 'blue', done: ['imported', 'from S3'] },
  { left: ['upload not', 'complete'], tint: 'amber', done: ['deleted and', 'read again'] },
  { left: ['in memory:', 'lost'], tint: 'red', dashed: true, done: ['read again'] },
  { left: ['not read yet'], tint: 'plain', done: ['read'] },
];
const CELLS = MARGIN + NAMES;
const CELL = (WIDTH - MARGIN - CELLS - GAP * (PARTS.length - 1)) / PARTS.length;
const LEFT = 60;
const DONE = 164;
const RESULT = 268;
/** Between what is safe and what the source gives again. */
const POSITION = CELLS + 2 * (CELL + GAP) - GAP / 2;

export function crashAndResume() {
  return picture(
    {
      title: 'What a crash leaves and what a resume does',
      description:
        'The records of a source, in their order. Imported files are in the table, and are kept. Staged files are safe in S3, and are imported from there. An upload that is not complete is deleted, and its records are read from the source again. Records in memory are lost, and are read again. The rest is read. Then every record is in the table exactly once.',
      height: 336,
    },
    [
      ...name(['A crash', 'leaves'], LEFT, ROW),
      ...name(['A resume', 'does'], DONE, ROW),
      ...name(['Result'], RESULT, 44),
      ...PARTS.flatMap(part),
      dashedLine([POSITION, 22], [POSITION, DONE + ROW + 8]),
      text('position: the source starts again here', {
        at: [POSITION + 10, 36],
        anchor: 'start',
      }),
      arrow(
        [CELLS + 2.5 * CELL + 2 * GAP, DONE + ROW + 6],
        [CELLS + 2.5 * CELL + 2 * GAP, RESULT - 4],
      ),
      box(
        { x: CELLS, y: RESULT, width: WIDTH - MARGIN - CELLS, height: 44 },
        { lines: ['Every record is in the table, exactly once'], tint: 'green' },
      ),
    ],
  );
}

function name(lines, y, height) {
  const first = y + height / 2 - (lines.length - 1) * 10 + 5;
  return lines.map((line, index) =>
    text(line, { at: [MARGIN + 4, first + index * 20], kind: 'title', anchor: 'start' }),
  );
}

function part({ left, tint, dashed, done }, index) {
  const x = CELLS + index * (CELL + GAP);
  const frame = { x, width: CELL, height: ROW };
  const middle = x + CELL / 2;
  return [
    box({ ...frame, y: LEFT }, { lines: left, tint, dashed }),
    arrow([middle, LEFT + ROW + 4], [middle, DONE - 4]),
    box({ ...frame, y: DONE }, { lines: done }),
  ];
}
