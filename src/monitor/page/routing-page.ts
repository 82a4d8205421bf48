import type { RoutingView, ShownGroup, ShownMove } from '../routing-view.ts';
import { type Child, copyable, element } from './element.ts';
import { type LiveColumn, LiveTable } from './live-table.ts';
import { poll } from './poll.ts';
import { shownCount } from './shown-figures.ts';
import type { View } from './view.ts';

/** Routed tables: where the biggest groups live, and which ones are on their way. */
export const routingPage: View = ({ main, signal }) => {
  const tables = element('div');
  main.append(element('h1', {}, 'Routing'), tables);
  const sections = new Map<string, Section>();
  poll<{ readonly tables: readonly RoutingView[] }>({
    path: () => '/api/routing',
    signal,
    show: ({ tables: views }) => {
      for (const view of views) {
        const section = sections.get(view.table) ?? new Section(view.table);
        sections.set(view.table, section);
        section.show(view);
        if (!section.root.isConnected) tables.append(section.root);
      }
      for (const [name, section] of sections) {
        if (views.some(({ table }) => table === name)) continue;
        section.root.remove();
        sections.delete(name);
      }
      if (views.length === 0) tables.replaceChildren(element('p', {}, 'No table is routed.'));
      else tables.querySelector(':scope > p')?.remove();
    },
  });
};

/** One routed table. */
class Section {
  readonly root: HTMLElement;
  readonly #about = element('div');
  readonly #groups: LiveTable<ShownGroup>;
  readonly #moves: LiveTable<ShownMove>;
  #said = '';

  constructor(table: string) {
    const groups = `Biggest groups of ${table}, as ANALYZE counted them`;
    this.#groups = new LiveTable(groups, GROUP_COLUMNS, (it) => `${it.lives} ${it.group}`);
    this.#moves = new LiveTable(`Moves of ${table}`, MOVE_COLUMNS, ({ group }) => group);
    const parts = [this.#about, this.#groups.root, this.#moves.root];
    this.root = element('section', {}, element('h2', {}, table), ...parts);
  }

  show(view: RoutingView): void {
    const about = aboutOf(view);
    const said = JSON.stringify(about);
    // A button that has the focus stays.
    if (said !== this.#said) {
      this.#about.replaceChildren(...about.map(shownAbout));
      this.#said = said;
    }
    this.#groups.show(view.routed?.biggest ?? []);
    this.#moves.show(view.moves);
  }
}

/** A sentence, or a command to copy. */
type About = { readonly text: string } | { readonly command: string };

function aboutOf({ mainRows, auxiliaryRows, routed, moves, problem }: RoutingView): About[] {
  const rows = (count: number | null) =>
    count === null ? 'an unknown number of' : shownCount(count);
  const sizes = `${rows(mainRows)} rows in the main table, ${rows(auxiliaryRows)} in the auxiliary one`;
  const groups =
    routed === null ? '' : `, where ${shownCount(routed.groups)} groups of ${routed.column} live`;
  const commands = new Set(moves.flatMap(({ command }) => command ?? []));
  return [
    { text: `About ${sizes}${groups}.` },
    ...(problem === null ? [] : [{ text: `${problem.message}. ${problem.hint}` }]),
    ...(commands.size === 0
      ? []
      : [{ text: 'No process works on a move that is under way. To end it:' }]),
    ...[...commands].map((command) => ({ command })),
  ];
}

function shownAbout(about: About): Child {
  return 'text' in about ? element('p', {}, about.text) : copyable(about.command);
}

const GROUP_COLUMNS: readonly LiveColumn<ShownGroup>[] = [
  { title: 'Group', text: ({ group }) => group, className: () => 'long' },
  { title: 'Rows', isNumber: true, text: ({ rows }) => `about ${shownCount(rows)}` },
  { title: 'Table', text: ({ lives }) => lives },
];

const MOVE_COLUMNS: readonly LiveColumn<ShownMove>[] = [
  { title: 'Group', text: ({ group }) => group, className: () => 'long' },
  {
    title: 'Direction',
    text: ({ direction }) => (direction === 'to-main' ? 'to main' : 'to auxiliary'),
  },
  { title: 'Step', text: ({ phase }) => (phase === 'COPY' ? 'copying' : 'cleaning up') },
  {
    title: 'Rows',
    isNumber: true,
    text: ({ done, rows }) => `${shownCount(done)} of ${shownCount(rows)}`,
  },
  {
    title: 'Process',
    text: ({ alive }) => (alive ? 'at work' : 'gone'),
    className: ({ alive }) => (alive ? '' : 'dead'),
  },
];
