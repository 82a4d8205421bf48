/** The settings that people would type every time: `relyt.config.json`, or the file that `--config` names. */

import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { sentence } from '../../core/sentence.ts';
import { RelytError } from '../../errors.ts';

export const PROJECT_FILE = 'relyt.config.json';

export type ProjectSettings = Readonly<Record<string, unknown>>;

export interface ProjectFile {
  readonly path: string;
  readonly settings: ProjectSettings;
}

/**
 * Undefined where none is named and the working directory has none. Only a named file may be code.
 * @param named what `--config` says; false for `--no-config`
 * @throws RelytError CONFIG_INVALID
 */
export async function readProjectFile(
  named: string | false | undefined,
  folder: string,
): Promise<ProjectFile | undefined> {
  if (named === false) return undefined;
  const file = path.resolve(folder, named ?? PROJECT_FILE);
  try {
    if (named === undefined) await checkOwner(file);
    const settings = /\.[cm]?js$/.test(file) ? await evaluated(file) : await parsed(file);
    return { path: file, settings: asSettings(file, settings) };
  } catch (error) {
    if (error instanceof RelytError) throw error;
    const { code, message } = error as { readonly code?: string; readonly message: string };
    if (code === 'ENOENT' && named === undefined) return undefined;
    throw invalid(sentence(`The settings in ${file} cannot be read: ${message}`), error);
  }
}

/**
 * A command may be run in a folder that others can write to. Their file could send records, or the password of the
 * database, elsewhere.
 */
async function checkOwner(file: string): Promise<void> {
  const { uid, mode } = await stat(file);
  const own = process.getuid?.();
  if (own === undefined || ((uid === own || uid === 0) && (mode & 0o002) === 0)) return;
  const why = uid === own || uid === 0 ? 'every user can write it' : 'it belongs to another user';
  throw new RelytError('CONFIG_INVALID', `The settings in ${file} are not used: ${why}.`, {
    hint: 'Change its owner or mode, name it with --config if you trust it, or use --no-config.',
  });
}

async function parsed(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}

/** The default export, or what it returns. */
async function evaluated(file: string): Promise<unknown> {
  const { default: exported } = (await import(pathToFileURL(file).href)) as { default?: unknown };
  return typeof exported === 'function' ? (exported as () => unknown)() : exported;
}

function asSettings(file: string, settings: unknown): ProjectSettings {
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings))
    return settings as ProjectSettings;
  throw invalid(`The settings in ${file} are not an object.`);
}

function invalid(message: string, cause?: unknown): RelytError {
  return new RelytError('CONFIG_INVALID', message, {
    cause,
    hint: 'Correct the file, or use --no-config to ignore it.',
  });
}
