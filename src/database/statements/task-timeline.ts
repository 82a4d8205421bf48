import type { Statement } from '../statement.ts';
import { utc } from './overview.ts';

/** A staged file with its times, UTC in ISO 8601. */
export interface TimelineFileRow {
  readonly file_id: number;
  readonly lane: number;
  readonly status: string;
  readonly records: number;
  readonly created_at: string;
  readonly frozen_at: string | null;
  readonly imported_at: string | null;
  readonly attempts: number;
  readonly import_id: number | null;
  readonly error: string | null;
}

/** The newest files, the newest first; the primary key finds them. */
export const newestFiles = (processId: string, limit: number): Statement => ({
  name: 'newestFiles',
  text: `select file_id, lane, status, num_records as records, ${utc('created_at')} as created_at,
       ${utc('frozen_at')} as frozen_at, ${utc('imported_at')} as imported_at, attempts, import_id, error
from relyt_sys.relyt_loader_file where process_id = $1 order by file_id desc limit $2`,
  values: [processId, limit],
});

export interface TimelineImportRow {
  readonly import_id: number;
  readonly files: number;
  readonly records: number;
  readonly rejected: number;
  readonly started_at: string;
  readonly imported_at: string;
}

export const newestImports = (processId: string, limit: number): Statement => ({
  name: 'newestImports',
  text: `select import_id, files, num_records as records, rows_rejected as rejected,
       ${utc('started_at')} as started_at, ${utc('imported_at')} as imported_at
from relyt_sys.relyt_loader_import where process_id = $1 order by import_id desc limit $2`,
  values: [processId, limit],
});

/** Records that were imported in one of the equal spans of time between the first import and the last. */
export interface ThroughputRow {
  /** Of the first span, in seconds since 1970. */
  readonly first: number;
  /** Of each span. */
  readonly seconds: number;
  /** Which span, from 0. */
  readonly span: number;
  readonly records: number;
}

/** @param spans the most spans; none is shorter than a second */
export const readThroughput = (processId: string, spans: number): Statement => ({
  name: 'readThroughput',
  text: `with ends as (
  select min(imported_at) as first, max(imported_at) as last
  from relyt_sys.relyt_loader_import where process_id = $1
), sized as (
  select first, greatest(1, ceil(extract(epoch from last - first) / $2::int4))::int8 as seconds from ends
)
select extract(epoch from s.first)::float8 as first, s.seconds,
       floor(extract(epoch from i.imported_at - s.first) / s.seconds)::int8 as span, sum(i.num_records)::int8 as records
from relyt_sys.relyt_loader_import i cross join sized s
where i.process_id = $1 group by 1, 2, 3 order by 3`,
  values: [processId, spans],
});
