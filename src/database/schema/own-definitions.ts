import type { Dialect } from '../../core/dialect.ts';
import { type CodeFact, partName } from '../../core/foreign-code.ts';
import { ownerPolicies } from './migration-0007-owner.ts';
import { KEY_POLICY } from './migration-0009-keys.ts';
import { markerPolicy } from './migration-0012-standing.ts';
import { AUXILIARY_POLICIES } from './migration-0018-moved-rows.ts';
import { policyName, policySql } from './row-ownership.ts';

/** Defaults of our columns, as the migrations leave them. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'relyt_loader_checkpoint.files_total': '0',
  'relyt_loader_checkpoint.files_imported': '0',
  'relyt_loader_checkpoint.file_details': `'[]'::pg_catalog.jsonb`,
  'relyt_loader_checkpoint.error_records': '0',
  'relyt_loader_task.last_ordinal': '0',
  'relyt_loader_task.owner_role': 'current_user',
  'relyt_loader_file.target': `'main'`,
  'relyt_loader_file.num_records': '0',
  'relyt_loader_file.num_bytes': '0',
  'relyt_loader_file.stored_bytes': '0',
  'relyt_loader_file.attempts': '0',
  'relyt_loader_file.owner_role': 'current_user',
  'relyt_loader_import.owner_role': 'current_user',
  'relyt_loader_import.moves_before': '0',
  'relyt_loader_reject.owner_role': 'current_user',
  'relyt_loader_move.rows_copied': '0',
  'relyt_loader_move.rows_cleaned': '0',
  'relyt_loader_move.owner_role': 'current_user',
  'relyt_loader_routing.owner_role': 'current_user',
  'relyt_loader_key.owner_role': 'current_user',
  'relyt_loader_marker.owner_role': 'current_user',
};

/** Constraints, as the migrations leave them. */
const CHECKS: Readonly<Record<string, string>> = {
  'relyt_loader_file.relyt_loader_file_status_check': `status in ('CREATED', 'FROZEN', 'IMPORTING', 'IMPORTED', 'ERROR')`,
  'relyt_loader_import.relyt_loader_import_check':
    'num_records = rows_inserted + rows_updated + rows_skipped + rows_superseded + rows_rejected',
  'relyt_loader_reject.relyt_loader_reject_stage_check': `stage in ('encode', 'import')`,
  'relyt_loader_location.relyt_loader_location_url_prefix_check': `url_prefix ~ '^https?://[A-Za-z0-9.:-]+/' and url_prefix like '%/'`,
  'relyt_loader_move.relyt_loader_move_direction_check': `direction in ('to-auxiliary', 'to-main')`,
  'relyt_loader_move.relyt_loader_move_phase_check': `phase in ('COPY', 'CLEAN')`,
  'relyt_loader_task.relyt_loader_task_needs_newer_version':
    'replay_after is null or (replay_epoch is not null and replay_epoch = epoch)',
};

/**
 * SQL that makes an object of ours again as it is to be, without calling what it is now; undefined for objects that
 * are not of our making, and for those of which too much hangs on them. To be run under our search path.
 */
export function ownDefinition(fact: CodeFact, dialect: Dialect): string | undefined {
  const { kind, relation } = fact;
  if (relation === null || !relation.startsWith('relyt_sys.')) return undefined;
  const table = relation.slice('relyt_sys.'.length);
  if (kind === 'default value') {
    const value = DEFAULTS[`${table}.${partName(fact)}`];
    return value && `alter table ${relation} alter column ${partName(fact)} set default ${value}`;
  }
  if (kind === 'table constraint') {
    const name = partName(fact);
    const check = CHECKS[`${table}.${name}`];
    return (
      check &&
      `alter table ${relation} drop constraint ${name};
alter table ${relation} add constraint ${name} check (${check})`
    );
  }
  if (kind !== 'policy' || !dialect.rowSecurity) return undefined;
  const ours = [
    ...ownerPolicies(dialect),
    KEY_POLICY,
    markerPolicy(dialect),
    ...AUXILIARY_POLICIES,
  ];
  const policy = ours.find(
    (known) => known.table === table && policyName(known) === partName(fact),
  );
  return policy && policySql(policy);
}
