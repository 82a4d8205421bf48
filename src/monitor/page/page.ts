/** The page of the monitor. What it shows is in the fragment of the address: `#/`, `#/task/ID`. */

import { databasePage } from './database-page.ts';
import { element } from './element.ts';
import { rejectedPage } from './rejected-page.ts';
import { routingPage } from './routing-page.ts';
import { taskList } from './task-list.ts';
import { taskPage } from './task-page.ts';
import type { View } from './view.ts';

const VIEWS: readonly (readonly [pattern: RegExp, view: View])[] = [
  [/^\/$/, taskList],
  [/^\/task\/([^/]+)$/, taskPage],
  [/^\/task\/([^/]+)\/rejected$/, rejectedPage],
  [/^\/routing$/, routingPage],
  [/^\/database$/, databasePage],
];

const PAGES: readonly (readonly [title: string, path: string])[] = [
  ['Tasks', '#/'],
  ['Routing', '#/routing'],
  ['Database', '#/database'],
];

let leave = new AbortController();

function show(): void {
  const [path = '/', search = ''] = location.hash.replace(/^#/, '').split('?');
  // `#main` is the target of the link that skips the navigation.
  if (path === 'main') return;
  leave.abort();
  leave = new AbortController();
  const main = document.getElementById('main');
  if (main === null) return;
  main.replaceChildren();
  showNavigation(path);
  for (const [pattern, view] of VIEWS) {
    const match = pattern.exec(path === '' ? '/' : path);
    if (match === null) continue;
    const parts = match.slice(1).map(decodeURIComponent);
    view({ main, query: new URLSearchParams(search), parts, signal: leave.signal });
    return;
  }
  main.append(element('h1', {}, 'There is nothing here'), element('a', { href: '#/' }, 'Tasks'));
}

function showNavigation(path: string): void {
  const links = PAGES.map(([title, href]) => {
    const isHere = href === '#/' ? /^\/?$|^\/task/.test(path) : `#${path}` === href;
    return element('a', { href, 'aria-current': isHere ? 'page' : undefined }, title);
  });
  document.getElementById('nav')?.replaceChildren(...links);
}

addEventListener('hashchange', () => {
  show();
  // Users of a keyboard or a screen reader continue in the new content.
  document.getElementById('main')?.focus();
  scrollTo(0, 0);
});
show();
