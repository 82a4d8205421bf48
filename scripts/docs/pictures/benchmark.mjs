// The published benchmark as bars: how many times as fast as a COPY tuned by hand.
import { picture, text, WIDTH } from './svg.mjs';

const ENGINES = [
  { name: 'direct', words: 'direct, no S3', tint: 'green' },
  { name: 'copy', words: 'copy, through S3', tint: 'blue' },
  { name: 'postgres', words: 'postgres, through S3', tint: 'amber' },
];
const LEFT = 20;
const SCALE_END = 2.5;
const BAR = 20;
const GROUP = 34 + ENGINES.length * (BAR + 3);
const TOP = 96;
const PER_ONE = (WIDTH - 2 * LEFT - 50) / SCALE_END;

/** @param {{ loads: readonly Record<string, any>[] }} bench */
export function benchmark({ loads }) {
  const bottom = TOP + loads.length * GROUP;
  return picture(
    {
      title: 'Speed of the engines, compared with a COPY tuned by hand',
      description: loads.map(spoken).join(' '),
      height: bottom + 44,
    },
    [
      text('Times as fast as a COPY tuned by hand', {
        at: [LEFT, 34],
        kind: 'title',
        anchor: 'start',
      }),
      ...ENGINES.flatMap(legend),
      ...loads.flatMap((load, index) => group(load, TOP + index * GROUP)),
      text('1 = COPY tuned by hand', { at: [LEFT + PER_ONE, bottom + 26], kind: 'quiet' }),
      text('2', { at: [LEFT + 2 * PER_ONE, bottom + 26], kind: 'quiet' }),
    ],
  );
}

function legend({ words, tint }, index) {
  const x = LEFT + index * 190;
  return [bar({ x, y: 52, width: 26 }, tint), text(words, { at: [x + 34, 67], anchor: 'start' })];
}

/** Beside the bars of one group, so that it crosses no text. */
function scaleLine(times, top) {
  const x = LEFT + times * PER_ONE;
  return `<path class="line" style="stroke-width: 1; stroke-dasharray: 3 4" d="M${x} ${top} V${top + GROUP - 28}"/>`;
}

function group(load, y) {
  const rows = ENGINES.map(({ name, tint }, index) => {
    const { ratio } = load[name];
    return { ratio, tint, width: ratio * PER_ONE, top: y + 26 + index * (BAR + 3) };
  });
  return [
    text(plain(load.load), { at: [LEFT, y + 18], kind: 'title', anchor: 'start' }),
    ...rows.map(({ width, top, tint }) => bar({ x: LEFT, y: top, width }, tint)),
    ...[1, 2].map((times) => scaleLine(times, y + 24)),
    ...rows.map(({ ratio, width, top }) =>
      text(ratio.toFixed(2), { at: [LEFT + width - 8, top + 15], anchor: 'end' }),
    ),
  ];
}

function bar({ x, y, width }, tint) {
  return `<rect x="${x}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="3" style="fill: var(--${tint}); stroke: var(--${tint}-edge)"/>`;
}

function spoken(load) {
  const ratios = ENGINES.map(({ name }) => `${name} ${load[name].ratio.toFixed(2)}`);
  return `${plain(load.load)}: ${ratios.join(', ')}.`;
}

/** Without the backquotes of Markdown. */
function plain(words) {
  return words.replaceAll('`', '');
}
