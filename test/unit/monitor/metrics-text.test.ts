import { expect, test } from 'vitest';
import { metricsText } from '../../../src/monitor/metrics-text.ts';

test('a metric is its help, its type and its samples', () => {
  const samples = [{ labels: { status: 'RUNNING' }, value: 2 }, { value: 0.5 }];

  expect(metricsText([{ name: 'relyt_tasks', help: 'Tasks.', type: 'gauge', samples }])).toBe(
    '# HELP relyt_tasks Tasks.\n# TYPE relyt_tasks gauge\nrelyt_tasks{status="RUNNING"} 2\nrelyt_tasks 0.5\n',
  );
});

test('G7: no name of a table makes a sample of its own', () => {
  const table = 'public.a"} 1\nforged{x="\\';
  const samples = [{ labels: { table }, value: 1 }];

  const text = metricsText([{ name: 'm', help: 'Two\nlines.', type: 'gauge', samples }]);

  expect(text.split('\n')).toEqual([
    '# HELP m Two\\nlines.',
    '# TYPE m gauge',
    'm{table="public.a\\"} 1\\nforged{x=\\"\\\\"} 1',
    '',
  ]);
});

test('values that are no numbers are spelled as Prometheus reads them', () => {
  const samples = [Number.NaN, Number.POSITIVE_INFINITY, -Infinity].map((value) => ({ value }));

  expect(metricsText([{ name: 'm', help: '', type: 'gauge', samples }])).toContain(
    'm NaN\nm +Inf\nm -Inf\n',
  );
});
