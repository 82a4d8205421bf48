// Imports run one way (docs/architecture.md): each folder of src/ lists the folders below it that it may import.
// Type imports count. Run by `make lint`.

/** Files of src/ itself, from the bottom up. */
const FOUNDATION = ['errors.ts', 'error-codes.ts'];
const SETTINGS = ['config.ts', 'checked-config.ts', 'events.ts'];
const PROBES = ['failpoints.ts'];

const LAYERS = {
  core: [...FOUNDATION],
  records: [...FOUNDATION, 'core'],
  input: [...FOUNDATION, 'core', 'records'],
  database: [...FOUNDATION, ...PROBES, 'core'],
  staging: [...FOUNDATION, ...PROBES, 'core'],
  routing: [...FOUNDATION, 'core', 'database'],
  engines: [...FOUNDATION, 'core', 'database'],
  applying: [...FOUNDATION, ...PROBES, 'core', 'database'],
  target: [...FOUNDATION, 'core', 'database', 'routing', 'applying'],
  importing: [
    ...FOUNDATION,
    ...PROBES,
    'core',
    'database',
    'staging',
    'engines',
    'applying',
    'target',
  ],
  task: [
    ...FOUNDATION,
    ...PROBES,
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
    ...SETTINGS,
    'core',
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
};

/** Libraries that one folder alone knows. */
const OWNED_LIBRARIES = {
  '^node_modules/(@types/)?pg(-copy-streams)?/': 'database',
  '^node_modules/@aws-sdk/': 'staging',
  '^node_modules/commander/': 'cli',
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
      from: { path: '^src/(errors|error-codes|failpoints|version)\\.ts$' },
      to: { path: '^src/', pathNot: '^src/error-codes\\.ts$' },
    },
    {
      name: 'settings-import-core',
      severity: 'error',
      from: { path: '^src/(config|checked-config|events)\\.ts$' },
      to: { path: '^src/', pathNot: anyOf([...FOUNDATION, ...SETTINGS, 'core']) },
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
          'version.ts',
          'bulk-processor.ts',
          'index.ts',
        ]),
      },
      to: {},
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
