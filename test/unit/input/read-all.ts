/** Feeds readers from memory and collects what they give. */

import { RelytError } from '../../../src/errors.ts';
import { type CsvOptions, readCsv } from '../../../src/input/csv-reader.ts';
import type { DelimitedRecord } from '../../../src/input/delimited-reader.ts';
import {
  type NdjsonOptions,
  type NdjsonRecord,
  readNdjson,
} from '../../../src/input/json-reader.ts';
import type { RecordBatch } from '../../../src/input/record-batch.ts';

export type Source = string | Buffer;

/** The bytes in pieces of the given sizes, over and over; whole without sizes. */
export async function* chunksOf(
  source: Source,
  sizes: readonly number[] = [],
): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(source as string);
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function collect<R>(batches: AsyncIterable<RecordBatch<R>>): Promise<R[]> {
  const records: R[] = [];
  for await (const batch of batches) records.push(...batch.records);
  return records;
}

export function csvRecords(
  source: Source,
  options: CsvOptions = {},
  sizes: readonly number[] = [],
): Promise<DelimitedRecord[]> {
  return collect(readCsv(chunksOf(source, sizes), options).records);
}

/** Fields only, without header. */
export async function csvFields(
  source: Source,
  options: CsvOptions = {},
  sizes: readonly number[] = [],
): Promise<(readonly (string | null)[])[]> {
  const records = await csvRecords(source, { header: false, ...options }, sizes);
  return records.map((record) => record.fields);
}

export function ndjsonRecords(
  source: Source,
  options: NdjsonOptions = {},
  sizes: readonly number[] = [],
): Promise<NdjsonRecord[]> {
  return collect(readNdjson(chunksOf(source, sizes), options).records);
}

/** The RelytError the promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<RelytError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RelytError) return error;
  throw new Error('expected a RelytError', { cause: error });
}
