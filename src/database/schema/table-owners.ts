import { RelytError } from '../../errors.ts';
import type { Session } from '../session.ts';
import type { Statement } from '../statement.ts';

/**
 * A relation of relyt_sys whose owner is less than the superuser who asks: triggers, rules and policies of that owner
 * would run with all rights. No row for others, to whom such code can do nothing that they could not do to themselves.
 */
const foreignTable = (names: readonly string[] | undefined): Statement => ({
  name: 'foreignTable',
  text: `select n.nspname || '.' || c.relname as name, r.rolname::text as owner
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_roles r on r.oid = c.relowner
where n.nspname = 'relyt_sys' and c.relkind not in ('i', 'I', 'S', 'c', 't') and not r.rolsuper
  and case when $1::text[] is null then c.relname ~ '^relyt_loader_' else c.relname = any($1::text[]) end
  and exists (select from pg_catalog.pg_roles me where me.rolname = current_user and me.rolsuper)
order by 1 limit 1`,
  values: [names ?? null],
});

/**
 * To be called before anything is read or written there.
 * @param names of tables in relyt_sys; all of this package when left out
 * @throws RelytError OWNER_UNTRUSTED
 */
export async function requireOwnTables(session: Session, names?: readonly string[]): Promise<void> {
  const [found] = await session.query<{ name: string; owner: string }>(foreignTable(names));
  if (found === undefined) return;
  const { name, owner } = found;
  throw new RelytError(
    'OWNER_UNTRUSTED',
    `${name} belongs to ${JSON.stringify(owner)}, whose triggers would run with the rights of this superuser`,
    {
      hint: `Run this as ${JSON.stringify(owner)} or as the role that loads, or look for triggers on the table and give it to a superuser: ALTER TABLE ${name} OWNER TO CURRENT_USER;`,
    },
  );
}
