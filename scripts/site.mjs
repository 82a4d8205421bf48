// Builds the static site into .cache/site/html: the pages of docs/, the README as its first page, and the API reference from
// the types. Fails for a link that leads nowhere. Needs site/node_modules, and no network. SITE_BASE is the path it is served
// under, '/' by default.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brokenLinks } from './site/broken-links.mjs';
import { layOutPages } from './site/lay-out-pages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const site = path.join(root, 'site');
// Beside site/node_modules, where what pages become finds its libraries.
const source = path.join(site, 'source');
const html = path.join(root, '.cache/site/html');
const base = process.env.SITE_BASE ?? '/';

function run(program, ...args) {
  const main = path.join(site, 'node_modules', program);
  execFileSync(process.execPath, [main, ...args], { cwd: site, stdio: 'inherit' });
}

for (const folder of [source, html]) rmSync(folder, { recursive: true, force: true });
layOutPages(root, source);
run('typedoc/bin/typedoc', '--options', 'typedoc.json');
run('vitepress/bin/vitepress.js', 'build', '.');

const broken = brokenLinks(html, base);
for (const line of broken) console.error(line);
if (broken.length > 0) process.exitCode = 1;
else console.log(`The site is in ${path.relative(root, html)}, for ${base}`);
