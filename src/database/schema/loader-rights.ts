/** A right on objects of relyt_sys. */
export interface LoaderRight {
  readonly kind: 'schema' | 'table' | 'function';
  readonly privileges: readonly string[];
  /** With their schema; the arguments of a function apart. */
  readonly objects: readonly string[];
  readonly takes?: string;
}

/** What a role that loads, and nothing more, is granted. */
export function loaderRights(engine: string): readonly LoaderRight[] {
  return [
    { kind: 'schema', privileges: ['usage'], objects: ['relyt_sys'] },
    onTables(
      ['select'],
      'relyt_loader_migration',
      'relyt_loader_move',
      'relyt_loader_routing',
      'relyt_loader_auxiliary',
    ),
    onTables(
      ['select', 'insert', 'update'],
      'relyt_loader_checkpoint',
      'relyt_loader_task',
      'relyt_loader_key',
    ),
    onTables(['select', 'insert', 'update', 'delete'], 'relyt_loader_file', 'relyt_loader_reject'),
    onTables(['select', 'insert', 'delete'], 'relyt_loader_import'),
    onTables(['select', 'insert'], 'relyt_loader_marker'),
    onFunction('relyt_loader_task_exists', 'text'),
    onFunction('relyt_loader_checkpoint_exists', 'text'),
    onFunction('relyt_loader_task_count', 'text'),
    ...(engine === 'postgres' ? RIGHTS_OF_POSTGRES : []),
  ];
}

const RIGHTS_OF_POSTGRES: readonly LoaderRight[] = [
  onTables(['select'], 'relyt_loader_location'),
  onFunction('relyt_loader_open', ''),
  onFunction('relyt_loader_expose', 'regclass, text[], boolean, boolean'),
  onFunction('relyt_loader_expose', 'regclass, text[], boolean, text, boolean[]'),
  onFunction('relyt_loader_close', ''),
];

function onTables(privileges: readonly string[], ...names: readonly string[]): LoaderRight {
  return { kind: 'table', privileges, objects: names.map((name) => `relyt_sys.${name}`) };
}

function onFunction(name: string, takes: string): LoaderRight {
  return { kind: 'function', privileges: ['execute'], objects: [`relyt_sys.${name}`], takes };
}

/** The statements that grant it, with a comment on top. */
export function grantSql(role: string, quotedRole: string, engine: string): readonly string[] {
  return [
    `-- rights of ${JSON.stringify(role)}: bookkeeping and reading staged files, not the target tables`,
    ...loaderRights(engine).map((right) => `grant ${shown(right)} to ${quotedRole}`),
  ];
}

function shown({ kind, privileges, objects, takes }: LoaderRight): string {
  const word = kind === 'table' ? '' : `${kind} `;
  const taken = takes === undefined ? '' : `(${takes})`;
  return `${privileges.join(', ')} on ${word}${objects.join(', ')}${taken}`;
}
