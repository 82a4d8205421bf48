import { safeCause } from '../core/safe-error.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import { RelytError } from '../errors.ts';
import { failureCode } from './database-error.ts';
import type { Statement } from './statement.ts';

/**
 * A role that owns relyt_sys, or something of ours in it, can put triggers, rules, policies and functions there. To most
 * roles they can do nothing that these do not allow anyway, but a superuser would run them with all rights. So its
 * transactions end here, before they look at anything. LOADER_CONFIG() may belong to a role that the configuration names.
 */
export const requireOwnSchema = (): Statement => ({
  name: 'requireOwnSchema',
  text: `do $relyt_guard$
declare
  untrusted record;
begin
  if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    return;
  end if;
  select o.object, quote_ident(r.rolname) as owner into untrusted
  from (
    select 1 as rank, 'schema relyt_sys' as object, n.nspowner as owner
    from pg_catalog.pg_namespace n where n.nspname = 'relyt_sys'
    union all
    select 2, 'table relyt_sys.' || quote_ident(c.relname), c.relowner
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'relyt_sys' and c.relname ~ '^relyt_loader_' and c.relkind not in ('i', 'I', 'c', 't')
    union all
    select 3, 'function ' || p.oid::regprocedure, p.proowner
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'relyt_sys' and p.proname ~ '^relyt_loader_'
  ) o
  join pg_catalog.pg_roles r on r.oid = o.owner
  where not r.rolsuper
  order by o.rank, o.object limit 1;
  if untrusted.object is not null then
    raise exception '% belongs to %, whose code would run with the rights of this superuser', untrusted.object, untrusted.owner
      using errcode = '${SQLSTATE.untrustedOwner}',
            detail = format('ALTER %s OWNER TO %I;', untrusted.object, current_user);
  end if;
end
$relyt_guard$`,
});

/** The refusal as an error of ours; any other failure as it is. */
export function asOwnerUntrusted(error: unknown): unknown {
  if (failureCode(error) !== SQLSTATE.untrustedOwner || !(error instanceof Error)) return error;
  const { detail = '' } = error as { readonly detail?: string };
  return new RelytError('OWNER_UNTRUSTED', error.message, {
    hint: `Connect as a role that is not a superuser, or look at what that role made in relyt_sys, triggers above all, and then take it over: ${detail}`,
    cause: safeCause(error),
  });
}
