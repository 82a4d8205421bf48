import type { Dialect } from '../../core/dialect.ts';
import type { FoundTarget, WrittenTarget } from '../../core/imported-target.ts';
import { AUXILIARY_SUFFIX } from '../../core/routing-suffixes.ts';
import type { Writer } from '../../core/writer.ts';
import { qualified, type Statement } from '../statement.ts';

/** SQL: a column of the newest import of the task $1. */
const ofNewest = (column: string): string =>
  `(select i.${column} from relyt_sys.relyt_loader_import i where i.process_id = $1 order by i.import_id desc limit 1)`;

const NEWEST_TABLE = ofNewest('target_oid');
const NEWEST_MARKER = ofNewest('marker');

/** SQL: what the imports wrote to, and whether what they wrote is lost with an unlogged table. */
const WRITTEN = `${NEWEST_TABLE} as "table",
  ${ofNewest('auxiliary_oid')} as auxiliary,
  ${ofNewest('moves_before')} as "movesBefore",
  ${ofNewest('auxiliary_moves')} as "auxiliaryMoves",
  ${NEWEST_MARKER} as marker,
  exists (select 1 from relyt_sys.relyt_loader_marker m where m.process_id = $1
    and m.marker = ${NEWEST_MARKER}) as "markerThere"`;

/** SQL: of a main table, given as SQL, the auxiliary tables that moves have changed. */
const movedRows = (main: string): string =>
  `(select coalesce(json_agg(json_build_object('auxiliary', a.auxiliary_oid, 'filled', a.filled, 'emptied', a.emptied)), '[]')
    from relyt_sys.relyt_loader_auxiliary a where a.main_oid = ${main})`;

interface NamedTarget {
  readonly schema: string;
  readonly name: string;
}

const auxiliaryOf = ({ schema, name }: NamedTarget): string =>
  qualified(schema, `${name}${AUXILIARY_SUFFIX}`);

/** SQL: of the tables in a parameter, and of their partitions, those that hold rows and are unlogged, or all of them. */
const storages = (oids: string): string => `with recursive part (oid, kind, persistence) as (
    select c.oid, c.relkind, c.relpersistence from pg_catalog.pg_class c where c.oid = any(${oids}::int8[]::oid[])
    union all
    select c.oid, c.relkind, c.relpersistence
    from part join pg_catalog.pg_inherits h on h.inhparent = part.oid join pg_catalog.pg_class c on c.oid = h.inhrelid
    where part.kind = 'p'
  ) select 1 from part where part.kind <> 'p'`;

/** What an import finds of those before it. */
export interface HeldImportRow extends WrittenTarget, Omit<FoundTarget, 'foundTable'> {
  /** A crash of the server empties what this import writes to. */
  readonly unlogged: boolean;
}

/**
 * Holds the task's epoch for an import, like `holdEpoch`, and tells what the imports before it wrote to. On segments no
 * row tells whether all of them kept an unlogged table: none is loaded there.
 */
export const holdImport = (
  writer: Writer,
  target: NamedTarget & {
    /** Of the main table, and of the auxiliary one if rows go there. */
    readonly oids: readonly number[];
  },
  { distributed }: Dialect,
): Statement => ({
  name: 'holdImport',
  text: `select ${WRITTEN},
  pg_catalog.to_regclass($5)::oid::int8 as "foundAuxiliary",
  ${movedRows('($4::int8[])[1]')} as moved,
  ${distributed ? '$4::int8[] is null' : `exists (${storages('$4')} and part.persistence = 'u')`} as unlogged
from relyt_sys.relyt_loader_task t where t.process_id = $1 and t.epoch = $2 and t.owner = $3 for share of t`,
  values: [writer.processId, writer.epoch, writer.owner, target.oids, auxiliaryOf(target)],
});

/** A row that a crash takes away together with the rows of an unlogged target. */
export const insertMarker = (processId: string, marker: string): Statement => ({
  name: 'insertMarker',
  text: `insert into relyt_sys.relyt_loader_marker (process_id, marker, created_at, owner_role)
select $1, $2, now(), t.owner_role from relyt_sys.relyt_loader_task t where t.process_id = $1`,
  values: [processId, marker],
});

/** What the database has of a task. */
export interface CommittedRow extends WrittenTarget, FoundTarget {
  readonly lastOrdinal: number;
  /** Null where an older version has the task. */
  readonly frozenFiles: number | null;
  readonly importedFiles: number;
  readonly importedRecords: number;
  readonly rejects: number;
}

/**
 * Everything that is committed of a task, and holds its epoch like `holdEpoch`. Of files only those up to an id.
 * Its cost grows with the number of files.
 */
export const holdCommitted = (
  writer: Writer,
  target: NamedTarget,
  upToFile: number | null,
): Statement => ({
  name: 'holdCommitted',
  text: `select t.last_ordinal as "lastOrdinal", t.frozen_files as "frozenFiles",
  (select count(*) from relyt_sys.relyt_loader_file f
   where f.process_id = $1 and f.status = 'IMPORTED' and ($5::int8 is null or f.file_id <= $5::int8)) as "importedFiles",
  (select coalesce(sum(i.num_records), 0)::int8 from relyt_sys.relyt_loader_import i where i.process_id = $1) as "importedRecords",
  (select count(*) from relyt_sys.relyt_loader_reject r where r.process_id = $1) as rejects,
  ${WRITTEN},
  ${movedRows(NEWEST_TABLE)} as moved,
  pg_catalog.to_regclass($4)::oid::int8 as "foundTable",
  pg_catalog.to_regclass($6)::oid::int8 as "foundAuxiliary"
from relyt_sys.relyt_loader_task t where t.process_id = $1 and t.epoch = $2 and t.owner = $3 for share of t`,
  values: [
    writer.processId,
    writer.epoch,
    writer.owner,
    qualified(target.schema, target.name),
    upToFile,
    auxiliaryOf(target),
  ],
});

/** Whether all rows of these tables, and of their partitions, are lost when the unlogged ones are. */
export const allUnlogged = (tables: readonly number[]): Statement => ({
  name: 'allUnlogged',
  text: `select not exists (${storages('$1')} and part.persistence <> 'u') as "all"`,
  values: [tables],
});
