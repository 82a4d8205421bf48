import type { ThroughputRow } from '../database/statements/task-timeline.ts';

/** Records imported over time, ready for a chart. */
export interface Throughput {
  /** How long each span is. */
  readonly spanSeconds: number;
  /** When each span begins, in seconds since 1970. */
  readonly times: readonly number[];
  /** Records a second in each span. */
  readonly rates: readonly number[];
}

/** Spans without an import have the value 0: a pause is part of the history. */
export function throughputOf(rows: readonly ThroughputRow[]): Throughput {
  const [first] = rows;
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return { spanSeconds: 1, times: [], rates: [] };
  const records = new Map(rows.map((row) => [row.span, row.records]));
  const spans = Array.from({ length: last.span + 1 }, (_, span) => span);
  return {
    spanSeconds: first.seconds,
    times: spans.map((span) => first.first + span * first.seconds),
    rates: spans.map((span) => (records.get(span) ?? 0) / first.seconds),
  };
}
