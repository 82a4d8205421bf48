import { type Child, element, setText } from './element.ts';

/** A column of a table: what it says of an item. */
export interface LiveColumn<Item> {
  readonly title: string;
  /** Of figures: they stand to the right. */
  readonly isNumber?: true;
  readonly text: (item: Item) => string;
  /** Where the text leads. */
  readonly href?: (item: Item) => string;
  readonly className?: (item: Item) => string;
}

/**
 * A table whose rows stay the same elements while their texts change, so that focus, selection and scrolling are kept.
 */
export class LiveTable<Item> {
  readonly root: HTMLElement;
  readonly #columns: readonly LiveColumn<Item>[];
  readonly #keyOf: (item: Item) => string;
  readonly #body = element('tbody');
  readonly #rows = new Map<string, HTMLTableRowElement>();
  readonly #empty: HTMLElement;

  constructor(
    caption: string,
    columns: readonly LiveColumn<Item>[],
    keyOf: (item: Item) => string,
  ) {
    this.#columns = columns;
    this.#keyOf = keyOf;
    this.#empty = element('p', { class: 'empty' }, 'None.');
    const titles = columns.map(({ title, isNumber }) =>
      element('th', { scope: 'col', class: isNumber && 'number' }, title),
    );
    const table = element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...titles)),
      this.#body,
    );
    const scroller = { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': caption };
    this.root = element('div', {}, element('div', scroller, table), this.#empty);
  }

  show(items: readonly Item[]): void {
    const wanted = new Set(items.map(this.#keyOf));
    for (const [key, row] of this.#rows) {
      if (wanted.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    for (const [n, item] of items.entries()) this.#place(this.#rowOf(item), n);
    this.#empty.hidden = items.length > 0;
  }

  /** Moving a row would take the focus from it, so only a row at another place is moved. */
  #place(row: HTMLTableRowElement, n: number): void {
    const there = this.#body.children[n];
    if (there !== row) this.#body.insertBefore(row, there ?? null);
  }

  #rowOf(item: Item): HTMLTableRowElement {
    const key = this.#keyOf(item);
    const row = this.#rows.get(key) ?? element('tr', {}, ...this.#columns.map((it) => cell(it)));
    this.#rows.set(key, row);
    for (const [n, column] of this.#columns.entries()) fill(row.cells[n], column, item);
    return row;
  }
}

function cell<Item>({ title, isNumber, href }: LiveColumn<Item>): HTMLTableCellElement {
  const inside: Child[] = href === undefined ? [] : [element('a')];
  return element('td', { 'data-title': title, class: isNumber && 'number' }, ...inside);
}

function fill<Item>(
  td: HTMLTableCellElement | undefined,
  { text, href, className, isNumber }: LiveColumn<Item>,
  item: Item,
): void {
  if (td === undefined) return;
  const link = td.firstElementChild;
  setText(link ?? td, text(item));
  if (href !== undefined) link?.setAttribute('href', href(item));
  if (className !== undefined) td.className = `${isNumber ? 'number ' : ''}${className(item)}`;
}
