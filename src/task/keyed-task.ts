/** Tasks that their callers find by a key of their own. */

import { z } from 'zod';
import { checkedConfig } from '../config/checked-config.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import { restoredTask } from '../core/storable-json.ts';
import { failureCode } from '../database/database-error.ts';
import type { Session } from '../database/session.ts';
import { readBookkeeping } from '../database/statements/bookkeeping.ts';
import {
  insertKey,
  type KeyRow,
  passKey,
  readKey,
  type TaskKey,
} from '../database/statements/key.ts';
import type { UnfinishedRow } from '../database/statements/unfinished.ts';
import { RelytError } from '../errors.ts';

/** What a key stands for. */
export type KeyedTask =
  /** No task, or one that was cancelled: the id of that one. */
  | { readonly state: 'free'; readonly before: string | undefined }
  | {
      readonly state: 'unfinished' | 'complete';
      readonly processId: string;
      readonly row: FoundRow;
    };

/** A task as its key leads to it. */
export interface FoundRow {
  readonly status: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly lastOrdinal: number;
  readonly position: unknown;
}

/** A key to be given to a task that begins. */
export interface KeyClaim extends TaskKey {
  /** The task that has it and is over. */
  readonly before: string | undefined;
}

const MAX_KEY_LENGTH = 200;

const keySchema = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(MAX_KEY_LENGTH)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'expected no control characters'),
});

/** @throws RelytError CONFIG_INVALID */
export function checkedKey(key: string): string {
  return checkedConfig(keySchema, { key }).key;
}

export async function findKeyed(session: Session, key: TaskKey): Promise<KeyedTask> {
  const { keys } = await readBookkeeping(session);
  if (!keys) return { state: 'free', before: undefined };
  const [stored] = await session.query<KeyRow>(readKey(key)).catch((error: unknown) => {
    throw UNSTORABLE.has(failureCode(error) ?? '') ? unstorableKey(key, error) : error;
  });
  const row = stored && restoredTask(stored);
  if (row === undefined) return { state: 'free', before: undefined };
  const { process_id: processId, status, settings, last_ordinal } = row;
  if (status === null || settings === null || last_ordinal === null || status === 'CANCELLED')
    return { state: 'free', before: processId };
  const found = foundRow({ ...row, status, settings, last_ordinal });
  return { state: status === 'COMPLETED' ? 'complete' : 'unfinished', processId, row: found };
}

/** What the bookkeeping tells of a task to continue. */
export function foundRow(row: Omit<UnfinishedRow, 'process_id'>): FoundRow {
  const { status, settings, last_ordinal: lastOrdinal, source_position: position } = row;
  return { status, settings, lastOrdinal, position: position ?? undefined };
}

/**
 * Opens what a key stands for. When another process was faster, it is looked at again, as long as it changes: so
 * of two that open a key at once one begins a task, and the other one meets it.
 */
export async function openAsFound<T>(
  look: () => Promise<KeyedTask>,
  open: (found: KeyedTask) => Promise<T>,
): Promise<T> {
  for (let found = await look(); ; ) {
    try {
      return await open(found);
    } catch (error) {
      if (!maySayOtherwise(error)) throw error;
      const now = await look();
      if (isSame(found, now)) throw error;
      found = now;
    }
  }
}

/** Part of beginning a task. @throws RelytError KEY_TAKEN */
export async function takeKey(session: Session, claim: KeyClaim, processId: string): Promise<void> {
  const { before } = claim;
  if (before !== undefined) {
    const passed = await session.execute(passKey(claim, processId, before));
    if (passed !== 1) throw keyTaken(claim);
    return;
  }
  try {
    await session.execute(insertKey(claim, processId));
  } catch (error) {
    throw failureCode(error) === SQLSTATE.uniqueViolation ? keyTaken(claim, error) : error;
  }
}

/** The server converts what it is asked for before it looks. */
const UNSTORABLE: ReadonlySet<string> = new Set([
  SQLSTATE.untranslatableCharacter,
  SQLSTATE.characterNotInRepertoire,
]);

function unstorableKey({ key }: TaskKey, cause: unknown): RelytError {
  const message = `The key ${JSON.stringify(key)} contains a character that the encoding of this database cannot store.`;
  return new RelytError('CONFIG_INVALID', message, {
    hint: 'Give the load a key of ASCII characters.',
    cause,
  });
}

function keyTaken({ key, pgTable }: TaskKey, cause?: unknown): RelytError {
  const message = `Another process has begun a task into ${pgTable} with the key ${JSON.stringify(key)}.`;
  return new RelytError('KEY_TAKEN', message, { cause });
}

function maySayOtherwise(error: unknown): boolean {
  return error instanceof RelytError && ['KEY_TAKEN', 'RESUME_REFUSED'].includes(error.code);
}

function isSame(one: KeyedTask, other: KeyedTask): boolean {
  return one.state === other.state && taskOf(one) === taskOf(other);
}

function taskOf(found: KeyedTask): string | undefined {
  return found.state === 'free' ? found.before : found.processId;
}
