// The pages of the site, in the order of its sidebar. A page is a file below docs/ without its ending, and its title is its
// first heading. A test holds that every page of docs/ is here once.

export const SECTIONS = [
  { text: 'Start', pages: ['guide/overview', 'guide/install', 'guide/first-load'] },
  {
    text: 'By task',
    pages: [
      'guide/load-a-file',
      'guide/load-from-a-program',
      'guide/upsert',
      'guide/bad-records',
      'guide/resume',
      'guide/big-groups',
      'guide/operate',
      'guide/secure',
      'guide/recipes',
    ],
  },
  {
    text: 'Topics',
    pages: [
      'guide/connecting',
      'guide/doctor',
      'guide/records-and-types',
      'guide/events',
      'guide/telemetry',
      'guide/monitor',
      'guide/guarantees',
    ],
  },
  {
    text: 'Engines',
    pages: [
      'guide/engines',
      'guide/engine-direct',
      'guide/engine-copy',
      'guide/engine-postgres',
      'guide/engine-aws-s3',
      'guide/engine-greenplum',
      'guide/engine-relyt',
      'guide/s3',
    ],
  },
  {
    text: 'Reference',
    pages: [
      'reference/config',
      'reference/cli',
      'reference/types',
      'reference/errors',
      'reference/schema',
      'reference/tested',
    ],
  },
  {
    text: 'Internals',
    pages: ['architecture', 'spec/task', 'spec/guarantees', 'internals/style'],
  },
];
