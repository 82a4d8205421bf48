/** A program of samples/, run as a user runs it: it imports the built package by its name. */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const SAMPLES = path.join(ROOT, 'samples');

interface SampleResult {
  readonly status: number;
  readonly output: string;
}

/**
 * The package must have been built.
 * @param given variables of the environment
 */
export function runSample(
  name: string,
  given: Readonly<Record<string, string>>,
): Promise<SampleResult> {
  const env = { ...process.env, ...given, NODE_OPTIONS: '' };
  const options = { env, timeout: 60_000, killSignal: 'SIGKILL' as const };
  return new Promise((resolve) => {
    execFile(process.execPath, [compiled(name)], options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ status, output: `${stdout}${stderr}` });
    });
  });
}

/** Node 20 runs no TypeScript, and no `using` or decorator either. */
function compiled(name: string): string {
  const { outputText } = ts.transpileModule(readFileSync(path.join(SAMPLES, name), 'utf8'), {
    fileName: name,
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  });
  const file = path.join(emptyFolder(), name.replace(/\.ts$/, '.mjs'));
  writeFileSync(file, outputText);
  return file;
}

/** Inside the package and outside node_modules: only there does its own name resolve to it. */
function emptyFolder(): string {
  const cache = path.join(ROOT, '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'sample-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
