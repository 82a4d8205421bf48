// What the matrix tries, by the names of its parts.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { output } from './output.mjs';
import { NpmProject, PnpmProject, YarnClassicProject, YarnProject } from './projects.mjs';
import { byEngine, byS3Server, byServer, byUpgrade, counted, suite } from './suites.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Part of `make test` as they are. */
const PACKED = ['--project', 'unit', 'test/unit/package'];

/** The one suite of all guarantees. */
const GUARANTEES = 'test/versions/guarantees.test.ts';
const NEWEST = '18';

/** Those that need nothing from a package registry. */
export const LOCAL_PARTS = ['packed', 'postgresql', 's3'];

/**
 * Checks by part. `subject` is what a check runs on, for the record of runs; a check that is a suite of tests returns how
 * many there were, and the results of each thing that they ran on.
 */
export const PARTS = {
  packed: () => [
    checkOf(undefined, 'publint, arethetypeswrong and the other tests of the packed files', () =>
      output('npx', ['--no-install', 'vitest', 'run', ...PACKED], { cwd: ROOT }),
    ),
  ],
  npm: (context) => {
    const project = new NpmProject(context);
    return [installed(project), ...uses(project), ...compiled(project, 'typescript-6.0', NODE16)];
  },
  pnpm: (context) => managed(new PnpmProject(context)),
  yarn: (context) => managed(new YarnProject(context)),
  'yarn-classic': (context) => managed(new YarnClassicProject(context)),
  runtimes: (context) => {
    const project = new NpmProject(context);
    const runtimes = ['node-20', 'node-22', 'node-24', 'bun', 'deno'];
    return [installed(project), ...runtimes.flatMap((name) => ranBy(project, name))];
  },
  node: ({ tools }) => ['node-20', 'node-22', 'node-24'].map((name) => guaranteesBy(tools, name)),
  postgresql: () => [
    {
      title: 'every guarantee on each version of PostgreSQL, and upgrades',
      run: () => {
        const env = { RELYT_TEST_VERSIONS: 'all', RELYT_TEST_FULL: '1' };
        const tests = suite(process.execPath, ['--project', 'versions'], env);
        const results = [...byServer(tests), ...byEngine(tests), ...byUpgrade(tests)];
        return { counts: counted(tests), results };
      },
    },
  ],
  s3: () => [
    {
      title: 'S3 servers and object stores',
      run: () => {
        const tests = suite(process.execPath, ['--project', 'conformance']);
        return { counts: counted(tests), results: byS3Server(tests, s3Versions()) };
      },
    },
  ],
  typescript: (context) => {
    const project = new NpmProject(context);
    const compilers = Object.entries(RESOLUTIONS);
    return [
      installed(project),
      ...compilers.flatMap(([name, ways]) => compiled(project, name, ways)),
    ];
  },
};

const NODE16 = { node16: ['--module', 'node16'] };
const MODERN = { ...NODE16, bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'] };
const CLASSIC = ['--module', 'commonjs', '--moduleResolution', 'node10', '--esModuleInterop'];
/** By compiler, ways to resolve modules: of the first, the last of a major version and the newest all that they have. */
const RESOLUTIONS = {
  'typescript-5.4': { ...MODERN, node10: CLASSIC },
  'typescript-5.5': NODE16,
  'typescript-5.6': NODE16,
  'typescript-5.7': NODE16,
  'typescript-5.8': NODE16,
  'typescript-5.9': { ...MODERN, node10: CLASSIC },
  'typescript-6.0': { ...MODERN, node10: [...CLASSIC, '--ignoreDeprecations', '6.0'] },
  'typescript-7.0': MODERN,
};

function managed(project) {
  return [installed(project), ...uses(project)];
}

function installed(project) {
  return checkOf(managerOf(project), `${project.name}: install`, () => project.install());
}

function uses(project) {
  const check = (title, run) => checkOf(managerOf(project), `${project.name}: ${title}`, run);
  return [
    check('import', () => project.node('import.mjs')),
    check('require', () => project.node('require.cjs')),
    check('relyt --version', () => project.relyt('--version')),
  ];
}

/** What a check prints is not a result. */
function checkOf(subject, title, run) {
  return {
    subject,
    title,
    run: () => {
      run();
    },
  };
}

function managerOf({ name, version }) {
  return { kind: 'package manager', name, version };
}

function runtimeOf(tools, name) {
  const [, major] = /^node-(\d+)$/.exec(name) ?? [];
  const version = tools.version(name);
  return major === undefined
    ? { kind: 'other runtime', name, version }
    : { kind: 'Node.js', name: major, version };
}

function guaranteesBy(tools, name) {
  return {
    title: `${name}: every guarantee, on PostgreSQL ${NEWEST}`,
    run: () => {
      const args = ['--project', 'versions', GUARANTEES];
      const tests = suite(tools.program(name), args, { RELYT_TEST_VERSIONS: NEWEST });
      const counts = counted(tests);
      return { counts, results: [{ subject: runtimeOf(tools, name), ...counts }] };
    },
  };
}

function s3Versions() {
  const own = JSON.parse(readFileSync(`${ROOT}dev/package.json`, 'utf8')).version;
  return { 'the S3 server of relyt-dev': own, radosgw: radosgwVersion() };
}

function radosgwVersion() {
  try {
    return output('radosgw', ['--version']).replace(/^ceph version (\S+).*$/s, 'Ceph $1');
  } catch {
    return undefined;
  }
}

function ranBy(project, name) {
  const { tools } = project;
  const flags = name === 'deno' ? ['run', '--allow-all'] : [];
  const run = (...args) => project.run(tools.program(name), [...flags, ...args]);
  const check = (title, work) => checkOf(runtimeOf(tools, name), `${name}: ${title}`, work);
  return [
    check('import', () => run('import.mjs')),
    check('require', () => run('require.cjs')),
    check('relyt --version', () => run(project.command, '--version')),
  ];
}

function compiled(project, name, resolutions) {
  const { tools } = project;
  const version = tools.version(name);
  const subject = { kind: 'TypeScript', name: name.replace('typescript-', ''), version };
  return Object.entries(resolutions).map(([resolution, flags]) =>
    checkOf(subject, `${name}: type tests with moduleResolution ${resolution}`, () =>
      project.compile(tools.program(name), flags),
    ),
  );
}
