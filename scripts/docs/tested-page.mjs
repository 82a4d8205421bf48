import { code, page, table } from './markdown.mjs';

/** Sections of the page by the kind of what tests ran on, and what they were. */
const SECTIONS = {
  PostgreSQL:
    'The suite of all guarantees, [test/versions](../../test/versions): load, upsert, reject, resume, route, migrate, doctor and both layouts, by each engine that fits. `make test` runs it on the newest version, the oldest and one that the commit chooses.',
  engine:
    'The same tests, by engine. `aws-s3` ran on an emulation of the extension, on PostgreSQL, and on no Amazon RDS or Aurora.',
  cluster: 'The suite of all guarantees on clusters of segments.',
  upgrade:
    'A loader of an older version and this one, side by side on one schema. The number is the newest migration of `relyt_sys` that the older one knows.',
  'Node.js':
    'The suite of all guarantees on PostgreSQL 18, and the packed package by `import`, by `require` and as a command.',
  'other runtime': 'The packed package by `import`, by `require` and as a command; no load.',
  'package manager': 'The packed package, installed in a fresh project and used there; no load.',
  TypeScript: 'The types of the packed package, by each way to resolve modules.',
  'S3 server': 'What the loader asks of a server, [test/conformance](../../test/conformance).',
};

/** Versions that the README claims: one without a run is said to have none. */
const CLAIMED = {
  PostgreSQL: ['12', '13', '14', '15', '16', '17', '18'],
  'Node.js': ['20', '22', '24'],
};

/** What a run has to be of for a line to go. */
const NEVER = [
  {
    is: ({ kind, name }) => kind === 'cluster' && /^Greenplum Database 6/.test(name),
    text: 'Greenplum 6. [How to run the tests on yours](../guide/engine-greenplum.md).',
  },
  {
    is: ({ kind, name }) => kind === 'cluster' && /^Greenplum Database 7/.test(name),
    text: 'Greenplum 7: the same tests.',
  },
  {
    is: ({ kind, name }) => kind === 'cluster' && /Cloudberry/.test(name),
    text: 'Cloudberry: the same tests.',
  },
  {
    is: ({ kind, name }) => kind === 'cluster' && /relyt/i.test(name),
    text: 'Relyt. [How to run the tests on yours](../guide/engine-relyt.md).',
  },
  { is: ({ name }) => /RDS|Aurora/.test(name), text: 'Amazon RDS and Aurora.' },
  {
    is: ({ kind, name }) => kind === 'S3 server' && /AWS|Amazon/.test(name),
    text: 'Amazon S3, and every S3 server that is not listed above.',
  },
  {
    is: ({ machine }) => !machine.startsWith('linux'),
    text: 'macOS and Windows.',
  },
];

/** docs/reference/tested.md, from the record of runs that `make matrix` writes. */
export function testedPage(runs) {
  const sections = Object.entries(SECTIONS).flatMap(([kind, meaning]) => {
    const those = runs.filter((run) => run.kind === kind);
    return those.length === 0 ? [] : [`## ${titleOf(kind)}`, meaning, results(those)];
  });
  const unseen = NEVER.filter(({ is }) => !runs.some(is)).map(({ text }) => text);
  const never = [...claimedWithoutRun(runs), ...unseen].map((text) => `- ${text}`);
  return page(
    '# Tested',
    'What the tests ran on, with the latest run of each. `make matrix` runs them and writes this page. Times are UTC. ' +
      '"Left out" are tests for which something was missing on the machine.',
    ...sections,
    '## No run recorded',
    never.join('\n'),
  );
}

function claimedWithoutRun(runs) {
  return Object.entries(CLAIMED).flatMap(([kind, names]) =>
    names
      .filter((name) => !runs.some((run) => run.kind === kind && run.name === name))
      .map((name) => `${kind} ${name}.`),
  );
}

function titleOf(kind) {
  const plural = { engine: 'engines', cluster: 'clusters', upgrade: 'upgrades' };
  const title = plural[kind] ?? kind.replace(/(runtime|manager|server)$/, '$1s');
  return title[0].toUpperCase() + title.slice(1);
}

function results(runs) {
  return table(
    ['what', 'version', 'tests', 'when', 'machine', 'commit'],
    runs.map((run) => [
      run.name,
      run.version ?? '',
      testsOf(run),
      run.at,
      run.machine,
      code(run.commit),
    ]),
  );
}

function testsOf({ passed, failed, leftOut }) {
  return [
    failed > 0 ? `**${failed} failed**` : undefined,
    `${passed} passed`,
    leftOut > 0 ? `${leftOut} left out` : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}
