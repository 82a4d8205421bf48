import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

const LINK = /(\]\()([^)\s#]+)(#[^)\s]*)?(\))/g;
/** Pictures for light and dark are in HTML. */
const PICTURE = /\b(src|srcset)="([^"\s]+)"/g;
const FENCES = /(^```[\s\S]*?^```$)/m;

/** Writes every page of docs/ below `source`, and the README as its index, with links out of docs/ to the repository. */
export function layOutPages(root, source) {
  const repository = repositoryOf(root);
  const docs = readdirSync(path.join(root, 'docs'), { recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => [`docs/${name}`, name]);
  cpSync(path.join(root, 'docs/pictures'), path.join(source, 'pictures'), { recursive: true });
  for (const [file, name] of [['README.md', 'index.md'], ...docs]) {
    const target = path.join(source, name);
    mkdirSync(path.dirname(target), { recursive: true });
    const text = readFileSync(path.join(root, file), 'utf8');
    writeFileSync(target, withLinks(text, { root, file, name, repository }));
  }
}

function repositoryOf(root) {
  const { repository } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
}

function withLinks(text, page) {
  return text
    .split(FENCES)
    .map((part) =>
      part.startsWith('```')
        ? part
        : part
            .replace(
              LINK,
              (_all, open, to, anchor = '', close) => open + target(to, page) + anchor + close,
            )
            .replace(PICTURE, (_all, attribute, to) => `${attribute}="${target(to, page)}"`),
    )
    .join('');
}

function target(to, { root, file, name, repository }) {
  if (/^[a-z]+:/.test(to)) return to;
  const found = path.posix.join(path.posix.dirname(file), to);
  if (!existsSync(path.join(root, found))) throw new Error(`${file}: ${to} does not exist`);
  const page = found === 'README.md' ? 'index.md' : found.replace(/^docs\//, '');
  const isPage =
    found === 'README.md' ||
    (found.startsWith('docs/') && (found.endsWith('.md') || found.startsWith('docs/pictures/')));
  if (isPage) return dotted(path.posix.relative(path.posix.dirname(name), page));
  const kind = statSync(path.join(root, found)).isDirectory() ? 'tree' : 'blob';
  return `${repository}/${kind}/main/${found}`;
}

function dotted(relative) {
  return relative.startsWith('.') ? relative : `./${relative}`;
}
