/** A load that may have been run before: by its key, or by its file, the same command continues it. */

import { SQLSTATE } from '../../core/sqlstate.ts';
import { Database } from '../../database/database.ts';
import { databaseError, failureCode } from '../../database/database-error.ts';
import { RelytError } from '../../errors.ts';
import { shellWord } from '../../shell-word.ts';
import { checkedKey, findKeyed, type KeyedTask, openAsFound } from '../../task/keyed-task.ts';
import type { AllowedChange } from '../allow-change-option.ts';
import { type ConnectionFlags, connectionOf } from '../connection-options.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { type EarlierLoad, earlierOfKey, findEarlierLoad } from './earlier-load.ts';
import { FileLoad } from './file-load.ts';
import type { FileLoadOptions } from './load-options.ts';
import { noteRun, type OutputFlags, runLoad } from './run-load.ts';
import { inputPosition } from './stored-position.ts';
import type { FileSource, StoredSource } from './stored-source.ts';

export interface LoadRequest {
  readonly file: string;
  readonly source: StoredSource;
  readonly options: Omit<FileLoadOptions, 'resume' | 'key' | 'signal'>;
  readonly allowChanges: readonly AllowedChange[];
  readonly waitSeconds: number;
  readonly flags: ConnectionFlags & OutputFlags;
  readonly terminal: Terminal;
}

/** Starts the load of a key, continues it, or says that it is complete. */
export async function loadByKey(request: LoadRequest, key: string): Promise<ExitCode> {
  const { source, flags } = request;
  const sought = { pgTable: tableOf(request), key: checkedKey(key) };
  const look = () =>
    lookUp<KeyedTask>(flags, (database) => findKeyed(database, sought), {
      state: 'free',
      before: undefined,
    });
  return openAsFound(look, async (found) => {
    if (found.state === 'complete') return skipped(request, key, found.processId);
    if (found.state === 'free') return start(request, { key: { ...sought, before: found.before } });
    const earlier = earlierOfKey(found, source, request.allowChanges);
    if (earlier !== undefined) return goOn(request, earlier);
    return start(request, { key: { ...sought, before: found.processId } });
  });
}

/** Continues an unfinished load of the same file, or starts a new one. */
export async function loadBySource(request: LoadRequest, source: FileSource): Promise<ExitCode> {
  const { flags, terminal } = request;
  const none = { earlier: undefined, outdated: undefined };
  const find = (database: Database) => findEarlierLoad(database, tableOf(request), source);
  const { earlier, outdated } = await lookUp(flags, find, none);
  if (earlier === undefined) {
    if (outdated !== undefined) noteRun(terminal, flags, outdatedNote(outdated));
    return start(request, {});
  }
  try {
    return await goOn(request, earlier, '; --anew starts over');
  } catch (error) {
    throw orAnew(error);
  }
}

/** Where the role cannot see the schema, the load itself is refused, and says so better. */
async function lookUp<T>(
  flags: ConnectionFlags,
  work: (database: Database) => Promise<T>,
  unseen: T,
): Promise<T> {
  const options = { connections: 1, applicationName: 'relyt' };
  const database = new Database(connectionOf(flags), options);
  try {
    return await work(database);
  } catch (error) {
    if (failureCode(error) === SQLSTATE.insufficientPrivilege) return unseen;
    throw databaseError(error, 'look for an earlier run of this load');
  } finally {
    await database.close();
  }
}

function goOn(request: LoadRequest, { processId, row }: EarlierLoad, or = ''): Promise<ExitCode> {
  const { allowChanges, waitSeconds, terminal, flags } = request;
  noteRun(
    terminal,
    flags,
    `Continuing the task ${processId} after its record ${row.lastOrdinal}${or}.`,
  );
  // A stream cannot be entered in the middle: what was loaded of it is skipped.
  const from = request.source.kind === 'file' ? inputPosition(row.position) : undefined;
  return start(request, { resume: { processId, allowChanges, waitSeconds, from } });
}

function start(
  { file, options, flags, terminal }: LoadRequest,
  task: Pick<FileLoadOptions, 'resume' | 'key'>,
): Promise<ExitCode> {
  const open = (signal: AbortSignal) => FileLoad.open(file, { ...options, ...task, signal });
  return runLoad(open, flags, terminal);
}

function skipped(request: LoadRequest, key: string, processId: string): ExitCode {
  const { terminal, flags } = request;
  const table = tableOf(request);
  const said = `Nothing to load: the load into ${table} with the key ${JSON.stringify(key)} is complete (task ${processId}).`;
  if (flags.json) terminal.printJson({ ok: true, skipped: true, processId, table, key });
  else if (!flags.quiet) terminal.print(said);
  return EXIT.done;
}

function outdatedNote({ processId }: EarlierLoad): string {
  return (
    `The task ${processId} loaded an earlier version of this file and is not finished; this load is a new one. ` +
    `To continue that one instead: relyt resume ${shellWord(processId)} --allow-change source.`
  );
}

/** The caller did not ask for the earlier task by name, so there is another way. */
function orAnew(error: unknown): unknown {
  if (!(error instanceof RelytError) || error.code !== 'RESUME_REFUSED') return error;
  return new RelytError(error.code, error.message, {
    details: error.details,
    hint: `${error.hint} Or load the file once more from its beginning: --anew.`,
    cause: error.cause,
  });
}

function tableOf({ options }: LoadRequest): string {
  return `${options.target.schema}.${options.target.table}`;
}
