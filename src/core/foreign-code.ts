import { viewCommand } from './routing-commands.ts';

/** One thing that the catalogue says of an object of ours: what it depends on besides PostgreSQL and this package. */
export interface CodeFact {
  /** Of the object, as the server calls it: `default value`, `table constraint`, `policy`, `function` and so on. */
  readonly kind: string;
  /** As the server identifies it, quoted as SQL: `name on schema.table`, `for schema.table.column`. */
  readonly object: string;
  /** The relation it is a part of, quoted as SQL; null for a function. */
  readonly relation: string | null;
  /** Schema and name of the main table, when the relation is the view over a routed table. */
  readonly routed: readonly [schema: string, name: string] | null;
  /** Null when it is the function itself that is described. */
  readonly on: string | null;
  /** Of `on`, or of the function. */
  readonly owner: string;
  /** The owner could do as much without it. */
  readonly trusted: boolean;
  /** A function has its search path set. */
  readonly pinned: boolean;
}

/**
 * Whether the object may run what no administrator meant it to run. A trigger that a trusted owner added is meant; all
 * else that our objects are made of, we made, so what they name elsewhere was found by a search path.
 */
export function isForeign({ kind, on, trusted, pinned }: CodeFact): boolean {
  if (on === null) return !trusted || !pinned;
  return kind !== 'trigger' || !trusted;
}

/** The finding as a sentence without its end. */
export function foreignCodeText({ kind, object, on, owner, trusted }: CodeFact): string {
  const name = `the ${kind} ${object}`;
  if (on !== null) return `${name} depends on the ${on} of ${JSON.stringify(owner)}`;
  return trusted
    ? `${name} has no search_path of its own`
    : `${name} belongs to ${JSON.stringify(owner)}`;
}

/** Name of a column with a default, or of a constraint, policy, rule or trigger, quoted as SQL. */
export function partName({ kind, object, relation }: CodeFact): string {
  return kind === 'default value'
    ? object.slice(`for ${relation}.`.length)
    : object.slice(0, -` on ${relation}`.length);
}

const DROP_SCHEMA = 'DROP SCHEMA relyt_sys CASCADE;';

/** SQL by which an administrator gets rid of a finding; it runs nothing of what was found. */
function removal(fact: CodeFact): string {
  const { kind, object, relation, routed, on, trusted } = fact;
  if (on === null)
    return trusted
      ? `ALTER FUNCTION ${object} SET search_path = pg_catalog, pg_temp;`
      : DROP_SCHEMA;
  if (routed !== null) return `DROP VIEW ${relation};`;
  const name = () => partName(fact);
  switch (kind) {
    case 'default value':
      return `ALTER TABLE ${relation} ALTER COLUMN ${name()} DROP DEFAULT;`;
    case 'table constraint':
      return `ALTER TABLE ${relation} DROP CONSTRAINT ${name()};`;
    case 'policy':
    case 'trigger':
      return `DROP ${kind.toUpperCase()} ${name()} ON ${relation};`;
    case 'rule':
      // The rule of a view is the view.
      return name() === '"_RETURN"'
        ? `DROP VIEW ${relation};`
        : `DROP RULE ${name()} ON ${relation};`;
    case 'index':
      return `DROP INDEX ${object};`;
    default:
      return DROP_SCHEMA;
  }
}

/**
 * What to do about findings, each command in backticks and in this order.
 * @param mendable what `relyt init` makes again by itself
 */
export function foreignCodeHint(
  findings: readonly CodeFact[],
  mendable: (finding: CodeFact) => boolean,
): string {
  const left = findings.filter((finding) => !mendable(finding));
  const removals = [...new Set(left.map(removal))].sort(lastSchema);
  const views = left.flatMap(({ routed }) => {
    if (routed === null) return [];
    const [schema, name] = routed;
    return [viewCommand({ schema, name })];
  });
  const commands = ['relyt init', ...new Set(views)].map(inBackticks);
  const then = `${commands.join(' and ')} as an administrator`;
  if (removals.length === 0) return `Run ${then}: it makes them again.`;
  const saved = removals.includes(DROP_SCHEMA)
    ? 'First save what you need of relyt_sys: tasks, S3 settings, and the routing tables, which name the groups of the auxiliary tables. '
    : '';
  return `${saved}Look at who made them, run ${inBackticks(removals.join(' '))}, and then ${then}.`;
}

function lastSchema(one: string, other: string): number {
  return Number(one === DROP_SCHEMA) - Number(other === DROP_SCHEMA);
}

function inBackticks(text: string): string {
  return `\`${text}\``;
}
