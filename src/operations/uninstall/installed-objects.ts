import type { Reader } from '../../database/session.ts';
import type { Statement } from '../../database/statement.ts';
import {
  type FoundObjectRow,
  hasFileWrapper,
  installedObjects,
} from '../../database/statements/uninstall.ts';
import { RelytError } from '../../errors.ts';

/** Something that `relyt init` made. */
export interface InstalledObject {
  readonly kind: 'view' | 'table' | 'function' | 'server' | 'extension' | 'schema';
  /** Quoted as SQL, with the arguments of a function. */
  readonly name: string;
}

export interface Installed {
  /** In the order in which they can be dropped. */
  readonly objects: readonly InstalledObject[];
  /** The extension is there and stays: it was there before, or others use it. */
  readonly keepsFileWrapper: boolean;
}

/**
 * Reads what there is to remove; nothing when the schema is gone.
 * @throws RelytError UNINSTALL_REFUSED, DATABASE_PERMISSION_DENIED
 */
export async function readInstalled(session: Reader): Promise<Installed> {
  const rows = await session.query<FoundObjectRow>(installedObjects());
  const objects = rows.flatMap(({ kind, name }) => (kind === 'other' ? [] : [{ kind, name }]));
  if (objects.length > 0) {
    refuseOthers(rows.filter(({ kind }) => kind === 'other').map(({ name }) => name));
    refuseNotMine(rows.filter(({ mine }) => !mine));
  }
  const [wrapper] = await session.query<{ found: boolean }>(hasFileWrapper());
  const drops = objects.some(({ kind }) => kind === 'extension');
  return { objects, keepsFileWrapper: wrapper?.found === true && !drops };
}

/** The statements that remove them. RESTRICT: what hangs on them from outside stops the whole removal. */
export function removalOf(objects: readonly InstalledObject[]): readonly Statement[] {
  const tables = objects.filter(({ kind }) => kind === 'table').map(({ name }) => name);
  const drop = (kind: string, name: string) => ({
    name: 'dropInstalled',
    text: `drop ${kind} ${name} restrict`,
  });
  // Tables refer to each other, by foreign keys of an administrator for example: one statement drops them together.
  const together = tables.length === 0 ? [] : [drop('table', tables.join(', '))];
  const of = (kinds: readonly InstalledObject['kind'][]) =>
    objects.filter(({ kind }) => kinds.includes(kind)).map(({ kind, name }) => drop(kind, name));
  return [
    ...of(['view']),
    ...together,
    ...of(['function']),
    ...of(['server']),
    ...of(['extension', 'schema']),
  ];
}

function refuseOthers(others: readonly string[]): void {
  if (others.length === 0) return;
  throw new RelytError(
    'UNINSTALL_REFUSED',
    `The schema relyt_sys holds what this package did not make: ${others.join(', ')}.`,
    {
      hint: 'Drop each object, or move it to another schema (ALTER … SET SCHEMA). Then run this again.',
    },
  );
}

function refuseNotMine(rows: readonly FoundObjectRow[]): void {
  const [first] = rows;
  if (first === undefined) return;
  const owners = [...new Set(rows.map(({ owner }) => JSON.stringify(owner)))].join(' and of ');
  throw new RelytError(
    'DATABASE_PERMISSION_DENIED',
    `This role cannot drop the ${first.kind} ${first.name}, which belongs to ${JSON.stringify(first.owner)}.`,
    { hint: `Run this as a superuser, or as a member of ${owners}.` },
  );
}
