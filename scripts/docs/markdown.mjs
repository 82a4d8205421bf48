/** A table; cells may hold Markdown, but no line ends. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text) {
  return String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
}

export function code(text) {
  return `\`${text}\``;
}

export function page(...blocks) {
  return `${blocks.join('\n\n')}\n`;
}

const UNITS = [
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
];

/** `256 MiB (268435456)` where a unit divides the number, else the number. */
export function bytes(number) {
  const unit = UNITS.find(([, size]) => number >= size && number % size === 0);
  return unit === undefined ? String(number) : `${number / unit[1]} ${unit[0]} (${number})`;
}
