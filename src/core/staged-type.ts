/**
 * Which types read the same staged text as the same value, or refuse it. Records are encoded for the type a column
 * has when a task begins; read as another one, `2026-01-02 03:04:05` becomes another instant without a word (G4).
 */
const FAMILIES: readonly ReadonlySet<string>[] = [
  new Set(['text', 'character varying', 'character', 'citext', 'name']),
  new Set(['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision']),
  new Set(['json', 'jsonb']),
];

/** @param was, now types as SQL text, as `format_type` writes them */
export function readsTheSame(was: string, now: string): boolean {
  if (was === now) return true;
  if (was.endsWith('[]') !== now.endsWith('[]')) return false;
  const [before, after] = [bare(was), bare(now)];
  // A modifier alone is what the column does on assignment, or a reason to refuse a value.
  if (before === after) return true;
  const [nameBefore, nameAfter] = [withoutSchema(before), withoutSchema(after)];
  // Tasks of earlier versions named a type of the search path without its schema.
  const oneHasSchema = (nameBefore === before) !== (nameAfter === after);
  if (oneHasSchema && nameBefore === nameAfter) return true;
  return FAMILIES.some((family) => family.has(nameBefore) && family.has(nameAfter));
}

/** Without modifier and brackets: `timestamp(3) without time zone` is `timestamp without time zone`. */
function bare(type: string): string {
  return type.replace(/\([^)]*\)|(\[\])+$/g, '');
}

function withoutSchema(type: string): string {
  return type.replace(/^(?:"(?:[^"]|"")*"|[^".]+)\./, '');
}
