/** The end of a load, in five lines or as JSON. */

import { bytes, count, counted, seconds } from '../../core/figures.ts';
import { RelytError } from '../../errors.ts';
import { shellWord } from '../../shell-word.ts';
import { type Line, toned } from '../line.ts';
import type { LoadOutcome } from './file-load.ts';

/** One line says why nothing was loaded. */
export function summaryLines(outcome: LoadOutcome): readonly Line[] {
  const { progress, table, input, inputBytes, processId } = outcome;
  if (progress.received === 0) {
    const why = inputBytes === 0 ? 'the input is empty' : 'the input has none (left)';
    return [`Loaded 0 records from ${input} into ${table}: ${why}.`];
  }
  const { elapsedSeconds, imported, rejected, filesImported } = progress;
  const rate = elapsedSeconds > 0 ? imported / elapsedSeconds : 0;
  return [
    [
      toned('good', `Loaded ${counted(imported, 'record')}`),
      ` (${bytes(inputBytes)}) from ${input} into ${table}.`,
    ],
    `  rows      ${rowCounts(outcome)}`,
    rejected === 0
      ? '  rejected  none'
      : [
          '  rejected  ',
          toned('caution', count(rejected)),
          `; relyt errors ${shellWord(processId)} shows them`,
        ],
    `  time      ${seconds(elapsedSeconds)}, ${count(rate)} records a second`,
    `  task      ${processId}, ${counted(filesImported, 'file')}`,
  ];
}

function rowCounts({ progress }: LoadOutcome): string {
  const { inserted, updated, skipped, superseded } = progress.rows;
  const counts = [`${count(inserted)} inserted`];
  if (updated > 0) counts.push(`${count(updated)} updated`);
  if (skipped > 0) counts.push(`${count(skipped)} skipped`);
  if (superseded > 0) counts.push(`${count(superseded)} superseded by a later record`);
  return counts.join(', ');
}

export function summaryJson(outcome: LoadOutcome): Record<string, unknown> {
  const { progress, processId, table, inputBytes } = outcome;
  return {
    ok: true,
    processId,
    table,
    records: progress.received,
    imported: progress.imported,
    rejected: progress.rejected,
    rows: progress.rows,
    files: progress.filesImported,
    inputBytes,
    encodedBytes: progress.encodedBytes,
    seconds: Math.round(progress.elapsedSeconds * 1000) / 1000,
  };
}

/** Ended by a signal: not an error of the load, but the input is not finished. */
export function interruptedError(signal: string, outcome: LoadOutcome): RelytError {
  const { recordsDone, processId, table, goOn } = outcome;
  const skipping =
    recordsDone === 0
      ? ''
      : ` A new load would continue with: relyt load … --skip-records ${recordsDone}.`;
  return new RelytError(
    'ABORTED',
    `${signal} ended the load into ${table} early; the first ${counted(recordsDone, 'record')} of the input are done.`,
    {
      details: { processId },
      hint: `To continue: ${goOn}.${skipping}`,
    },
  );
}
