/**
 * Which types read the same staged text as the same value, or refuse it. Records are encoded for the type a column
 * has when a task begins; read as another one, `2026-01-02 03:04:05` becomes another instant silently (G4).
 */
const TEXTS: ReadonlySet<string> = new Set([
  'text',
  'character varying',
  'character',
  'citext',
  'name',
]);
const FAMILIES: readonly ReadonlySet<string>[] = [
  TEXTS,
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

/** Which types have the same binary form, too: bytes of `integer` are a value of `real`, and another one. */
export function hasTheSameForm(was: string, now: string): boolean {
  if (!readsTheSame(was, now)) return false;
  const [nameBefore, nameAfter] = [was, now].map((type) => withoutSchema(bare(type)));
  if (nameBefore === nameAfter) return true;
  // An array tells the type of its elements.
  return !was.endsWith('[]') && [nameBefore, nameAfter].every((name) => TEXTS.has(name ?? ''));
}

/** Without modifier and brackets: `timestamp(3) without time zone` is `timestamp without time zone`. */
function bare(type: string): string {
  return type.replace(/\([^)]*\)|(\[\])+$/g, '');
}

function withoutSchema(type: string): string {
  return type.replace(/^(?:"(?:[^"]|"")*"|[^".]+)\./, '');
}
