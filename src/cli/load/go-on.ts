/** How to continue a load that failed: only commands that work in the state it is in. */

import { counted } from '../../core/figures.ts';
import { ERROR_CODES, type ErrorDetails, type RelytError } from '../../errors.ts';
import { shellWord } from '../../shell-word.ts';

/** An interrupted load, as far as going on with it needs to know. */
export interface Interrupted {
  readonly processId: string;
  /** Its input cannot be opened again by the command itself. */
  readonly isStream: boolean;
}

/** A load that failed, and what of it is durable. */
export interface FailedLoad extends Interrupted {
  /**
   * Records of the input that are dealt with, when the input itself ended the load: what follows cannot be read,
   * so there is no record that could be left out. Undefined when a record, or anything else, ended it.
   */
  readonly unreadableAfter?: number | undefined;
  /** No record of it is staged for good: the first one decides again which columns are loaded. */
  readonly nothingStaged: boolean;
  /** No row of it is in the table: the input can be loaded from its beginning without doubling any. */
  readonly nothingImported: boolean;
  /** The column the refused record has a value for, and the first record left to its default. */
  readonly leftToDefault?: string | undefined;
}

const RECORD_FAULTS: readonly string[] = [
  'RECORD_INVALID',
  'INPUT_MALFORMED',
  'REJECT_LIMIT_EXCEEDED',
  'IMPORT_REFUSED',
  'DUPLICATE_KEY',
];

/** Found at the first record: the input or the table has to change. */
const COLUMN_FAULTS: readonly string[] = ['COLUMN_UNKNOWN', 'COLUMN_MISSING', 'COLUMN_GENERATED'];

/** Can be fixed by naming another place, a setting that a resume does not change silently. */
const PLACE_FAULTS: Readonly<Record<string, string>> = {
  S3_BUCKET_MISSING: 'bucket',
  S3_UNREACHABLE: 'endpoint',
};

/** Of records, so of the input, or of what the table takes. */
export function isRecordFault({ code }: RelytError): boolean {
  return RECORD_FAULTS.includes(code);
}

/** The command that continues a load; `changes` are further flags of it. */
export function goOnCommand({ processId, isStream }: Interrupted, changes = ''): string {
  const flags = changes === '' ? '' : ` ${changes}`;
  return isStream
    ? `relyt load … --resume ${shellWord(processId)}${flags} (with the same input)`
    : `relyt resume ${shellWord(processId)}${flags}`;
}

/** What to do after the task of a load has failed: first how to fix it, then the command that continues. */
export function goOnHint(error: RelytError, load: FailedLoad): string {
  const { code, hint, details } = error;
  if (code === 'LEASE_LOST') return hint;
  // There is nothing to continue: not even the task is left, or nothing tells which of its rows are.
  if (code === 'DATABASE_WENT_BACK' && hint !== ERROR_CODES[code].hint) return hint;
  if (load.unreadableAfter !== undefined) return unreadableHint(error, load, load.unreadableAfter);
  if (COLUMN_FAULTS.includes(code)) return `${hint} Then: ${correctedCommand(load)}.`;
  if (!isRecordFault(error)) return `${hint} Then: ${goOnCommand(load)}.${moved(code, load)}`;
  // What the database refused is staged already: correcting the input would not reach it.
  if (details.sqlstate !== undefined) return refusedByDatabase(error, load);
  if (load.leftToDefault !== undefined) return leftToDefault(load, load.leftToDefault);
  const mend = code === 'INPUT_MALFORMED' ? hint : 'Correct the record.';
  return `${mend} Then: ${correctedCommand(load)}. ${leaveOut(load)}`;
}

/** A column with a default was named by a later record only; undefined when it was anything else. */
export function columnLeftToDefault(
  { record, column, sqlstate, expected }: ErrorDetails,
  columns: readonly { readonly name: string; readonly hasDefault: boolean }[],
): string | undefined {
  // A value that its column refuses comes with the type that was expected.
  if (record === undefined || sqlstate !== undefined || expected !== undefined) return undefined;
  return columns.find(({ name, hasDefault }) => hasDefault && name === column)?.name;
}

function correctedCommand(load: Interrupted): string {
  return load.isStream
    ? `relyt load … --resume ${shellWord(load.processId)} (with the corrected input)`
    : goOnCommand(load, '--allow-change source');
}

function leaveOut(load: Interrupted): string {
  return `Or leave such records out: ${goOnCommand(load, '--max-errors N')}.`;
}

function leaveOutAndReload(load: Interrupted): string {
  const exported = `relyt errors ${shellWord(load.processId)} --format ndjson > rejected.ndjson`;
  return `${leaveOut(load)} Then: ${exported}, correct that file and load it.`;
}

function moved(code: string, load: Interrupted): string {
  const place = PLACE_FAULTS[code];
  if (place === undefined) return '';
  return ` If another ${place} is to be used: ${goOnCommand(load, '--allow-change s3Location')}.`;
}

function unreadableHint(
  { hint, details }: RelytError,
  load: FailedLoad,
  recordsDone: number,
): string {
  if (recordsDone === 0) return `${hint} Then: ${correctedCommand(load)}.`;
  const before =
    details.line === undefined ? '' : ` Leave all before line ${details.line} as it is.`;
  return (
    `${hint}${before} Then: ${correctedCommand(load)}. ` +
    `Dealt with before it: ${counted(recordsDone, 'record')}; a new load would continue with --skip-records ${recordsDone}.`
  );
}

function refusedByDatabase({ code, hint, details }: RelytError, load: FailedLoad): string {
  const isDuplicate = code === 'DUPLICATE_KEY';
  const change = isDuplicate
    ? 'Delete the row that has the key.'
    : 'Change the constraint, trigger or policy that refuses the record.';
  const again = isDuplicate
    ? 'load the corrected file again, or with --on-conflict update or nothing'
    : 'load the corrected file again';
  const sentences = [
    // One of its own explains; the one of the code names settings of the library.
    hint === ERROR_CODES[code].hint ? '' : hint,
    `${change} Then: ${goOnCommand(load)}.`,
    // Without a record it was the transaction as a whole that was refused.
    details.record === undefined ? '' : leaveOutAndReload(load),
    load.nothingImported ? `Or: relyt abort ${shellWord(load.processId)}, and ${again}.` : '',
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function leftToDefault(load: FailedLoad, column: string): string {
  if (!load.nothingStaged) {
    return `Records with other columns are staged already, so this task cannot load "${column}". ${leaveOutAndReload(load)}`;
  }
  return [
    `The first record decides which columns are loaded. Give every record a value for "${column}", null where it has none.`,
    `Then: ${correctedCommand(load)}.`,
    `Or drop the default of the column. Then: ${goOnCommand(load)}.`,
    `Or give it to no record: relyt abort ${shellWord(load.processId)}, and load again with --columns naming the others.`,
  ].join(' ');
}
