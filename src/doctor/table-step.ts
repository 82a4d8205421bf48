import { counted } from '../core/figures.ts';
import { readTargetTable } from '../database/catalogue.ts';
import { databaseError } from '../database/database-error.ts';
import { ident } from '../database/statement.ts';
import { RelytError } from '../errors.ts';
import { findOpenView } from '../routing/row-security.ts';
import { readTargetRights, type TargetRights } from '../target/target-rights.ts';
import { known, SkippedError } from './findings.ts';
import { mayCreateIn } from './required-rights.ts';
import type { Step } from './step.ts';

export const TABLE: Step = {
  name: 'table',
  asks: 'database',
  seconds: 20,
  async run({ config, findings, table: wanted }) {
    const { database, profile, role } = known(findings, 'database', 'profile', 'role', 'ownCode');
    if (wanted === undefined) throw new SkippedError('none was named with --table');
    const table = await readTargetTable(database.sharedReads(), wanted);
    const shown = `${table.schema}.${table.name}`;
    findings.target = table;
    const { groupColumn, onConflict } = config;
    const { dialect } = profile;
    const rights = await readTargetRights(database.sharedReads(), { table, dialect, groupColumn });
    rights.requireFor(onConflict);
    try {
      const [row] = await database.query<{ allowed: boolean }>(mayCreateIn(table.schema));
      if (!profile.temporaryExternalTable && !row?.allowed) {
        const grant = `GRANT CREATE ON SCHEMA ${ident(table.schema)} TO ${ident(role)}`;
        throw lacks(role, `CREATE on the schema ${table.schema}`, grant);
      }
      if (rights.routed !== undefined)
        findings.openView = await findOpenView(database.sharedReads(), dialect, rights.routed);
    } catch (error) {
      throw databaseError(error, `look at the rights on ${shown}`, { table: shown });
    }
    const key = table.key.length > 0 ? `key (${table.key.join(', ')})` : 'no key';
    const columns = counted(table.columns.length, 'column');
    return `${shown}: ${columns}, ${key}${routedBy(rights)}; ${role} has the rights to load it`;
  },
};

function routedBy({ routed }: TargetRights): string {
  if (routed === undefined) return '';
  const { auxiliary, groupColumn } = routed;
  return `, routed by "${groupColumn.main}" to ${auxiliary.schema}.${auxiliary.name}`;
}

function lacks(role: string, what: string, grant: string): RelytError {
  return new RelytError('DATABASE_PERMISSION_DENIED', `The role ${role} lacks ${what}.`, {
    hint: `Have the owner run: ${grant};`,
  });
}
