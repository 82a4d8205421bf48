// The newest published run of `make bench`, from bench/published.json: README's table and the picture have one source.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { table } from './markdown.mjs';

const HEADINGS = [
  'load',
  '`direct`, no S3',
  '`copy`, through S3',
  '`postgres`, through S3',
  'COPY tuned by hand',
];

export function publishedBench(root) {
  return JSON.parse(readFileSync(path.join(root, 'bench/published.json'), 'utf8'));
}

/** Records a second, and in brackets the ratio to the COPY tuned by hand. */
export function benchTable({ loads }) {
  const rows = loads.map(({ load, direct, copy, postgres, byHand }) => [
    load,
    ...[direct, copy, postgres].map((engine) => `${rate(engine)} (${engine.ratio.toFixed(2)})`),
    rate(byHand),
  ]);
  return table(HEADINGS, rows);
}

function rate({ perSecond }) {
  return `${perSecond.toLocaleString('en-US')}/s`;
}
