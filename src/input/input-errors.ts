/** What is said of an input that cannot be read. */

import { RelytError } from '../errors.ts';

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist: part of the path is not a directory',
  EISDIR: 'is a directory',
  EACCES: 'cannot be read by this user',
  EPERM: 'cannot be read by this user',
};

/** Opening or reading failed. */
export function readFailure(name: string, error: unknown): RelytError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error';
  return inputUnreadable(name, PROBLEMS[code] ?? `could not be read (${code})`, error);
}

export function inputUnreadable(name: string, problem: string, cause?: unknown): RelytError {
  return new RelytError('CONFIG_INVALID', `The input ${name} ${problem}.`, {
    hint: 'Check the path and the permissions of the file; `-` reads standard input.',
    cause,
  });
}

/** It ends before the place where reading was to go on. */
export function inputTooShort(name: string, bytes: number): RelytError {
  return new RelytError(
    'RESUME_REFUSED',
    `The input ${name} ends before byte ${bytes}, up to where it was read before.`,
    { hint: 'Put back the input that was read then, or abort the task.' },
  );
}
