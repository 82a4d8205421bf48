import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const TAG = /<(a|link|script|img|source|iframe)\b[^>]*?\s(?:href|src)="([^"]*)"[^>]*>/g;
const ID = /\sid="([^"]+)"/g;

/** Links of the built pages that lead to no file or to no place in it, and what a page would fetch from another host. */
export function brokenLinks(html, base) {
  const pages = readdirSync(html, { recursive: true }).filter((name) => name.endsWith('.html'));
  const texts = new Map(pages.map((name) => [name, readFileSync(path.join(html, name), 'utf8')]));
  const ids = new Map(
    [...texts].map(([name, text]) => [name, new Set([...text.matchAll(ID)].map(([, id]) => id))]),
  );
  return [...texts].flatMap(([page, text]) =>
    [...text.matchAll(TAG)]
      .map(([, tag, to]) => ({ tag, to: to.replaceAll('&amp;', '&') }))
      .filter((link) => isBroken(link, { page, html, base, ids }))
      .map(({ to }) => `${page}: ${to} leads nowhere`),
  );
}

function isBroken({ tag, to }, { page, html, base, ids }) {
  // Where a reader goes is theirs; what a page is made of is here.
  if (/^(?:[a-z]+:|\/\/)/.test(to)) return tag !== 'a' && !to.startsWith('data:');
  const [file, anchor] = decodeURI(to).split('#');
  if (file.startsWith('/') && !file.startsWith(base)) return true;
  const place = file.startsWith('/')
    ? file.slice(base.length)
    : path.posix.join(path.posix.dirname(page), file);
  const isFolder = place === '' || place.endsWith('/');
  const name = file === '' ? page : path.posix.normalize(isFolder ? `${place}index.html` : place);
  if (!existsSync(path.join(html, name))) return true;
  return anchor !== undefined && anchor !== '' && ids.get(name)?.has(anchor) !== true;
}
