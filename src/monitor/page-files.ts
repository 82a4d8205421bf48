import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { RelytError } from '../errors.ts';

/** A file of the page, as it is sent. */
export interface PageFile {
  readonly text: string;
  readonly type: string;
}

const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'login.html': 'text/html; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
};

/** Reads the files of the page, which `scripts/bundle.mjs` makes of `src/monitor/page/`. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const folder = path.join(packageFolder(), 'dist/bundle/page');
  const files = Object.entries(TYPES).map(([name, type]): [string, PageFile] => [
    name,
    { text: readFileSync(path.join(folder, name), 'utf8'), type },
  ]);
  return new Map(files);
}

/** This code runs from the sources, from what the compiler makes of them, and from the bundle. */
function packageFolder(): string {
  const start = path.dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json'))) return folder;
    if (folder === path.dirname(folder)) break;
  }
  throw new RelytError('INTERNAL', 'The files of the page are not in this package.');
}
