/** Which grants are followed, and what is granted with them. */
interface Followed {
  /** A query for `acl` and `owner` of the object whose grants are followed. */
  readonly acl: string;
  readonly privilege: 'EXECUTE' | 'INSERT';
  /** As they are in GRANT: the privileges, and on what. */
  readonly grants: readonly string[];
}

/** Gives the roles that an administrator granted one thing what they need besides, since a migration. PUBLIC included. */
export function grantLike({ acl, privilege, grants }: Followed): string {
  return `
do $$
declare
  granted record;
begin
  for granted in
    select distinct case when a.grantee operator(pg_catalog.=) 0 then 'public' else pg_catalog.quote_ident(r.rolname) end as name
    from (${acl}) o
    cross join lateral pg_catalog.aclexplode(o.acl) a
    left join pg_catalog.pg_roles r on r.oid operator(pg_catalog.=) a.grantee
    where a.privilege_type operator(pg_catalog.=) '${privilege}' and a.grantee operator(pg_catalog.<>) o.owner
      and (a.grantee operator(pg_catalog.=) 0 or r.rolname is not null)
  loop
${grants
  .map(
    (grant) => `    execute pg_catalog.format('grant ${grant} to %s', granted.name);
`,
  )
  .join('')}  end loop;
end $$;
`;
}
