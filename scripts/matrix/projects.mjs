// Fresh projects that depend on the packed package, one class a package manager.

import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { output } from './output.mjs';
import { registry } from './registry.mjs';

const PROGRAMS = fileURLToPath(new URL('programs', import.meta.url));
/** They import the package by its name, so a project compiles them against what it has installed. */
const TYPE_TESTS = fileURLToPath(new URL('../../test/types', import.meta.url));
const CHECKED = ['--strict', '--noEmit', '--target', 'es2022', '--skipLibCheck', 'false'];
let projects = 0;

class Project {
  tools;
  /** Of the package manager. */
  version;
  #folder;
  #home;

  constructor({ folder, tarball, tools }, name, version = tools.version(name)) {
    this.tools = tools;
    this.name = name;
    this.version = version;
    this.#folder = path.join(folder, `project-${++projects}`);
    this.#home = path.join(folder, 'home');
    cpSync(PROGRAMS, this.#folder, { recursive: true });
    cpSync(TYPE_TESTS, path.join(this.#folder, 'types'), { recursive: true });
    copyFileSync(tarball, path.join(this.#folder, 'relyt-sdk.tgz'));
    this.#write('package.json', {
      name: 'project',
      private: true,
      dependencies: { 'relyt-sdk': 'file:./relyt-sdk.tgz' },
      devDependencies: { '@types/node': '20.19.43' },
    });
    mkdirSync(this.#home, { recursive: true });
  }

  /** Runs a program in the project. It keeps what it remembers in a folder that is removed with the project. */
  run(program, args, env = {}) {
    const places = ['XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_STATE_HOME', 'XDG_CONFIG_HOME'];
    const homes = Object.fromEntries(
      [...places, 'DENO_DIR', 'BUN_INSTALL'].map((name) => [name, path.join(this.#home, name)]),
    );
    return output(program, args, { cwd: this.#folder, env: { ...homes, ...env } });
  }

  node(...args) {
    return this.run(process.execPath, args);
  }

  relyt(...args) {
    return this.run(path.join(this.#folder, 'node_modules/.bin/relyt'), args);
  }

  /** Compiles the type tests, and checks the types of the package with them. */
  compile(compiler, flags) {
    const tests = readdirSync(TYPE_TESTS).map((name) => `types/${name}`);
    return this.run(compiler, [...CHECKED, '--types', 'node', ...flags, ...tests]);
  }

  /** The file of the command `relyt`. */
  get command() {
    const folder = path.join(this.#folder, 'node_modules/relyt-sdk');
    const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return path.join(folder, bin.relyt);
  }

  #write(file, value) {
    writeFileSync(path.join(this.#folder, file), JSON.stringify(value, null, 2));
  }
}

export class NpmProject extends Project {
  constructor(context) {
    super(context, 'npm', output('npm', ['--version']));
  }

  install() {
    this.run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error']);
  }
}

export class PnpmProject extends Project {
  constructor(context) {
    super(context, 'pnpm');
  }

  install() {
    this.run(this.tools.program('pnpm'), ['install', '--no-frozen-lockfile']);
  }
}

/** With Plug'n'Play: no node_modules, and what is not declared cannot be loaded. */
export class YarnProject extends Project {
  constructor(context) {
    super(context, 'yarn');
  }

  install() {
    this.#yarn('install', '--no-immutable');
  }

  node(...args) {
    return this.#yarn('node', ...args);
  }

  relyt(...args) {
    return this.#yarn('relyt', ...args);
  }

  #yarn(...args) {
    return this.run(this.tools.program('yarn'), args, {
      YARN_ENABLE_TELEMETRY: '0',
      YARN_ENABLE_GLOBAL_CACHE: 'false',
      YARN_NODE_LINKER: 'pnp',
      YARN_NPM_REGISTRY_SERVER: registry(),
    });
  }
}

export class YarnClassicProject extends Project {
  constructor(context) {
    super(context, 'yarn-classic');
  }

  install() {
    const args = ['install', '--no-lockfile', '--non-interactive', '--registry', registry()];
    this.run(this.tools.program('yarn-classic'), args);
  }
}
