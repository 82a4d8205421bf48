import type { TaskView } from '../task-view.ts';
import { copyable, element, setText } from './element.ts';
import { LiveTable } from './live-table.ts';
import { poll } from './poll.ts';
import { shownCount, shownRate, shownSeconds, shownTime } from './shown-figures.ts';
import { FILE_COLUMNS, IMPORT_COLUMNS } from './task-columns.ts';
import { ThroughputChart } from './throughput-chart.ts';
import { timeline } from './timeline.ts';
import type { View } from './view.ts';

/** One task: how it goes, what to do next, its files and imports. */
export const taskPage: View = ({ main, parts: [processId = ''], signal }) => {
  const title = element('h1', {}, 'Task');
  const facts = element('dl', { class: 'facts' });
  const error = element('p', { class: 'error' });
  const next = element('div', { class: 'next' });
  const line = element('div');
  const chart = new ThroughputChart(signal);
  const files = new LiveTable('Newest files', FILE_COLUMNS, ({ file_id }) => String(file_id));
  const imports = new LiveTable('Newest imports', IMPORT_COLUMNS, (it) => String(it.import_id));
  const href = `#/task/${encodeURIComponent(processId)}/rejected`;
  const rejects = element('a', { href }, 'Rejected records');
  main.append(title, error, next, facts, rejects);
  main.append(element('h2', {}, 'Throughput'), chart.root);
  main.append(element('h2', {}, 'Timeline'), line, files.root, imports.root);
  let shownAdvice: string | undefined;
  poll<TaskView>({
    path: () => `/api/tasks/${encodeURIComponent(processId)}`,
    signal,
    show: (view) => {
      const { details, commands, advice } = view;
      setText(title, `${details.table}: ${view.shown}`);
      setText(error, details.error ?? '');
      setText(rejects, `${shownCount(details.rejected)} rejected records`);
      showFacts(facts, view);
      // A button that has the focus stays.
      if (shownAdvice !== advice) {
        next.replaceChildren(element('p', {}, `Next: ${advice}.`), ...commands.map(copyable));
        shownAdvice = advice;
      }
      chart.show(view.throughput);
      line.replaceChildren(timeline(view, Date.now()));
      files.show(view.files);
      imports.show(view.imports);
    },
  });
};

function showFacts(list: HTMLElement, { details, pace }: TaskView): void {
  const { task, files } = details;
  const rows = task?.rows;
  const facts: Readonly<Record<string, string>> = {
    Task: details.processId,
    ...(details.key === null ? {} : { Key: details.key }),
    Process: details.owner ?? '–',
    Started: shownTime(details.startedAt),
    'Last import': shownTime(details.lastInsertAt),
    Files: `${shownCount(files.imported)} of ${shownCount(files.total)} imported`,
    Records:
      rows === undefined
        ? shownCount(details.records)
        : `${shownCount(rows.inserted)} inserted, ${shownCount(rows.updated)} updated, ` +
          `${shownCount(rows.skipped)} skipped, ${shownCount(rows.superseded)} superseded`,
    ...(task === null ? {} : { 'Safe up to': `record ${shownCount(task.lastOrdinal)}` }),
    ...(task === null ? {} : { Engine: `${task.engine}, relyt-sdk ${task.sdkVersion}` }),
    ...(pace === null
      ? {}
      : {
          Rate: shownRate(pace.recordsPerSecond),
          Waiting: `${shownCount(pace.waitingRecords)} records in ${shownCount(pace.waitingFiles)} files`,
          Lag: shownSeconds(pace.lagSeconds),
          Left: shownSeconds(pace.leftSeconds),
        }),
  };
  const children = Object.entries(facts).map(([name, text]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, text)),
  );
  list.replaceChildren(...children);
}
