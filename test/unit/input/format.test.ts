import { describe, expect, it } from 'vitest';
import { inputFormat } from '../../../src/input/format.ts';

const csv = { kind: 'csv', delimiter: ',' };
const tsv = { kind: 'csv', delimiter: '\t' };
const ndjson = { kind: 'ndjson' };
const json = { kind: 'json' };

describe('the format of an input', () => {
  it.each([
    ['a.csv', csv],
    ['a.csv.gz', csv],
    ['dir.ndjson/A.CSV.GZ', csv],
    ['a.tsv', tsv],
    ['a.tsv.gz', tsv],
    ['a.tab', tsv],
    ['a.ndjson', ndjson],
    ['a.jsonl', ndjson],
    ['a.b.jsonl.gz', ndjson],
    ['a.csv.zst', csv],
    ['a.copy', { kind: 'text' }],
  ])('is by name for %s, whatever it begins with', (fileName, format) => {
    expect(inputFormat({ fileName, head: Buffer.from('{"a":1}') })).toEqual(format);
    expect(inputFormat({ fileName, head: Buffer.from('a,b') })).toEqual(format);
  });

  it.each([
    ['{"a":1}', ndjson],
    ['\uFEFF \r\n\t{', ndjson],
    ['[1]', json],
    ['a,b', csv],
    ['"a"', csv],
    ['\n \n', csv],
    ['', csv],
  ])('is by the first byte when the name says nothing: %j', (head, format) => {
    for (const fileName of ['-', 'data', 'data.gz', 'v1.2/data', undefined]) {
      expect(inputFormat({ fileName, head: Buffer.from(head) })).toEqual(format);
    }
  });

  it('is what the user says, first of all', () => {
    const head = Buffer.from('{');
    expect(inputFormat({ format: 'csv', fileName: 'a.jsonl', head })).toEqual(csv);
    expect(inputFormat({ format: 'csv', fileName: 'a.tsv' })).toEqual(tsv);
    expect(inputFormat({ format: 'ndjson', fileName: 'a.tsv' })).toEqual(ndjson);
    expect(inputFormat({ format: 'csv', fileName: '-', head })).toEqual(csv);
    expect(inputFormat({ format: 'text', fileName: 'a.tsv', head })).toEqual({ kind: 'text' });
    expect(inputFormat({ format: 'json', fileName: 'a.csv', head })).toEqual(json);
  });

  it('is a JSON array where no line of NDJSON could begin so', () => {
    expect(inputFormat({ fileName: 'a.ndjson', head: Buffer.from(' [{') })).toEqual(json);
    expect(inputFormat({ fileName: 'a.csv', head: Buffer.from('[x],y') })).toEqual(csv);
    expect(inputFormat({ format: 'ndjson', head: Buffer.from('[') })).toEqual(ndjson);
  });
});
