// Quick starts, run from their pages.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type QuickStart, runQuickStart } from './quick-start.ts';
import { cleanUp, ROOT } from './rig.ts';

const LINK = `mkdir node_modules && ln -s '${ROOT}' node_modules/asteroid-oidc`;

const QUICK_STARTS: readonly QuickStart[] = [
  { page: 'oauth2-proxy' },
  { page: 'mesh' },
  { page: 'sidecar', until: '## In the cluster' },
  {
    page: 'tests',
    instead: {
      'npm install --save-dev --no-audit --no-fund --install-links=false ../ > install.log': LINK,
    },
  },
];

/** Blocks of each page that say what they print. */
const SAYING = { 'oauth2-proxy': 3, mesh: 3, sidecar: 1, tests: 2 } as const;

describe('quick starts', () => {
  afterEach(cleanUp);

  it('are all run', () => {
    const pages = readdirSync(path.join(ROOT, 'docs/quick-starts')).sort();

    expect(QUICK_STARTS.map(({ page }) => `${page}.md`).sort()).toEqual(pages);
  });

  for (const start of QUICK_STARTS) {
    it(`print what their page says: ${start.page}`, async () => {
      const steps = await runQuickStart(start);
      const saying = steps.filter(({ says }) => says !== undefined);

      expect(saying.map(({ printed }) => printed)).toEqual(saying.map(({ says }) => says));
      expect(saying).toHaveLength(SAYING[start.page as keyof typeof SAYING]);
    });
  }
});
