// What the matrix tries, by the names of its parts.

import { fileURLToPath } from 'node:url';
import { output } from './output.mjs';
import { NpmProject, PnpmProject, YarnClassicProject, YarnProject } from './projects.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Part of `make test` as they are. */
const PACKED = ['--project', 'unit', 'test/unit/package'];

export const PARTS = {
  packed: () => [
    {
      title: 'publint, arethetypeswrong and the other tests of the packed files',
      run: () => output('npx', ['--no-install', 'vitest', 'run', ...PACKED], { cwd: ROOT }),
    },
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
  return { title: `${project.name}: install`, run: () => project.install() };
}

function uses(project) {
  return [
    { title: `${project.name}: import`, run: () => project.node('import.mjs') },
    { title: `${project.name}: require`, run: () => project.node('require.cjs') },
    { title: `${project.name}: relyt --version`, run: () => project.relyt('--version') },
  ];
}

function ranBy(project, name) {
  const flags = name === 'deno' ? ['run', '--allow-all'] : [];
  const run = (file) => project.run(project.tools.program(name), [...flags, file]);
  return [
    { title: `${name}: import`, run: () => run('import.mjs') },
    { title: `${name}: require`, run: () => run('require.cjs') },
    {
      title: `${name}: relyt --version`,
      run: () => project.run(project.tools.program(name), [...flags, project.command, '--version']),
    },
  ];
}

function compiled(project, name, resolutions) {
  return Object.entries(resolutions).map(([resolution, flags]) => ({
    title: `${name}: type tests with moduleResolution ${resolution}`,
    run: () => project.compile(project.tools.program(name), flags),
  }));
}
