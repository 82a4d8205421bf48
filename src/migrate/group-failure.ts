/** A group that cannot be moved does not affect the others: the migration continues with them. */

import { classifyFailure } from '../core/failure.ts';
import { sentence } from '../core/sentence.ts';
import { shownGroup } from '../core/shown-group.ts';
import { classOf, SQLSTATE, SQLSTATE_CLASS } from '../core/sqlstate.ts';
import { databaseError } from '../database/database-error.ts';
import { RelytError } from '../errors.ts';
import type { HeldMove } from './held-move.ts';
import { type MigratedTable, sideName } from './migrated-table.ts';

/**
 * Classes of failures that concern more than one group, besides those that pass: transaction and authorisation states,
 * connections, resources, the server's configuration, its data.
 */
const NOT_OF_GROUP: ReadonlySet<string> = new Set([
  SQLSTATE_CLASS.connectionException,
  SQLSTATE_CLASS.invalidTransactionState,
  SQLSTATE_CLASS.invalidStatementName,
  SQLSTATE_CLASS.invalidAuthorization,
  SQLSTATE_CLASS.invalidCatalogName,
  SQLSTATE_CLASS.invalidSchemaName,
  SQLSTATE_CLASS.transactionRollback,
  SQLSTATE_CLASS.insufficientResources,
  SQLSTATE_CLASS.operatorIntervention,
  SQLSTATE_CLASS.systemError,
  SQLSTATE_CLASS.configFileError,
  SQLSTATE_CLASS.internalError,
]);

const ANY_HINT =
  'Fix what the message names (a trigger, a constraint or the rows), and migrate again.';

const HINTS: Readonly<Record<string, string>> = {
  [SQLSTATE.uniqueViolation]:
    'Change or delete one of the two rows, or drop the constraint, and migrate again: a unique constraint holds for each table on its own, so both tables may have the value.',
  [SQLSTATE.exclusionViolation]:
    'Change or delete one of the rows, or drop the constraint, and migrate again: an exclusion constraint holds for each table on its own.',
  [SQLSTATE.checkViolation]:
    'Change the row or the table, and migrate again: the other table has a check, or lacks a partition, that keeps a row of the group out.',
  [SQLSTATE.foreignKeyViolation]:
    'Give both tables the same foreign keys, and migrate again: the other table has a foreign key that a row of the group does not satisfy.',
  [SQLSTATE.notNullViolation]:
    'Give both tables the same constraints, and migrate again: the other table requires a value where a row of the group has none.',
};

/** Why a group was not moved, as an error that names it. */
export function moveFailure(migrated: MigratedTable, group: string, error: unknown): RelytError {
  const { mainTable } = migrated;
  const failure = databaseError(error, `move group ${shownGroup(group)} of ${mainTable}`, {
    table: mainTable,
  });
  const { sqlstate } = failure.details;
  // Our own errors say already what to do.
  if (sqlstate === undefined || error instanceof RelytError || !isOfGroup(failure)) return failure;
  const { message, details, cause } = failure;
  // The rows would have to change to be moved.
  const code =
    classOf(sqlstate) === SQLSTATE_CLASS.integrityConstraintViolation
      ? 'MIGRATION_REFUSED'
      : failure.code;
  return new RelytError(code, message, { details, hint: HINTS[sqlstate] ?? ANY_HINT, cause });
}

/** Whether the failure is this group's alone, and trying again is of no use before the user has acted. */
export function isOfGroup({ code, details: { sqlstate } }: RelytError): boolean {
  if (sqlstate === undefined) return code === 'MIGRATION_REFUSED';
  // A right that this role lacks, it lacks for every group.
  if (sqlstate === SQLSTATE.insufficientPrivilege) return false;
  if (NOT_OF_GROUP.has(classOf(sqlstate))) return false;
  return code !== 'SCHEMA_MISSING' && classifyFailure(sqlstate) !== 'transient';
}

/** The group has moved, and is whole; some rows that no query reads any more are still where it was. */
export function leftBehind(
  migrated: MigratedTable,
  held: HeldMove,
  failure: RelytError,
): RelytError {
  const source = sideName(migrated, held.direction === 'to-auxiliary' ? 'main' : 'auxiliary');
  const { code, details, hint, cause } = failure;
  const why = details.sqlstate === undefined ? 'something keeps them there' : failure.message;
  return new RelytError(
    code,
    sentence(
      `Group ${shownGroup(held.group)} of ${migrated.mainTable} has moved, but its old rows in ${source} could not be deleted: ${why}`,
    ),
    {
      details,
      hint: `${hint} Queries that follow the routing do not see the old rows, and the next migration deletes them.`,
      cause,
    },
  );
}

/** The group is whole where it was, but copies of it could not be taken back, so imports go on writing them. */
export function copiesLeft(
  migrated: MigratedTable,
  { held, failure, undo }: { held: HeldMove; failure: RelytError; undo: RelytError },
): RelytError {
  const destination = sideName(migrated, held.direction === 'to-auxiliary' ? 'auxiliary' : 'main');
  const { code, message, details, cause } = failure;
  return new RelytError(
    code,
    `${message} Its copies in ${destination} could not be deleted either. ${undo.message}`,
    { details, hint: undo.hint, cause },
  );
}
