// The static site, from the pages that scripts/site.mjs lays out. It needs no other host, in the build and in the browser.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { headingAnchor } from '../../scripts/docs/heading-anchor.mjs';
import { SECTIONS } from '../pages.mjs';

const SOURCE = new URL('../source/', import.meta.url);

function titleOf(page) {
  const text = readFileSync(new URL(`${page}.md`, SOURCE), 'utf8');
  return /^# (.+)$/m.exec(text)?.[1].replaceAll('`', '') ?? page;
}

const link = (page) => ({ text: titleOf(page), link: `/${page}` });

export default defineConfig({
  title: 'relyt-sdk',
  description: 'Bulk loader for the PostgreSQL family: every record exactly once.',
  srcDir: 'source',
  outDir: '../.cache/site/html',
  cacheDir: '../.cache/site/vite',
  // Where it is served: '/' or a path that begins and ends with a slash.
  base: process.env.SITE_BASE ?? '/',
  ignoreDeadLinks: false,
  markdown: {
    anchor: { slugify: headingAnchor },
    theme: { light: 'github-light', dark: 'github-dark' },
    config: (markdown) => {
      // Pages are text: two braces in it are no expression of Vue.
      const { rules } = markdown.renderer;
      for (const name of ['text', 'code_inline']) {
        const render = rules[name];
        rules[name] = (...args) => render(...args).replaceAll('{{', '&#123;&#123;');
      }
    },
  },
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: `/${SECTIONS[0].pages[0]}` },
      { text: 'Reference', link: '/reference/config' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: [
      ...SECTIONS.map(({ text, pages }) => ({ text, items: pages.map(link) })),
      { text: 'API', items: [{ text: 'Everything that is exported', link: '/api/' }] },
    ],
  },
});
