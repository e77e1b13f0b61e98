import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderReference } from '../../internal/testissuer/faults/reference.ts';
import { FAULT_NAMES, FAULTS } from '../../internal/testissuer/faults/table.ts';

const FILE = path.resolve(import.meta.dirname, '../../docs/faults.md');
const entries = FAULT_NAMES.map((name) => ({ name, ...FAULTS[name] }));

describe('the catalogue of faults', () => {
  it('is what docs/faults.md says (npm run docs)', async () => {
    const page = await readFile(FILE, 'utf8');

    expect(page).toBe(renderReference(page));
  });

  it('has every fault in one table of that page', async () => {
    const page = await readFile(FILE, 'utf8');
    const rows = [...page.matchAll(/^\| `([a-zA-Z_0-9]+(?:\.[a-z_0-9]+)+)` \|/gm)]
      .map(([, name = '']) => name)
      .filter((name) => !name.startsWith('when.'));

    expect(rows.sort()).toEqual([...FAULT_NAMES].sort());
  });

  it('says of every fault in one sentence what happens, and what it tests by whose word', () => {
    for (const { name, does, tests } of entries) {
      expect(does, name).toMatch(/^[A-Z].*\.$/);
      expect(tests, name).not.toMatch(/\.$/);
    }
    const unfounded = entries.filter(({ tests }) => !/\(.*(?:§|RFC|flows)/.test(tests));
    // How long one waits is nobody's rule but the client's own.
    expect(unfounded.filter(({ name }) => !/\.(?:slow|timeout|truncated)$/.test(name))).toEqual([]);
  });

  it('calls lax what is accepted and has to be refused, and nothing else', () => {
    expect(entries.filter(({ lax }) => lax).map(({ name }) => name)).toEqual([
      'pkce.unchecked',
      'redirect_uri.unchecked',
      'code.reuse.accepted',
      'refresh_token.reuse.accepted',
    ]);
  });

  it('sends nobody to where somebody could be', () => {
    const urls = entries.flatMap(({ with: shape }) =>
      Object.values(shape).flatMap(({ fallback }) =>
        typeof fallback === 'string' && fallback.includes('://') ? [fallback] : [],
      ),
    );

    expect(urls.length).toBeGreaterThan(3);
    for (const url of urls) expect(new URL(url).hostname).toMatch(/\.invalid$/);
  });

  it('has parameters that accept their own defaults', () => {
    for (const { name, with: shape } of entries) {
      for (const { fallback, accepts } of Object.values(shape)) {
        expect(fallback === undefined || accepts(fallback), name).toBe(true);
      }
    }
  });
});
