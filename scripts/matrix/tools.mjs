// Package managers, runtimes and compilers from the registry, each in a folder of its own, installed when it is asked for.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { output } from './output.mjs';

/** Of what cannot be had on this machine. */
export class Unavailable extends Error {}

const { platform, arch } = process;
const SYSTEM = platform === 'win32' ? 'win' : platform;
const BUN_SYSTEM = platform === 'win32' ? 'windows' : platform;
const BUN_ARCH = arch === 'arm64' ? 'aarch64' : arch;
const DENO_SYSTEM = `${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`;

/** Packages that hold the programs themselves: what others would download in a script of theirs is not run everywhere. */
const TOOLS = {
  pnpm: { spec: 'pnpm@12.4.2', file: '.bin/pnpm' },
  yarn: { spec: '@yarnpkg/cli-dist@4.18.1', file: '.bin/yarn' },
  'yarn-classic': { spec: 'yarn@1.22.22', file: '.bin/yarn' },
  'node-20': nodeTool('20.20.2'),
  'node-22': nodeTool('22.23.5'),
  'node-24': nodeTool('24.22.3'),
  bun: {
    spec: `@oven/bun-${BUN_SYSTEM}-${BUN_ARCH}@1.4.5`,
    file: `@oven/bun-${BUN_SYSTEM}-${BUN_ARCH}/bin/bun`,
  },
  deno: { spec: `@deno/${DENO_SYSTEM}@2.9.6`, file: `@deno/${DENO_SYSTEM}/deno` },
  'typescript-5.4': { spec: 'typescript@5.4.5', file: '.bin/tsc' },
  'typescript-5.5': { spec: 'typescript@5.5.4', file: '.bin/tsc' },
  'typescript-5.6': { spec: 'typescript@5.6.3', file: '.bin/tsc' },
  'typescript-5.7': { spec: 'typescript@5.7.3', file: '.bin/tsc' },
  'typescript-5.8': { spec: 'typescript@5.8.3', file: '.bin/tsc' },
  'typescript-5.9': { spec: 'typescript@5.9.3', file: '.bin/tsc' },
  'typescript-6.0': { spec: 'typescript@6.0.3', file: '.bin/tsc' },
  'typescript-7.0': { spec: 'typescript@7.0.2', file: '.bin/tsc' },
};

function nodeTool(version) {
  const name = `node-${SYSTEM}-${arch}`;
  return { spec: `${name}@${version}`, file: `${name}/bin/node` };
}

export class Tools {
  #folder;
  /** Spec → file, or why there is none. */
  #installed = new Map();

  constructor(folder) {
    this.#folder = folder;
  }

  /** The version that is installed when it is asked for. */
  version(name) {
    return TOOLS[name].spec.replace(/^.+@/, '');
  }

  /** @returns the program; throws Unavailable. */
  program(name) {
    const { spec, file } = TOOLS[name];
    if (!this.#installed.has(spec)) this.#installed.set(spec, this.#install(name, spec, file));
    const found = this.#installed.get(spec);
    if (found instanceof Unavailable) throw found;
    return found;
  }

  #install(name, spec, file) {
    const folder = path.join(this.#folder, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
    const program = path.join(folder, 'node_modules', file);
    try {
      output('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', spec], {
        cwd: folder,
      });
      // One for another libc installs and does not run.
      if (existsSync(program)) output(program, ['--version']);
      else return new Unavailable(`${spec} has no program for this machine`);
    } catch (error) {
      return new Unavailable(`${spec} cannot be had: ${error.message.split('\n', 3).join(' ')}`);
    }
    return program;
  }
}
