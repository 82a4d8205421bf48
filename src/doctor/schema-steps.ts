import { databaseError } from '../database/database-error.ts';
import { missingMigrations } from '../database/schema/install.ts';
import { migrationsFor } from '../database/schema/migrations.ts';
import { ident } from '../database/statement.ts';
import { RelytError } from '../errors.ts';
import { shellWord } from '../shell-word.ts';
import { known } from './findings.ts';
import { missingRights, type RequiredRight, requiredRights } from './required-rights.ts';
import type { Step } from './step.ts';

export const SCHEMA: Step = {
  name: 'schema',
  asks: 'database',
  seconds: 20,
  async run({ findings }) {
    const { database, profile } = known(findings, 'database', 'profile', 'ownCode');
    const missing = await missingMigrations(database, profile.engine);
    if (missing.length > 0) {
      const names = missing.map(({ name }) => name).join(', ');
      throw new RelytError('SCHEMA_MISSING', `The schema relyt_sys lacks ${names}.`);
    }
    findings.schema = true;
    const names = migrationsFor(profile.engine).map(({ name }) => name);
    return `relyt_sys is up to date (${names.join(', ')})`;
  },
};

/** The right that every import needs beside those on relyt_sys: an isolation of bad records works in temporary tables. */
const TEMPORARY_TABLES = `select has_database_privilege(current_database(), 'temporary') as allowed`;

export const RIGHTS: Step = {
  name: 'rights',
  asks: 'database',
  seconds: 20,
  async run({ findings }) {
    const { database, profile, role } = known(findings, 'database', 'profile', 'role', 'schema');
    try {
      const rights = requiredRights(profile.engine);
      const missing = await database.query<RequiredRight>(missingRights(rights));
      if (missing.length > 0) throw lacking(role, missing);
      const [row] = await database.query<{ allowed: boolean }>({
        name: 'mayMakeTemporaryTables',
        text: TEMPORARY_TABLES,
      });
      if (!row?.allowed) throw noTemporaryTables(role);
      return `${role} has all ${rights.length} rights on relyt_sys, and to temporary tables`;
    } catch (error) {
      throw databaseError(error, 'look at the rights of this role');
    }
  },
};

function lacking(role: string, missing: readonly RequiredRight[]): RelytError {
  const shown = missing.map(({ privilege, object }) => `${privilege.toUpperCase()} on ${object}`);
  const text = `The role ${role} lacks ${shown.join(', ')}.`;
  return new RelytError('DATABASE_PERMISSION_DENIED', text, {
    hint: `Have an administrator run: \`relyt init --role ${shellWord(role)}\``,
  });
}

function noTemporaryTables(role: string): RelytError {
  const text = `The role ${role} is not allowed to create temporary tables in this database.`;
  return new RelytError('DATABASE_PERMISSION_DENIED', text, {
    hint: `Have an administrator run: GRANT TEMPORARY ON DATABASE … TO ${ident(role)};`,
  });
}
