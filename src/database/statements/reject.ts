import { redact } from '../../core/redaction.ts';
import type { Writer } from '../../core/writer.ts';
import type { Statement } from '../statement.ts';
import { isWriters } from './file.ts';

/** A record that could not be loaded, as it is kept. */
export interface Reject {
  readonly ordinal: number;
  /** JSON text of where the source is after the records it came with; null when that was not said. */
  readonly position: string | null;
  /** Its own line in the source; null when that is not known. */
  readonly line: number | null;
  readonly stage: 'encode' | 'import';
  readonly code: string;
  readonly column: string | null;
  readonly reason: string;
  /** JSON text of the record; null when it has no JSON form. */
  readonly record: string | null;
}

export const insertRejects = (processId: string, rejects: readonly Reject[]): Statement => ({
  name: 'insertRejects',
  text: `insert into relyt_sys.relyt_loader_reject
  (process_id, record_ordinal, source_position, source_line, stage, code, column_name, reason, record, created_at, owner_role)
select $1, r.ordinal, r.position::jsonb, r.line, r.stage, r.code, r.column_name, r.reason, r.record::json, now(), t.owner_role
from unnest($2::int8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int8[])
  as r (ordinal, position, stage, code, column_name, reason, record, line)
join relyt_sys.relyt_loader_task t on t.process_id = $1
where not exists (
  select 1 from relyt_sys.relyt_loader_reject k where k.process_id = $1 and k.record_ordinal = r.ordinal
)`,
  values: [
    processId,
    rejects.map((reject) => reject.ordinal),
    rejects.map((reject) => reject.position),
    rejects.map((reject) => reject.stage),
    rejects.map((reject) => reject.code),
    rejects.map((reject) => reject.column),
    rejects.map((reject) => redact(reject.reason)),
    rejects.map((reject) => reject.record),
    rejects.map((reject) => reject.line),
  ],
});

/** Rejections of records that were never frozen: the source replays the records, and they are rejected again. */
export const dropUnfrozenRejects = (writer: Writer, lastOrdinal: number): Statement => ({
  name: 'dropUnfrozenRejects',
  text: `delete from relyt_sys.relyt_loader_reject where process_id = $1 and record_ordinal > $4 and ${isWriters}`,
  values: [writer.processId, writer.epoch, writer.owner, lastOrdinal],
});

/** Records that the database refused in imports that are undone. The caller holds the epoch (`holdEpoch`). */
export const forgetRefused = (processId: string): Statement => ({
  name: 'forgetRefused',
  text: `delete from relyt_sys.relyt_loader_reject where process_id = $1 and stage = 'import'`,
  values: [processId],
});
