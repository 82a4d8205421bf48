import type { TargetTable } from '../core/target-table.ts';
import type { Session } from '../database/session.ts';
import { relationKind } from '../database/statements/routing-view.ts';
import { ROUTING_SCHEMA, routingNames } from './routed-table.ts';
import { routingInvalid } from './routing-invalid.ts';

const KINDS: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
  i: 'an index',
  I: 'an index',
  S: 'a sequence',
  c: 'a composite type',
  r: 'a table',
  p: 'a table',
};

/**
 * Names that the set-up needs for tables, and that something else has.
 * @throws RelytError ROUTING_INVALID
 */
export async function refuseTakenNames(session: Session, main: TargetTable): Promise<void> {
  const { auxiliary, routing } = routingNames(main.name);
  for (const [schema, name, use] of [
    [main.schema, auxiliary, 'the auxiliary table'],
    [ROUTING_SCHEMA, routing, 'the routing table'],
  ] as const) {
    const kind = await kindOfRelation(session, schema, name);
    if (kind !== undefined && kind !== 'r' && kind !== 'p')
      throw nameTaken(main, { schema, name, kind, use });
  }
}

/** One letter, as the catalogue has it; undefined where there is nothing of this name. */
export async function kindOfRelation(
  session: Session,
  schema: string,
  name: string,
): Promise<string | undefined> {
  const [found] = await session.query<{ kind: string }>(relationKind(schema, name));
  return found?.kind;
}

export function nameTaken(
  main: TargetTable,
  taken: {
    readonly schema: string;
    readonly name: string;
    readonly kind: string;
    /** What the name is needed for. */
    readonly use: string;
  },
): Error {
  const { schema, name, kind, use } = taken;
  return routingInvalid(
    main,
    `${schema}.${name} is ${KINDS[kind] ?? 'something else'}, and ${use} of ${main.schema}.${main.name} would have that name.`,
    'Rename it, and run this again.',
  );
}
