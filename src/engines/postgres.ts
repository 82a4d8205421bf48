import type { StatementCounts } from '../core/import-counts.ts';
import type { Session, Transaction } from '../database/database.ts';
import { databaseError, failureCode } from '../database/database-error.ts';
import { literal, qualified } from '../database/statement.ts';
import { allowLocation, locationAllowed } from '../database/statements/location.ts';
import { RelytError } from '../errors.ts';
import type { Engine, ExternalFiles } from './engine.ts';
import { type InsertPlan, insertStatement } from './insert-statement.ts';

/** Name of the setting by which the DO block hands its counts back; local to the transaction. */
const COUNTS_SETTING = 'relyt_loader.counts';

/**
 * The statement runs in a DO block because an error of the download quotes the whole curl command,
 * presigned URLs included: caught inside the server, neither client nor server log sees it.
 * How many rows were updates is what the server's statistics of this transaction say: asking each row
 * (RETURNING xmax) costs a quarter of the import and does not work on partitioned tables.
 */
function guarded(plan: InsertPlan): string {
  const statement = insertStatement(plan);
  const target = literal(qualified(plan.table.schema, plan.table.name));
  const run = statement.returnsCounts
    ? `execute ${literal(statement.text)} into n_read, n_winners, n_written;`
    : `execute ${literal(statement.text)};
  get diagnostics n_written = row_count;
  n_read := n_written;
  n_winners := n_written;`;
  const body = `
declare
  n_read bigint;
  n_winners bigint;
  n_written bigint;
  n_updated bigint;
  reason text;
begin
  ${run}
  select coalesce(pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_updated(relid)), 0) into n_updated
  from (select ${target}::pg_catalog.regclass as relid
        union select relid from pg_catalog.pg_partition_tree(${target}::pg_catalog.regclass)) part;
  perform pg_catalog.set_config('${COUNTS_SETTING}', pg_catalog.json_build_object(
    'read', n_read, 'winners', n_winners, 'written', n_written,
    'inserted', n_written - least(n_updated, n_written))::text, true);
exception when external_routine_exception then
  get stacked diagnostics reason = pg_exception_detail;
  raise exception 'the database could not download a staged file: %', reason using errcode = '38000';
end`;
  return `do ${literal(body)}`;
}

/** Stock PostgreSQL 13 and later: a file_fdw foreign table whose program is curl over presigned URLs. */
export const postgresEngine: Engine = {
  name: 'postgres',
  source: 'pg_temp.relyt_loader_external',
  maxFilesPerImport: 80,

  async prepare(session: Session, locationUrl: string): Promise<void> {
    try {
      const [row] = await session.query<{ allowed: boolean }>(locationAllowed(locationUrl));
      if (!row?.allowed) await session.execute(allowLocation(locationUrl));
    } catch (error) {
      if (failureCode(error) !== '42501')
        throw databaseError(error, 'check the allowed S3 locations');
      throw new RelytError(
        'DATABASE_PERMISSION_DENIED',
        `the database does not allow this role to read staged files from ${locationUrl}`,
        {
          hint: `Have an administrator run: relyt init --allow-location ${locationUrl} --role <this role>`,
          cause: error,
        },
      );
    }
  },

  async open(transaction: Transaction, files: ExternalFiles): Promise<void> {
    await transaction.execute({ text: 'select relyt_sys.relyt_loader_open()' });
    await transaction.copyIn(
      'copy pg_temp.relyt_loader_url (n, url) from stdin',
      files.urls.map((url, index) => `${index}\t${url}\n`).join(''),
    );
    await transaction.execute({
      text: 'select relyt_sys.relyt_loader_expose($1::regclass, $2::text[], $3, false)',
      values: [
        qualified(files.table.schema, files.table.name),
        files.columns.map((column) => column.name),
        files.gzip,
      ],
    });
  },

  async load(transaction: Transaction, plan: InsertPlan): Promise<StatementCounts> {
    await transaction.execute({ text: guarded(plan) });
    const [row] = await transaction.query<{ counts: StatementCounts }>({
      text: `select current_setting('${COUNTS_SETTING}')::json as counts`,
    });
    if (row === undefined) throw new RelytError('INTERNAL', 'the import returned no counts');
    return row.counts;
  },

  async close(transaction: Transaction): Promise<void> {
    await transaction.execute({ text: 'select relyt_sys.relyt_loader_close()' });
  },
};
