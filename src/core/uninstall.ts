/** What stands in the way of removing the bookkeeping from a database. Pure: what it holds goes in, a refusal comes out. */

import { counted } from './figures.ts';
import { endMovesCommand, moveBackCommand } from './routing-commands.ts';

/** A task that has not come to its end. */
export interface UnendedTask {
  readonly processId: string;
  /** Target as `schema.table`. */
  readonly table: string;
  /** Another SDK's: only its checkpoint row is known. */
  readonly foreign: boolean;
  /** Its process may work on it now. Null: a foreign one, of which that is not known. */
  readonly alive: boolean | null;
  /** Staged files that wait for their import, and the records in them. */
  readonly files: number;
  readonly records: number;
}

interface Named {
  readonly schema: string;
  readonly name: string;
}

/** What goes with the bookkeeping, or would be cut off from it. */
export interface Held {
  readonly tasks: readonly UnendedTask[];
  readonly rejected: number;
  /** Tasks that have rejected records. */
  readonly rejectingTasks: number;
  /** Main tables with groups on their way to or from the auxiliary table. */
  readonly moving: readonly Named[];
  /** Main tables with groups in the auxiliary table. */
  readonly routed: readonly Named[];
}

export interface Obstacle {
  readonly message: string;
  readonly hint: string;
}

/** Why the bookkeeping has to stay; undefined when nothing that is needed goes with it. */
export function uninstallRefusal(held: Held, discard: boolean): Obstacle | undefined {
  return (
    ofAlive(held.tasks.filter(({ alive }) => alive === true)) ??
    ofGroups(held) ??
    (discard ? undefined : ofRecords(held))
  );
}

function ofAlive(alive: readonly UnendedTask[]): Obstacle | undefined {
  if (alive.length === 0) return undefined;
  return {
    message: `${counted(alive.length, 'task')} may still run: ${named(alive)}.`,
    hint: 'Wait until they have ended, or end each one with `relyt abort PROCESS_ID --force`. Then run this again.',
  };
}

/** Without the routing table nothing says which rows are in the auxiliary table and not in the main one. */
function ofGroups({ moving, routed }: Held): Obstacle | undefined {
  const [underWay] = moving;
  const [table] = routed;
  if (underWay !== undefined) {
    return {
      message: `Groups of ${shown(underWay)} are being moved between its main and its auxiliary table.`,
      hint: `Finish the moves with \`${endMovesCommand(underWay)}\`. Then run this again.`,
    };
  }
  if (table === undefined) return undefined;
  return {
    message: `The auxiliary table of ${shown(table)} holds groups, and its routing table says which.`,
    hint: `Move them back with \`${moveBackCommand(table)}\`. Then run this again.`,
  };
}

function ofRecords({ tasks, rejected, rejectingTasks }: Held): Obstacle | undefined {
  const sum = (of: (task: UnendedTask) => number) =>
    tasks.reduce((total, one) => total + of(one), 0);
  const lost: string[] = [];
  const ways: string[] = [];
  if (tasks.length > 0) {
    const files = counted(
      sum((one) => one.files),
      'staged file',
    );
    const records = counted(
      sum((one) => one.records),
      'record',
    );
    lost.push(
      `${counted(tasks.length, 'task')} can be resumed (${named(tasks)}), with ${records} in ${files} not imported yet`,
    );
    ways.push('Finish each task with `relyt resume PROCESS_ID --finish`.');
  }
  if (rejected > 0) {
    lost.push(
      `${counted(rejected, 'rejected record')} of ${counted(rejectingTasks, 'task')} are kept nowhere else`,
    );
    ways.push(
      'Save the rejected records of each task with `relyt errors PROCESS_ID --format ndjson > rejected.ndjson`.',
    );
  }
  if (lost.length === 0) return undefined;
  return {
    message: `An uninstall would lose records: ${lost.join('; ')}.`,
    hint: `${ways.join(' ')} To give up what is left, run \`relyt uninstall --discard\`.`,
  };
}

const NAMED_AT_MOST = 3;

function named(tasks: readonly UnendedTask[]): string {
  const names = tasks
    .slice(0, NAMED_AT_MOST)
    .map(({ processId, table }) => `${processId} into ${table}`);
  const more = tasks.length - names.length;
  return [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function shown({ schema, name }: Named): string {
  return `${schema}.${name}`;
}
