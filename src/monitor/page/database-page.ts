import type { DatabaseFindings, Finding, ShownEngine } from '../database-findings.ts';
import { copyable, element } from './element.ts';
import { type LiveColumn, LiveTable } from './live-table.ts';
import { poll } from './poll.ts';
import type { View } from './view.ts';

/** What is found out changes seldom. */
const EVERY_MS = 15_000;

/** The database: whether all is well for loads, and by which engine they go. */
export const databasePage: View = ({ main, signal }) => {
  const about = element('p');
  const list = element('div');
  const engines = new LiveTable<ShownEngine>('Engines', COLUMNS, ({ name }) => name);
  main.append(element('h1', {}, 'Database'), about);
  main.append(element('h2', {}, 'Findings'), list, whatElse());
  main.append(element('h2', {}, 'Engines'), engines.root);
  let said = '';
  poll<DatabaseFindings>({
    path: () => '/api/database',
    signal,
    every: EVERY_MS,
    show: ({ version, engine, reason, engines: all, findings }) => {
      about.textContent = `${version}. Where S3 is configured, loads go by the engine ${engine}, because ${reason}.`;
      engines.show(all);
      // A button that has the focus stays.
      if (said === JSON.stringify(findings)) return;
      said = JSON.stringify(findings);
      list.replaceChildren(...findings.map(shownFinding));
    },
  });
};

function shownFinding({ name, ok, message, todo, commands }: Finding): HTMLElement {
  return element(
    'section',
    { class: 'finding' },
    element('h3', { class: ok ? 'completed' : 'failed' }, `${ok ? '✓' : '✗'} ${name}`),
    element('p', {}, message),
    ...(todo === null ? [] : [element('p', {}, todo)]),
    ...commands.map(copyable),
  );
}

function whatElse(): HTMLElement {
  const text = 'A command checks S3, the clocks and a small load, because these checks write:';
  return element('div', {}, element('p', {}, text), copyable('relyt doctor'));
}

const COLUMNS: readonly LiveColumn<ShownEngine>[] = [
  { title: 'Engine', text: ({ engine }) => engine },
  { title: 'For', text: ({ databases }) => databases, className: () => 'long' },
  { title: 'Reads S3 by', text: ({ reads }) => reads, className: () => 'long' },
  { title: 'Needs', text: ({ needs }) => needs, className: () => 'long' },
];
