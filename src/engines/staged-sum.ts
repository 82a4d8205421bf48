import type { RowSum } from '../database/statements/row-sum.ts';
import type { RelytError } from '../errors.ts';
import type { StagedObject } from './engine.ts';
import { damaged } from './staged-reader.ts';

/** @throws RelytError S3_DOWNLOAD_FAILED when these are not the rows of the files */
export function checkRowSum(files: readonly StagedObject[], read: RowSum): void {
  const records = recordsOf(files);
  if (read.records !== records) throw miscounted({ key: namesOf(files), records }, read.records);
  const wrong = wrongOrdinals(files, read.ordinals);
  if (wrong !== undefined) throw wrong;
}

/** Records in all of the files together. */
export function recordsOf(files: readonly StagedObject[]): number {
  return files.reduce((sum, file) => sum + file.records, 0);
}

/** More or fewer rows came than were staged. */
export function miscounted({ key, records }: StagedObject, came: number): RelytError {
  return damaged(key, `${records} records were staged, and ${came} were received`);
}

function wrongOrdinals(
  files: readonly StagedObject[],
  ordinals: string | null,
): RelytError | undefined {
  const sums = files.map(({ ordinalSum }) => ordinalSum);
  // Files of an older version have none.
  if (sums.some((sum) => sum === undefined) || ordinals === null) return undefined;
  const expected = sums.reduce<bigint>((total, sum = 0n) => total + sum, 0n);
  return BigInt(ordinals) === expected
    ? undefined
    : damaged(namesOf(files), 'other records were received');
}

/** An error of the database does not say in which file it was. */
export function namesOf(files: readonly StagedObject[]): string {
  const [first] = files;
  const others = files.length - 1;
  return others > 0 ? `${first?.key} or ${others} more` : (first?.key ?? '');
}
