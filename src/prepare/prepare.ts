import type { AccessConfig, LoaderConfigSource } from '../config/access-config.ts';
import { withoutSecrets } from '../core/safe-error.ts';
import type { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import { detectEngine } from '../engines/detect.ts';
import { RelytError } from '../errors.ts';
import { databaseOf } from '../operations/access.ts';
import { type PreparedRouting, prepareRouting } from '../routing/prepare-routing.ts';
import { administratorScript } from './administrator-script.ts';
import type { PlannedRouting, Prepared, PreparedDatabase } from './preparation.ts';
import { prepareDatabase } from './prepare-database.ts';
import { type PrepareOptions, resolvePreparation } from './prepare-options.ts';

/** Brings a database to where loads can run, and routes its tables. What is wrong with the options is found before. */
export async function prepareFor(access: AccessConfig, options: PrepareOptions): Promise<Prepared> {
  const { loaderConfig, loaderConfigOwner } = access;
  const source = {
    ...(loaderConfig !== undefined && { loaderConfig }),
    ...(loaderConfigOwner !== undefined && { loaderConfigOwner }),
  };
  const { preparation, routing } = resolvePreparation({ ...source, ...options });
  const database = databaseOf(access);
  try {
    const prepared = await prepareDatabase(database, preparation);
    return { ...prepared, routing: await routeTables(database, routing, prepared) };
  } catch (error) {
    throw withoutSecrets(databaseError(error, 'prepare the database'));
  } finally {
    await database.close();
  }
}

/** The same as SQL, for an administrator to read and run. Needs no database, holds no secret. */
export async function scriptFor(
  options: Omit<PrepareOptions, 'routing'> & LoaderConfigSource,
): Promise<string> {
  if ('routing' in options) {
    const message = 'A script cannot show what routing does without looking at the tables.';
    const hint = 'Leave routing out, and prepare it with a connection.';
    throw new RelytError('CONFIG_INVALID', message, { hint });
  }
  return administratorScript(resolvePreparation(options).preparation);
}

/** Of every table, in a database whose schema is prepared. */
async function routeTables(
  database: Database,
  { tables, groupColumn, view }: PlannedRouting,
  { engine, roles }: Pick<PreparedDatabase, 'engine' | 'roles'>,
): Promise<readonly PreparedRouting[]> {
  if (tables.length === 0) return [];
  const { dialect } = await detectEngine(database, engine);
  const prepared: PreparedRouting[] = [];
  for (const table of tables)
    prepared.push(await prepareRouting(database, dialect, { ...table, groupColumn, view, roles }));
  return prepared;
}
