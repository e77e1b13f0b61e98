import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, readSources } from './sources.ts';

const EXAMPLE = 'examples/express-app';
const PACKAGE = 'asteroid-oidc';

const read = (file: string) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));

type Versions = Readonly<Record<string, string>>;
type Locked = { readonly integrity?: string; readonly resolved?: string };

const versionsOf = (file: string): Versions => {
  const { dependencies, devDependencies } = read(file);
  return { ...dependencies, ...devDependencies };
};

const ours = versionsOf('package.json');
const its = versionsOf(`${EXAMPLE}/package.json`);
const lock: Readonly<Record<string, Locked & { readonly dependencies?: Versions }>> = read(
  `${EXAMPLE}/package-lock.json`,
).packages;

describe('examples/express-app', () => {
  it('names one exact version of every package, and this folder', () => {
    const { [PACKAGE]: own, ...others } = its;

    expect(own).toBe('file:../..');
    for (const version of Object.values(others)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('has the versions of this project where both have a package', () => {
    const shared = Object.keys(its).filter((name) => Object.hasOwn(ours, name));

    expect(shared).toContain('openid-client');
    expect(shared.map((name) => [name, its[name]])).toEqual(
      shared.map((name) => [name, ours[name]]),
    );
    expect(its['@playwright/test']).toBe(ours['playwright-core']);
  });

  it('pins every package by its content, and none by where it was found', () => {
    const { '': _, [`node_modules/${PACKAGE}`]: own, ...packages } = lock;

    expect(own?.resolved).toBe('file:../..');
    expect(Object.keys(packages).length).toBeGreaterThan(100);
    for (const [name, { integrity, resolved }] of Object.entries(packages)) {
      expect(integrity, name).toMatch(/^sha512-/);
      expect(resolved, name).toBeUndefined();
    }
  });

  it('has locked what its package.json and that of this folder say', () => {
    const { dependencies, devDependencies } = read(`${EXAMPLE}/package.json`);

    expect(lock['']).toMatchObject({ dependencies, devDependencies });
    expect(lock[`node_modules/${PACKAGE}`]?.dependencies).toEqual(
      read('package.json').dependencies,
    );
  });

  it('chooses no port for any of its tests', () => {
    const sources = readSources(`${EXAMPLE}/test`);
    const chosen = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/(?<![\d_])\d{4,5}\b/g)].map(([port]) => `${file}: ${port}`),
    );

    expect(sources.length).toBeGreaterThan(10);
    expect(chosen).toEqual([]);
  });
});
