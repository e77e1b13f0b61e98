// The bill of materials, by the schema of CycloneDX, and against what is really in the bundle.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, temporaryFolder } from '../e2e/rig.ts';
import { inProject, succeed, TOOLS } from './programs.ts';
import { listAt, mapAt, type Tree, textAt } from './tree.ts';

afterAll(cleanUp);

const schemaOf = (name: string): Record<string, Tree> =>
  JSON.parse(readFileSync(path.join(TOOLS, `cyclonedx/${name}.SNAPSHOT.schema.json`), 'utf8'));

function problemsOf(bill: Tree): readonly string[] {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const name of ['spdx', 'jsf-0.82']) {
    ajv.addSchema(schemaOf(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  const validate = ajv.compile(schemaOf('bom-1.5'));
  validate(bill);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function makeBill(): Tree {
  const file = path.join(temporaryFolder(), 'sbom.json');
  succeed(process.execPath, ['build/sbom.mjs', file]);
  return JSON.parse(readFileSync(file, 'utf8'));
}

const DIST = inProject('dist');

/** Packages whose code esbuild put into dist/, by its source maps. */
const bundled = (): ReadonlySet<string> =>
  new Set(
    readdirSync(DIST)
      .filter((name) => name.endsWith('.js.map'))
      .flatMap((name) => listAt(JSON.parse(readFileSync(path.join(DIST, name), 'utf8')), 'sources'))
      .flatMap((source) => String(source).split('node_modules/').slice(1).at(-1) ?? [])
      .map((inner) => /^(?:@[^/]+\/)?[^/]+/.exec(inner)?.[0] ?? ''),
  );

describe('the bill of materials', () => {
  it('is CycloneDX, about this program', () => {
    const bill = makeBill();

    expect(problemsOf(bill)).toEqual([]);
    expect(mapAt(bill, 'metadata', 'component')).toMatchObject({
      name: 'asteroid-oidc',
      type: 'application',
    });
  });

  it('that is got wrong is found', () => {
    expect(problemsOf({ ...mapAt(makeBill()), bomFormat: 'Cyclone' })).not.toEqual([]);
  });

  it('has every package that is in the bundle, and none that only builds it', () => {
    const names = listAt(makeBill(), 'components').map((one) =>
      decodeURIComponent(textAt(one, 'purl')).replace(/^pkg:npm\/(.*)@[^@]*$/, '$1'),
    );
    // Asteroid's own stand-in for a package has its name.
    const missing = [...bundled()].filter((name) => !names.includes(name));

    expect(bundled().size).toBeGreaterThan(10);
    expect(missing).toEqual([]);
    expect(names).not.toContain('vitest');
    expect(names).not.toContain('esbuild');
  });
});

describe('the bundle', () => {
  it('has nothing that is made for one processor', () => {
    const files = readdirSync(DIST, { recursive: true }).map(String);

    expect(files.filter((name) => /\.(?:node|so|dylib|dll|wasm)$/.test(name))).toEqual([]);
    expect(files).toContain('asteroid.js');
  });
});
