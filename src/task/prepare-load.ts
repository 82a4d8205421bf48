import { installMissing } from '../database/schema/install.ts';
import type { LoadPlan } from './plan-load.ts';

/**
 * Makes the database ready for what is planned: the schema relyt_sys, where the role may install it, and access to the
 * staged files.
 * @throws RelytError SCHEMA_MISSING; DATABASE_PERMISSION_DENIED naming the GRANT to run
 */
export async function prepareLoad(plan: LoadPlan): Promise<void> {
  const { database, engine, missing, rights, config } = plan;
  const { dialect, engine: name } = engine.profile;
  await installMissing(database, { engine: name, dialect }, missing);
  rights.requireFor(config.onConflict);
  await engine.prepare(database);
}
