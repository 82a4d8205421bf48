import type { Dialect } from '../core/dialect.ts';
import type { ApplyStep } from './apply-step.ts';

/**
 * Greenplum analyzes each table that CREATE TABLE AS makes, inside a DO block as well. An import makes some that no
 * statement joins, and analyzing one costs as much as writing it: the import says itself which one is worth it. Local
 * to the transaction; a server without the setting has nothing to turn off.
 */
export function holdAutomaticStatistics({ distributed }: Dialect): readonly ApplyStep[] {
  if (!distributed) return [];
  const text = `select pg_catalog.set_config(name, 'none', true) from pg_catalog.pg_settings
where name operator(pg_catalog.=) 'gp_autostats_mode'`;
  return [{ name: 'hold automatic statistics', text }];
}

/** Temporary tables have no statistics before, and without them the server joins blindly. */
export const analyze = (relation: string): ApplyStep => ({
  name: 'analyze',
  text: `analyze ${relation}`,
});
