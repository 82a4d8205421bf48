import type { RejectCountRow } from '../../database/statements/rejected-records.ts';
import type { RejectedEntry, RejectedPage } from '../rejected-entries.ts';
import { element } from './element.ts';
import { type LiveColumn, LiveTable } from './live-table.ts';
import { poll } from './poll.ts';
import { shownCount } from './shown-figures.ts';
import type { View } from './view.ts';

/** Rejected records change when more are rejected, and no page needs that at once. */
const EVERY_MS = 10_000;

/** The rejected records of a task: to browse, to filter, to save. The filter is in the address. */
export const rejectedPage: View = ({ main, parts: [processId = ''], query, signal }) => {
  const task = `/task/${encodeURIComponent(processId)}`;
  const table = new LiveTable('Rejected records', COLUMNS, ({ ordinal }) => String(ordinal));
  const first = element('a', { href: `#${task}/rejected?${without(query, 'after')}` }, 'First');
  const next = element('a', {}, 'Next');
  const filtered = without(query, 'after');
  const save = { href: `/api/tasks/${encodeURIComponent(processId)}/rejects.ndjson?${filtered}` };
  main.append(
    element('h1', {}, 'Rejected records'),
    element('p', {}, element('a', { href: `#${task}` }, `Task ${processId}`)),
    filterForm(`${task}/rejected`, query, kindsOf(processId, signal)),
    element('p', {}, element('a', { ...save, download: 'rejected.ndjson' }, 'Save as NDJSON')),
    table.root,
    element('p', { class: 'filter' }, first, next),
  );
  first.hidden = !query.has('after');
  poll<RejectedPage>({
    path: () => `/api/tasks/${encodeURIComponent(processId)}/rejects?${query}`,
    signal,
    every: EVERY_MS,
    show: ({ entries, after }) => {
      table.show(entries);
      next.hidden = after === null;
      const following = without(query, 'after');
      following.set('after', String(after));
      next.setAttribute('href', `#${task}/rejected?${following}`);
    },
  });
};

const COLUMNS: readonly LiveColumn<RejectedEntry>[] = [
  { title: 'Record', isNumber: true, text: ({ ordinal }) => shownCount(ordinal) },
  { title: 'Line', isNumber: true, text: ({ line }) => (line === null ? '' : shownCount(line)) },
  { title: 'Code', text: ({ code }) => code },
  { title: 'Column', text: ({ column }) => column ?? '' },
  { title: 'Reason', text: ({ reason }) => reason, className: () => 'long' },
  {
    title: 'Content',
    text: ({ record }) => shortened(record ?? ''),
    className: () => 'long content',
  },
];

/** A record may have megabytes; the export has all of it. */
function shortened(text: string): string {
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}

function filterForm(path: string, query: URLSearchParams, kinds: HTMLSelectElement): HTMLElement {
  const { id } = kinds;
  const text = element('input', { id: 'text', type: 'search', value: query.get('text') ?? '' });
  const form = element(
    'form',
    { role: 'search' },
    element('div', {}, element('label', { for: id }, 'Refused because of '), kinds),
    element('div', {}, element('label', { for: 'text' }, 'Reason or record contains '), text),
    element('button', { type: 'submit' }, 'Filter'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const wanted = new URLSearchParams(kinds.value);
    if (text.value !== '') wanted.set('text', text.value);
    location.hash = `${path}?${wanted}`;
  });
  const chosen = without(without(query, 'after'), 'text').toString();
  if (chosen !== '') {
    const name = [query.get('code'), query.get('column')].filter((part) => part !== null);
    kinds.append(element('option', { value: chosen, selected: true }, name.join(', ')));
  }
  return form;
}

/** Codes and columns to choose from, once they are known. */
function kindsOf(processId: string, signal: AbortSignal): HTMLSelectElement {
  const select = element('select', { id: 'kind' }, element('option', { value: '' }, 'anything'));
  const known = new Set<string>();
  poll<{ readonly kinds: readonly RejectCountRow[] }>({
    path: () => `/api/tasks/${encodeURIComponent(processId)}/reject-kinds`,
    signal,
    every: 6 * EVERY_MS,
    show: ({ kinds }) => {
      for (const { code, column_name: column, rejected } of kinds) {
        const value = new URLSearchParams({ code, ...(column === null ? {} : { column }) });
        if (known.has(value.toString())) continue;
        known.add(value.toString());
        const name = [code, column].filter((part) => part !== null).join(', ');
        const label = `${name} (${shownCount(rejected)})`;
        const same = [...select.options].find((option) => option.value === value.toString());
        if (same === undefined) select.append(element('option', { value: `${value}` }, label));
        else same.textContent = label;
      }
    },
  });
  return select;
}

function without(query: URLSearchParams, name: string): URLSearchParams {
  const rest = new URLSearchParams(query);
  rest.delete(name);
  return rest;
}
