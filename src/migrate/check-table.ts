import type { Session } from '../database/session.ts';
import { obstacles } from '../database/statements/move-candidates.ts';
import { RelytError } from '../errors.ts';
import type { MigratedTable } from './migrated-table.ts';

interface Obstacles {
  readonly referencedBy: string | null;
  readonly rowSecurity: boolean;
}

/**
 * Refuses what would lose or miss rows: foreign keys that follow deletions, and policies that hide rows.
 * @throws RelytError MIGRATION_REFUSED
 */
export async function checkTable(session: Session, migrated: MigratedTable): Promise<void> {
  const { main, auxiliary } = migrated.routed;
  for (const table of [main, auxiliary]) {
    const shown = `${table.schema}.${table.name}`;
    const [found] = await session.query<Obstacles>(
      obstacles(table, migrated.dialect.modernCatalogue),
    );
    const problem = found && problemOf(found, shown);
    if (problem === undefined) continue;
    throw new RelytError('MIGRATION_REFUSED', problem.message, {
      details: { table: shown },
      hint: problem.hint,
    });
  }
}

function problemOf(
  { referencedBy, rowSecurity }: Obstacles,
  shown: string,
): { readonly message: string; readonly hint: string } | undefined {
  if (referencedBy !== null) {
    return {
      message: `A foreign key of ${referencedBy} refers to ${shown}, so deleting its rows would fail or delete rows there.`,
      hint: 'Drop the foreign key: a row that moves is deleted in one table and inserted in the other.',
    };
  }
  if (rowSecurity) {
    return {
      message: `Row security of ${shown} may hide rows from this role, and they would be left behind.`,
      hint: 'Migrate as a role that row security does not apply to (BYPASSRLS).',
    };
  }
  return undefined;
}
