// The pages of the site, in the order of its sidebar. A page is a file below docs/ without its ending, and its title is its
// first heading. A test holds that every page of docs/ is here once.

export const SECTIONS = [
  {
    text: 'Start',
    pages: ['guide/getting-started', 'guide/connecting', 'guide/doctor', 'guide/guarantees'],
  },
  {
    text: 'Load',
    pages: [
      'guide/loading-files',
      'guide/records-and-types',
      'guide/routing',
      'guide/events',
      'guide/recipes',
    ],
  },
  {
    text: 'Operate',
    pages: ['guide/operations', 'guide/monitor', 'guide/telemetry', 'guide/security'],
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
    ],
  },
  { text: 'Internals', pages: ['architecture', 'spec/task'] },
];
