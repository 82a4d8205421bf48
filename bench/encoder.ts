/**
 * Speed of the record encoder: CSV and tuples against csv-stringify and the join everybody writes first, and embeddings as
 * tuples against embeddings as CSV. Prints JSON when it is run as a program (compiled by tsc or esbuild first).
 */

import { pathToFileURL } from 'node:url';
import {
  binaryEncoder,
  type Contestant,
  csvEncoder,
  csvStringify,
  EMBEDDED_TABLE,
  type EmbeddedRecord,
  ENCODED_TABLE,
  embeddedRecords,
  naiveJoin,
  PartBuffer,
  textsAlone,
} from './encoder-contestants.ts';
import { type BenchRecord, benchRecords } from './records.ts';
import { median } from './statistics.ts';

const WARM_UP_ROUNDS = 10;

export interface EncoderBenchRow {
  readonly records: string;
  readonly name: string;
  /** Median over the rounds. */
  readonly recordsPerSecond: number;
  readonly megabytesPerSecond: number;
  /** How many times as fast as the other of this name: medians of the rounds' own ratios. */
  readonly versus: Readonly<Record<string, number>>;
}

interface Suite<R> {
  readonly name: string;
  readonly records: readonly R[];
  readonly rounds: number;
  readonly contestants: Readonly<Record<string, Contestant<R>>>;
  /** Names of those that the others are compared with. */
  readonly baselines: readonly string[];
}

const RECORDS: Suite<BenchRecord> = {
  name: 'bench record',
  records: benchRecords(10_000),
  rounds: 60,
  contestants: {
    'relyt-sdk, binary': binaryEncoder(ENCODED_TABLE),
    'relyt-sdk, csv': csvEncoder(ENCODED_TABLE),
    'relyt-sdk, csv, 4 lanes': csvEncoder(ENCODED_TABLE, 4),
    'the values as text, nothing else': textsAlone,
    'map + join': naiveJoin,
    'csv-stringify': csvStringify,
  },
  baselines: ['map + join', 'csv-stringify'],
};

const EMBEDDINGS: Suite<EmbeddedRecord> = {
  name: '768 floats',
  records: embeddedRecords(500),
  rounds: 20,
  contestants: {
    'relyt-sdk, binary': binaryEncoder(EMBEDDED_TABLE),
    'relyt-sdk, csv': csvEncoder(EMBEDDED_TABLE),
  },
  baselines: ['relyt-sdk, csv'],
};

export async function benchEncoder(): Promise<EncoderBenchRow[]> {
  return [...(await run(RECORDS)), ...(await run(EMBEDDINGS))];
}

/**
 * Runs the contestants in turns and short rounds, so that a busy moment of the machine hits all of
 * them alike; ratios are taken within a round.
 */
async function run<R>({ name, records, rounds, contestants, baselines }: Suite<R>) {
  const measured: Record<string, number>[] = [];
  const bytes: Record<string, number> = {};
  for (let round = 0; round < WARM_UP_ROUNDS + rounds; round += 1) {
    const seconds: Record<string, number> = {};
    for (const [contestant, encode] of Object.entries(contestants)) {
      const part = new PartBuffer();
      const started = performance.now();
      encode(records, part);
      seconds[contestant] = (performance.now() - started) / 1000;
      bytes[contestant] = part.total;
    }
    if (round >= WARM_UP_ROUNDS) measured.push(seconds);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return Object.keys(contestants).map((contestant): EncoderBenchRow => {
    const times = measured.map((seconds) => seconds[contestant] ?? Number.NaN);
    const typical = median(times);
    const ratio = (other: string) =>
      median(times.map((time, round) => (measured[round]?.[other] ?? Number.NaN) / time));
    return {
      records: name,
      name: contestant,
      recordsPerSecond: Math.round(records.length / typical),
      megabytesPerSecond: Math.round((bytes[contestant] ?? 0) / typical / 1e6),
      versus: Object.fromEntries(
        baselines.map((other) => [other, Number(ratio(other).toFixed(1))]),
      ),
    };
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(`${JSON.stringify(await benchEncoder(), null, 2)}\n`);
}
