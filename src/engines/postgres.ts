import type { StatementCounts } from '../core/import-counts.ts';
import type { Session, Transaction } from '../database/database.ts';
import { databaseError, failureCode } from '../database/database-error.ts';
import { literal, qualified } from '../database/statement.ts';
import { allowLocation, locationAllowed } from '../database/statements/location.ts';
import { RelytError } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import type { Engine, ExternalFiles } from './engine.ts';
import { type InsertPlan, insertStatement } from './insert-statement.ts';
import { isolationBlock, stageRows } from './isolation-block.ts';
import { updatedRows } from './updated-rows.ts';

/** Name of the setting by which the DO block hands its counts back; local to the transaction. */
const COUNTS_SETTING = 'relyt_loader.counts';

/**
 * Whatever reads the external table runs in a DO block, because an error of the download quotes the whole curl
 * command, presigned URLs included: caught inside the server, neither client nor server log sees it.
 */
function guarded(declarations: string, statements: string): string {
  const body = `
declare
  reason text;
  ${declarations}
begin
  ${statements}
exception when external_routine_exception then
  get stacked diagnostics reason = pg_exception_detail;
  raise exception 'the database could not download a staged file: %', reason using errcode = '38000';
end`;
  return `do ${literal(body)}`;
}

function guardedInsert(plan: InsertPlan): string {
  const statement = insertStatement(plan);
  const updated = updatedRows(plan.table);
  const run = statement.returnsCounts
    ? `execute ${literal(statement.text)} into n_read, n_winners, n_written;`
    : `execute ${literal(statement.text)};
  get diagnostics n_written = row_count;
  n_read := n_written;
  n_winners := n_written;`;
  return guarded(
    `n_read bigint; n_winners bigint; n_written bigint; n_updated bigint := ${updated};`,
    `${run}
  n_updated := ${updated} - n_updated;
  perform pg_catalog.set_config('${COUNTS_SETTING}', pg_catalog.json_build_object(
    'read', n_read, 'winners', n_winners, 'written', n_written,
    'inserted', n_written - least(n_updated, n_written), 'rejected', 0)::text, true);`,
  );
}

async function readCounts(transaction: Transaction): Promise<StatementCounts> {
  const [row] = await transaction.query<{ counts: StatementCounts }>({
    text: `select current_setting('${COUNTS_SETTING}')::json as counts`,
  });
  if (row === undefined) throw new RelytError('INTERNAL', 'the import returned no counts');
  return row.counts;
}

/** Stock PostgreSQL 13 and later: a file_fdw foreign table whose program is curl over presigned URLs. */
export const postgresEngine: Engine = {
  name: 'postgres',
  source: 'pg_temp.relyt_loader_external',
  maxFilesPerImport: 60,

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
      text: 'select relyt_sys.relyt_loader_expose($1::regclass, $2::text[], $3, $4)',
      values: [
        qualified(files.table.schema, files.table.name),
        files.columns.map((column) => column.name),
        files.gzip,
        files.asText,
      ],
    });
  },

  async load(transaction: Transaction, plan: InsertPlan): Promise<StatementCounts> {
    await transaction.execute({ text: guardedInsert(plan) });
    return readCounts(transaction);
  },

  async isolate(
    transaction: Transaction,
    plan: InsertPlan,
    maxBad: number,
  ): Promise<StatementCounts> {
    const [stage, ...prepare] = stageRows(plan);
    await transaction.execute({ text: guarded('', `execute ${literal(stage)};`) });
    for (const text of prepare) await transaction.execute({ text });
    await failpoint('isolation-staged');
    await transaction.execute({ text: isolationBlock(plan, maxBad, COUNTS_SETTING) });
    return readCounts(transaction);
  },

  async close(transaction: Transaction): Promise<void> {
    await transaction.execute({ text: 'select relyt_sys.relyt_loader_close()' });
  },
};
