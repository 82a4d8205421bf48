import type { ListedTask, TaskPage } from '../listed-tasks.ts';
import { element, setText } from './element.ts';
import { LiveTable } from './live-table.ts';
import { poll } from './poll.ts';
import { shownCount, shownRate, shownSeconds, shownTime } from './shown-figures.ts';
import type { View } from './view.ts';

const STATUSES = ['RUNNING', 'FAILED', 'COMPLETED', 'CANCELLED'] as const;

/** All tasks, newest first, a page at a time. */
export const taskList: View = ({ main, query, signal }) => {
  const status = query.get('status') ?? '';
  const filter = statusFilter(status);
  const table = new LiveTable<ListedTask>('Tasks, newest first', COLUMNS, (it) => it.processId);
  const older = element('a', { class: 'more' }, 'Older tasks');
  main.append(element('h1', {}, 'Tasks'), filter.root, table.root, older);
  poll<TaskPage>({
    path: () => `/api/tasks?${query}`,
    signal,
    show: ({ tasks, counts, after }) => {
      table.show(tasks);
      filter.show(counts);
      older.hidden = after === null;
      const next = new URLSearchParams(query);
      next.set('after', after ?? '');
      older.setAttribute('href', `#/?${next}`);
    },
  });
};

const COLUMNS = [
  {
    title: 'Task',
    text: ({ key, processId }: ListedTask) => key ?? processId.slice(0, 8),
    href: ({ processId }: ListedTask) => `#/task/${encodeURIComponent(processId)}`,
  },
  { title: 'Table', text: ({ table }: ListedTask) => table },
  {
    title: 'Status',
    text: ({ shown }: ListedTask) => shown,
    className: ({ status, shown }: ListedTask) =>
      `status ${status === shown ? status.toLowerCase() : 'dead'}`,
  },
  { title: 'Started', text: ({ startedAt }: ListedTask) => shownTime(startedAt) },
  { title: 'Records', isNumber: true, text: ({ records }: ListedTask) => shownCount(records) },
  {
    title: 'Rate',
    isNumber: true,
    text: ({ pace }: ListedTask) => (pace === null ? '' : shownRate(pace.recordsPerSecond)),
  },
  {
    title: 'Files',
    isNumber: true,
    text: ({ files }: ListedTask) => `${shownCount(files.imported)}/${shownCount(files.total)}`,
  },
  {
    title: 'Lag',
    isNumber: true,
    text: ({ pace }: ListedTask) => (pace === null ? '' : shownSeconds(pace.lagSeconds)),
  },
  {
    title: 'Left',
    isNumber: true,
    text: ({ pace }: ListedTask) => (pace === null ? '' : shownSeconds(pace.leftSeconds)),
  },
  { title: 'Rejected', isNumber: true, text: ({ rejected }: ListedTask) => shownCount(rejected) },
  {
    title: 'Next',
    text: ({ error, advice, commands }: ListedTask) =>
      error ?? (commands.length === 0 ? '' : advice),
    className: () => 'long',
  },
] as const;

function statusFilter(chosen: string) {
  const links = ['', ...STATUSES].map((status) => {
    const href = status === '' ? '#/' : `#/?status=${status}`;
    const current = status === chosen ? { 'aria-current': 'true' } : {};
    return { status, link: element('a', { href, ...current }) };
  });
  const root = element('nav', { 'aria-label': 'Status', class: 'filter' });
  root.append(...links.map(({ link }) => link));
  const show = (counts: Readonly<Record<string, number>>): void => {
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    for (const { status, link } of links) {
      const name = status === '' ? 'All' : `${status[0]}${status.slice(1).toLowerCase()}`;
      setText(link, `${name} ${shownCount(status === '' ? all : (counts[status] ?? 0))}`);
    }
  };
  show({});
  return { root, show };
}
