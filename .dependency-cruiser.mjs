// Imports run one way (docs/architecture.md): each folder of src/ lists the folders below it that it may import.
// Type imports count. Run by `make lint`.

/** Files of src/ itself, from the bottom up. */
const FOUNDATION = ['errors.ts', 'error-codes.ts', 'error-json.ts', 'shell-word.ts'];
const SETTINGS = ['config', 'events.ts'];
const PROBES = ['failpoints.ts'];
/** The one loop that tries again: core decides, this waits. */
const REPEAT = ['repeat.ts'];

const LAYERS = {
  core: [...FOUNDATION],
  diagnostics: [...FOUNDATION, 'core'],
  telemetry: [...FOUNDATION, 'version.ts', 'core', 'diagnostics'],
  config: [...FOUNDATION, 'core'],
  records: [...FOUNDATION, 'core'],
  input: [...FOUNDATION, 'core', 'records'],
  database: [...FOUNDATION, ...PROBES, 'config', 'core'],
  staging: [...FOUNDATION, ...PROBES, ...REPEAT, 'core'],
  routing: [...FOUNDATION, 'core', 'database'],
  engines: [...FOUNDATION, 'core', 'database'],
  applying: [...FOUNDATION, ...PROBES, 'core', 'database'],
  target: [...FOUNDATION, 'core', 'database', 'routing', 'applying'],
  importing: [
    ...FOUNDATION,
    ...PROBES,
    ...REPEAT,
    'core',
    'diagnostics',
    'database',
    'staging',
    'engines',
    'applying',
    'target',
  ],
  task: [
    ...FOUNDATION,
    ...PROBES,
    ...REPEAT,
    ...SETTINGS,
    'version.ts',
    'core',
    'diagnostics',
    'records',
    'database',
    'staging',
    'routing',
    'engines',
    'applying',
    'target',
    'importing',
  ],
  explain: [
    ...FOUNDATION,
    ...SETTINGS,
    'core',
    'records',
    'database',
    'engines',
    'applying',
    'target',
    'importing',
    'task',
  ],
  migrate: [
    ...FOUNDATION,
    ...PROBES,
    ...REPEAT,
    ...SETTINGS,
    'core',
    'diagnostics',
    'records',
    'database',
    'routing',
    'engines',
    'task',
  ],
  operations: [
    ...FOUNDATION,
    ...SETTINGS,
    'core',
    'records',
    'database',
    'staging',
    'engines',
    'task',
  ],
  prepare: [
    ...FOUNDATION,
    ...SETTINGS,
    'core',
    'database',
    'staging',
    'routing',
    'engines',
    'task',
    'operations',
  ],
  doctor: [
    ...FOUNDATION,
    ...SETTINGS,
    'version.ts',
    'core',
    'records',
    'database',
    'staging',
    'routing',
    'engines',
    'applying',
    'target',
    'importing',
    'task',
  ],
  monitor: [
    ...FOUNDATION,
    ...SETTINGS,
    'core',
    'database',
    'routing',
    'engines',
    'operations',
    'doctor',
  ],
};

/** Libraries that one folder alone knows. */
const OWNED_LIBRARIES = {
  '^node_modules/(@types/)?pg(-copy-streams|pass)?/': 'database',
  '^node_modules/@aws-sdk/': 'staging',
  '^node_modules/commander/': 'cli',
  '^node_modules/@opentelemetry/': 'telemetry',
  '^node_modules/(hono|@hono|uplot)/': 'monitor',
};

const anyOf = (names) =>
  `^src/(${names.map((name) => (name.endsWith('.ts') ? name.replace('.', '\\.') : `${name}/`)).join('|')})`;

const layerRules = Object.entries(LAYERS).map(([folder, below]) => ({
  name: `${folder}-imports-downwards`,
  comment: `src/${folder} imports ${below.join(', ')} and itself only.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: anyOf([folder, ...below]) },
}));

const libraryRules = Object.entries(OWNED_LIBRARIES).map(([path, folder]) => ({
  name: `only-${folder}`,
  comment: `Only src/${folder} knows this library.`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${folder}/` },
  to: { path },
}));

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'foundation-imports-nothing-above',
      severity: 'error',
      from: { path: '^src/(errors|error-codes|error-json|shell-word|failpoints|version)\\.ts$' },
      // What an error shows as JSON is redacted.
      to: {
        path: '^src/',
        pathNot: '^src/(errors|error-codes|error-json|shell-word|core/redaction)\\.ts$',
      },
    },
    {
      name: 'events-import-core',
      severity: 'error',
      from: { path: '^src/events\\.ts$' },
      to: { path: '^src/', pathNot: anyOf([...FOUNDATION, 'core']) },
    },
    {
      name: 'repeat-imports-core',
      severity: 'error',
      from: { path: '^src/repeat\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(core|diagnostics)/' },
    },
    {
      name: 'nothing-imports-the-command',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'every-folder-has-a-layer',
      comment: 'A new folder of src/ needs a line in LAYERS.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: anyOf([...Object.keys(LAYERS), 'cli']) },
      to: {},
    },
    {
      name: 'every-file-has-a-layer',
      comment: 'A new file directly in src/ belongs to one of the lists above.',
      severity: 'error',
      from: {
        path: '^src/[^/]+$',
        pathNot: anyOf([
          ...FOUNDATION,
          ...SETTINGS,
          ...PROBES,
          ...REPEAT,
          'version.ts',
          'administration.ts',
          'bulk-processor.ts',
          'connected.ts',
          'index.ts',
        ]),
      },
      to: {},
    },
    {
      name: 'relyt-dev-stands-alone',
      comment: 'relyt-dev imports nothing but Node and itself.',
      severity: 'error',
      from: { path: '^dev/src/' },
      to: { pathNot: '^dev/src/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'nothing-imports-relyt-dev',
      comment:
        'relyt-sdk does not depend on relyt-dev: src/cli/dev-package.ts knows it by its shape.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(dev|node_modules/relyt-dev)/' },
    },
    ...layerRules,
    ...libraryRules,
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types'] },
  },
};
