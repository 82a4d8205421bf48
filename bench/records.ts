/** The record of all load benchmarks: about 70 bytes of CSV. */
export interface BenchRecord {
  readonly id: number;
  readonly group_id: number;
  readonly ext: string;
  readonly created_at: Date;
  readonly score: number;
}

export const COLUMNS = ['id', 'group_id', 'ext', 'created_at', 'score'] as const;

export const DEFINITION = 'id bigint, group_id int, ext text, created_at timestamptz, score float8';

const START = Date.UTC(2026, 0, 1);

/** The same record for the same number, always. */
export function benchRecord(id: number): BenchRecord {
  return {
    id,
    group_id: id % 1000,
    ext: `name of record ${id}`,
    created_at: new Date(START + id * 37),
    score: ((id * 2654435761) % 4294967296) / 4294967296,
  };
}

export function benchRecords(count: number, firstId = 1): BenchRecord[] {
  return Array.from({ length: count }, (_, index) => benchRecord(firstId + index));
}

/** Without an array in memory. */
export function* benchStream(count: number): Generator<BenchRecord> {
  for (let id = 1; id <= count; id++) yield benchRecord(id);
}
