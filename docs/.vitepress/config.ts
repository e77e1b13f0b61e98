// The documentation as a site: the same Markdown files, with a side bar, a search that needs no server,
// and a build that fails for a link which leads nowhere.

import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { GROUPS } from './pages.ts';
import { breakLines, leadOutside, leaveOutComments } from './source-files.ts';

const fileOf = (page: string): URL => new URL(`../${page}.md`, import.meta.url);

const titleOf = (page: string): string =>
  /^# (.+)$/m.exec(readFileSync(fileOf(page), 'utf8'))?.[1]?.replaceAll('`', '') ?? page;

/** Where the sources can be read, for links to them; without one they are names of files. */
const SOURCES = process.env['DOCS_SOURCES_URL'];

export default defineConfig({
  title: 'Asteroid',
  description: 'OpenID Connect for people who already have a proxy that knows their users',
  cleanUrls: true,
  lastUpdated: false,
  // Else browsers ask for /favicon.ico, which nobody has.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    html: false,
    config: (markdown) => {
      leaveOutComments(markdown);
      breakLines(markdown);
      leadOutside(markdown, SOURCES);
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: GROUPS.map(({ text, pages }) => ({
      text,
      items: pages.map((page) => ({ text: titleOf(page), link: `/${page}` })),
    })),
  },
});
