// Pieces of a picture, as text of SVG. A picture has its own background and follows the reader's light or dark mode, so it
// reads well on every page that shows it.

/** Width of every picture, in units that are pixels where the page is wide enough. */
export const WIDTH = 760;

const STYLE = `
  svg { --back: #ffffff; --edge: #d0d7de; --ink: #1f2328; --quiet: #59636e;
    --plain: #f6f8fa; --blue: #ddf4ff; --green: #dafbe1; --amber: #fff8c5; --red: #ffebe9;
    --blue-edge: #0969da; --green-edge: #1a7f37; --amber-edge: #9a6700; --red-edge: #d1242f; --plain-edge: #818b98 }
  @media (prefers-color-scheme: dark) {
    svg { --back: #0d1117; --edge: #3d444d; --ink: #e6edf3; --quiet: #9198a1;
      --plain: #151b23; --blue: #12304f; --green: #12351f; --amber: #3a2d0c; --red: #44191b;
      --blue-edge: #4493f8; --green-edge: #3fb950; --amber-edge: #d29922; --red-edge: #f85149; --plain-edge: #767e88 }
  }
  text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; font-size: 15px; fill: var(--ink) }
  .title { font-weight: 600; font-size: 16px }
  .quiet { fill: var(--quiet) }
  .line { stroke: var(--quiet); stroke-width: 2; fill: none }
  .head { fill: var(--quiet) }
`;

/** Mean width of a character, in parts of the font size; wide enough for the fonts above. */
const CHARACTER = 0.56;
const FONT_SIZE = 15;

/**
 * @param {{ title: string, description: string, height: number }} picture what a reader who does not see it hears
 * @param {readonly string[]} parts
 */
export function picture({ title, description, height }, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title description">
<title id="title">${escaped(title)}</title>
<desc id="description">${escaped(description)}</desc>
<style>${STYLE}</style>
<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="head" d="M0 0 10 5 0 10z"/></marker></defs>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="10" style="fill: var(--back); stroke: var(--edge)"/>
${parts.join('\n')}
</svg>
`;
}

/** @param {{ at: readonly [number, number], kind?: 'title' | 'quiet', anchor?: 'start' | 'middle' | 'end' }} place */
export function text(words, { at: [x, y], kind, anchor = 'middle' }) {
  const style = kind === undefined ? '' : ` class="${kind}"`;
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${style}>${escaped(words)}</text>`;
}

/**
 * A box with lines of text in its middle.
 * @param {{ x: number, y: number, width: number, height: number }} frame
 * @param {{ lines: readonly string[], tint?: 'plain' | 'blue' | 'green' | 'amber' | 'red', dashed?: boolean, titled?: boolean }} look
 */
export function box(frame, { lines, tint = 'plain', dashed = false, titled = false }) {
  const { x, y, width, height } = frame;
  for (const line of lines) fits(line, width);
  const lineHeight = 20;
  const first = y + height / 2 - ((lines.length - 1) * lineHeight) / 2 + 5;
  const written = lines.map((line, index) =>
    text(line, {
      at: [x + width / 2, first + index * lineHeight],
      ...(titled && { kind: index === 0 ? 'title' : 'quiet' }),
    }),
  );
  return [panel(frame, { tint, dashed }), ...written].join('\n');
}

/** A box without text. */
export function panel({ x, y, width, height }, { tint = 'plain', dashed = false } = {}) {
  const dashes = dashed ? '; stroke-dasharray: 5 4' : '';
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" style="fill: var(--${tint}); stroke: var(--${tint}-edge)${dashes}"/>`;
}

/** A line through these points, with a head at its end. */
export function arrow(...points) {
  return `<path class="line" marker-end="url(#head)" d="M${points.map((point) => point.join(' ')).join(' L')}"/>`;
}

export function dashedLine(from, to) {
  return `<path class="line" style="stroke-dasharray: 5 4" d="M${from.join(' ')} L${to.join(' ')}"/>`;
}

/** Text that runs out of its box would be found only by eye. */
function fits(line, width) {
  const needed = line.length * CHARACTER * FONT_SIZE;
  if (needed > width - 8) throw new Error(`"${line}" needs ${Math.ceil(needed)} of ${width - 8}`);
}

function escaped(words) {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
