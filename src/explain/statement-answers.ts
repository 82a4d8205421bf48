import type { StatementCounts } from '../core/import-counts.ts';
import { NOTHING_WRITTEN } from '../core/imported-target.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import type { Statement } from '../database/statement.ts';
import type { EngineProfile } from '../engines/profiles.ts';
import { recordsOf } from '../engines/staged-sum.ts';
import { RelytError } from '../errors.ts';
import type { ImportFile } from '../importing/import-file.ts';
import type { RefusedRecord } from '../importing/refused-lines.ts';

/** The import that is shown. */
export interface ShownImport {
  readonly profile: EngineProfile;
  readonly files: readonly ImportFile[];
  /** Records of the files that the database is to have refused. */
  readonly refused: number;
  /** Key of the staged file that was read last. */
  readonly lastRead: string;
}

/** Rows of a query, or the number of rows that another statement touched. */
export type Answer = readonly object[] | number;

type Answering = (shown: ShownImport, statement: Statement) => Answer;

const done: Answering = () => 0;

/** What a database would answer in which all goes well, for each statement by its name. */
const ANSWERS = new Map<string, Answering>([
  ['beginImport', done],
  ['takeRolePath', done],
  ['takeRolePathAfterTemp', done],
  ['takeOwnPath', done],
  ['holdRouting', done],
  ['lockTable', done],

  // The engines make the staged files readable …
  ['openFiles', done],
  ['copyUrls', done],
  ['exposeFiles', done],
  ['createStagedTable', done],
  ['copyStraight', ({ files }) => recordsOf(files)],
  ['numberRows', done],
  ['copyFile', ({ files, lastRead }) => files.find(({ key }) => key === lastRead)?.records ?? 0],
  ['createKeysTable', done],
  ['copyKeys', done],
  ['importObject', ({ files }, { values }) => [{ said: imported(files, values) }]],
  ['dropKeysTable', done],
  ['createLocationTable', done],
  ['copyLocation', done],
  ['createExternalTable', done],

  // … and put them away again.
  ['closeFiles', done],
  ['dropStagedTable', done],
  ['relationKindOf', ({ profile }) => [{ relkind: externalKind(profile) }]],
  ['dropExternalTable', done],

  ['applyRows', done],
  ['stageText', done],
  ['sumOfRows', ({ files }) => [{ records: recordsOf(files), ordinals: null }]],
  ['isolateRows', done],
  ['readCounts', (shown) => [{ counts: countsOf(shown) }]],
  ['keepBadRows', ({ refused }) => refusals(refused)],
  ['linesOfFiles', () => []],

  // An import of files from memory advances the task and writes their rows itself.
  ['advanceTask', () => 1],
  ['insertImportedFiles', done],

  // The first import of a task, into a table that survives a crash.
  [
    'holdImport',
    () => [
      { ...NOTHING_WRITTEN, moved: [], foundAuxiliary: null, markerThere: false, unlogged: false },
    ],
  ],
  ['insertImport', done],
  ['commitFiles', ({ files }) => files.length],
]);

/** Reads of what is there already: catalogue and routing. The database answers them itself. */
const LIVE: ReadonlySet<string> = new Set([
  'columnTypes',
  'copyFacts',
  'allColumnTypes',
  'catalogueTable',
  'catalogueColumns',
  'catalogueTypes',
  'relationExists',
  'tablesNamed',
  'storedGroupColumn',
  'storeNames',
  'anyRouted',
  'movesUnderWay',
]);

/**
 * The answer to a statement of the import; 'live' when the database is to be asked.
 * @throws RelytError INTERNAL for a statement that is not known: it must neither be run nor be answered by chance
 */
export function answerTo(shown: ShownImport, statement: Statement): Answer | 'live' {
  const { name } = statement;
  if (LIVE.has(name)) return 'live';
  const answer = ANSWERS.get(name);
  if (answer !== undefined) return answer(shown, statement);
  throw new RelytError('INTERNAL', `A dry run has no answer to the statement "${name}".`);
}

function imported(files: readonly ImportFile[], values: readonly unknown[] = []): string {
  const file = files.find(({ key }) => values.includes(key));
  return `${file?.records ?? 0} rows imported into relation "t" from file ${file?.key} of 1 bytes`;
}

/** Greenplum 6 knows external tables only, its successors take them for foreign tables. */
function externalKind({ dialect }: EngineProfile): string {
  return dialect.modernCatalogue ? 'f' : 'r';
}

function countsOf({ files, refused }: ShownImport): StatementCounts {
  const good = recordsOf(files) - refused;
  return { read: good, winners: good, written: good, inserted: good, rejected: refused };
}

function refusals(count: number): RefusedRecord[] {
  return Array.from({ length: count }, (_, n) => ({
    ordinal: n + 1,
    code: SQLSTATE.invalidTextRepresentation,
    column: null,
    reason: 'for example',
  }));
}
