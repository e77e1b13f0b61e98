// Links of the documentation, which is read in three places: in a checkout, where it is hosted, and as a site.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { GROUPS } from '../../docs/.vitepress/pages.ts';
import { anchorsOf, hubSlug, linksOf, readPages, siteSlug } from './pages.ts';
import { ROOT, readSources, type Source } from './sources.ts';

/** Undefined: it leads to something. */
function findFault({ file, text }: Source, target: string): string | undefined {
  // The site is not made of a page with one: it would lead to the machine of whoever reads it.
  if (/^https?:\/\/localhost\b/.test(target)) return 'leads to the machine of whoever reads it';
  if (/^[a-z]+:/.test(target)) return undefined;
  const [relative = '', anchor] = target.split('#');
  const led = relative === '' ? file : path.posix.join(path.posix.dirname(file), relative);
  const found = path.join(ROOT, led);
  if (relative !== '' && !existsSync(found)) return 'leads nowhere';
  if (anchor === undefined) return undefined;
  if (!led.endsWith('.md')) return 'has an anchor in no page';
  const there = relative === '' ? text : readFileSync(found, 'utf8');
  return anchorsOf(there).has(anchor)
    ? undefined
    : 'has an anchor that is not there in both places';
}

const faultsOf = (page: Source): readonly string[] =>
  linksOf(page.text).flatMap((target) => {
    const fault = findFault(page, target);
    return fault === undefined ? [] : [`${page.file}: ${target} ${fault}`];
  });

describe('links', () => {
  const pages = readPages();

  it('lead to pages and parts of pages that exist', () => {
    expect(pages.flatMap(faultsOf).join('\n')).toBe('');
  });

  it('are found, in number', () => {
    expect(pages.flatMap(({ text }) => linksOf(text)).length).toBeGreaterThan(300);
  });

  const planted = (target: string): readonly string[] =>
    faultsOf({ file: 'docs/guides/a.md', text: `# One: two / three\n\n[a](${target})\n` });

  it('that lead nowhere are found when planted', () => {
    expect(planted('missing.md')).toEqual(['docs/guides/a.md: missing.md leads nowhere']);
    expect(planted('../keys.md#no-such-part')).toHaveLength(1);
    expect(planted('#no-such-part')).toHaveLength(1);
    expect(planted('../../package.json#part')).toHaveLength(1);
    expect(planted('http://localhost:8881/console')).toHaveLength(1);
    const bare = { file: 'docs/a.md', text: 'Open <http://localhost:8881/console>.\n' };
    expect(faultsOf(bare)).toHaveLength(1);
  });

  it('that lead somewhere are not', () => {
    for (const target of [
      'grafana.md',
      '../keys.md#rotation',
      'https://x.example',
      '../../deploy',
    ]) {
      expect(planted(target), target).toEqual([]);
    }
  });

  it('to a heading with two anchors are refused, whichever they name', () => {
    expect([siteSlug('One: two / three'), hubSlug('One: two / three')]).toEqual([
      'one-two-three',
      'one-two--three',
    ]);
    expect(planted('#one-two-three')).toHaveLength(1);
    expect(planted('#one-two--three')).toHaveLength(1);
  });
});

describe('the side bar', () => {
  const listed = GROUPS.flatMap(({ pages }) => pages);
  const written = readSources('docs', '.md')
    .map(({ file }) => file.slice('docs/'.length, -'.md'.length))
    .filter((page) => page !== 'index');

  it('has every page once', () => {
    const lacking = written.filter((page) => !listed.includes(page));

    expect({ lacking, twice: listed.filter((page, at) => listed.indexOf(page) !== at) }).toEqual({
      lacking: [],
      twice: [],
    });
  });

  it('has no page that nobody wrote', () => {
    const absent = listed.filter((page) => !written.includes(page));

    expect(absent).toEqual([]);
  });
});
