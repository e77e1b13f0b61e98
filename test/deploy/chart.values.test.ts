// What people can set: every value is in the schema and in the documentation, wrong ones are refused with
// the reason, and what the chart writes for oauth2-proxy is what the program prints.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, PROGRAM, temporaryFolder } from '../e2e/rig.ts';
import {
  CHART,
  merge,
  render,
  SHARED,
  SIDECAR,
  STANDALONE,
  template,
  type Values,
} from './chart.ts';
import { inProject, succeed } from './programs.ts';
import { at, find, listAt, mapAt, parseDocuments, type Tree, textAt } from './tree.ts';

afterAll(cleanUp);

const read = (file: string): string => readFileSync(path.join(CHART, file), 'utf8');
const [VALUES] = parseDocuments(read('values.yaml'));

/** Names that the schema gives members; a value of any other shape is a whole. */
function leaves(schema: Tree, values: Tree, name = ''): readonly string[] {
  const members = Object.entries(mapAt(schema, 'properties'));
  if (members.length === 0) return [name];
  return members.flatMap(([key, inner]) =>
    leaves(inner, at(values, key), name === '' ? key : `${name}.${key}`),
  );
}

const SCHEMA: Tree = JSON.parse(read('values.schema.json'));
const NAMES = leaves(SCHEMA, VALUES).filter((name) => name !== 'global');

describe('values', () => {
  it('of the schema are those of values.yaml', () => {
    const defaultsOf = (schema: Tree, values: Tree, name = ''): readonly string[] => {
      const inner = at(schema, 'properties');
      if (inner === undefined) return [name];
      return Object.entries(mapAt(values)).flatMap(([key, value]) =>
        defaultsOf(at(inner, key), value, name === '' ? key : `${name}.${key}`),
      );
    };
    const probes = /^(?:startup|liveness|readiness)Probe\./;
    const without = (names: readonly string[]) =>
      names.filter((name) => !probes.test(name)).toSorted();

    expect(without(defaultsOf(SCHEMA, VALUES))).toEqual(without(NAMES));
  });

  it('are in docs/kubernetes.md, each with its default, and nothing else is', () => {
    const page = readFileSync(inProject('docs/kubernetes.md'), 'utf8');
    const [, table = ''] = page.split(/<!-- \/?values -->/);
    const rows = [...table.matchAll(/^\| `([\w.]+)` \| (.*?) \|/gm)];
    const documented = new Map(rows.map(([, name = '', value = '']) => [name, value]));
    const written = NAMES.map((name) => name.replace(/(Probe)\..*/, '$1'));

    expect([...documented.keys()].toSorted()).toEqual([...new Set(written)].toSorted());
    for (const [name, said] of documented) {
      const value = at(VALUES, ...name.split('.'));
      const isLong = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
      if (isLong || said === '') expect(isLong || value === '', name).toBe(true);
      else expect(said, name).toBe(`\`${JSON.stringify(value).replace(/^"(.*)"$/, '$1')}\``);
    }
  });
});

const WRONG: readonly (readonly [what: string, values: Values, problem: RegExp])[] = [
  ['no issuer', merge(SIDECAR, { issuer: '' }), /issuer/],
  [
    'an issuer that ends in a slash',
    merge(SIDECAR, { issuer: 'https://sso.example.com/' }),
    /issuer/,
  ],
  ['an issuer with a query', merge(SIDECAR, { issuer: 'https://sso.example.com?a' }), /issuer/],
  ['a mode that there is none of', merge(SIDECAR, { mode: 'sidecart' }), /mode/],
  ['a value that there is none of', merge(SIDECAR, { replicas: 2 }), /replicas/],
  ['a misspelt value further in', merge(SIDECAR, { ingress: { enable: true } }), /enable/],
  ['a number that is a text', merge(SIDECAR, { replicaCount: 'two' }), /replicaCount/],
  ['a port that is none', merge(SIDECAR, { service: { port: 99999 } }), /port/],
  ['a secret that is no text', merge(SIDECAR, { secrets: { data: { a: 12345 } } }), /secrets/],
  [
    'a cookie secret that AES does not take',
    merge(SIDECAR, { oauth2Proxy: { secret: { cookieSecret: 'short' } } }),
    /cookieSecret/,
  ],
  [
    'no identity provider',
    merge(SIDECAR, { oauth2Proxy: { issuerUrl: '' } }),
    /oauth2Proxy\.issuerUrl is needed/,
  ],
  [
    'no secrets of the proxy',
    merge(SIDECAR, { oauth2Proxy: { existingSecret: '' } }),
    /oauth2Proxy\.existingSecret is needed/,
  ],
  [
    'standalone without trust',
    { mode: 'standalone', issuer: 'https://sso.example.com' },
    /config\.upstream\.trust is needed/,
  ],
  ['replicas that share no store', merge(SIDECAR, { replicaCount: 2 }), /config\.store\.driver/],
  [
    'replicas that share no keys',
    merge(SIDECAR, { replicaCount: 2, config: { store: { driver: 'redis' } } }),
    /config\.keys\.source/,
  ],
  [
    'autoscaling without a store',
    merge(SIDECAR, { autoscaling: { enabled: true } }),
    /config\.store\.driver/,
  ],
  [
    'keys in a folder that there is none of',
    merge(SIDECAR, { config: { keys: { source: 'file' } } }),
    /keys\.existingSecret/,
  ],
  [
    'a budget that says both',
    merge(SIDECAR, { podDisruptionBudget: { enabled: true, maxUnavailable: 1 } }),
    /set the other to null/,
  ],
  ['a route of no Gateway', merge(SIDECAR, { httpRoute: { enabled: true } }), /parentRefs/],
  ['an older Kubernetes', SIDECAR, /kubeVersion/],
];

describe('values that cannot work', () => {
  for (const [what, values, problem] of WRONG) {
    it(`are refused before anything is installed: ${what}`, () => {
      const args = what === 'an older Kubernetes' ? ['--kube-version', '1.29.0'] : [];
      const { status, output } = template(values, ...args);

      expect([status === 0, output]).toEqual([false, expect.stringMatching(problem)]);
    });
  }

  it('and nearly are taken: several replicas that share both', () => {
    expect(render(merge(SIDECAR, { replicaCount: 2, config: SHARED }))).not.toEqual([]);
    expect(render(merge(STANDALONE, { replicaCount: 2, config: SHARED }))).not.toEqual([]);
  });
});

/** The lines that `asteroid preset show` prints for the very configuration of a rendering. */
function printed(objects: readonly Tree[]): string {
  const home = temporaryFolder();
  writeFileSync(path.join(home, 'clients.yaml'), 'clients: []');
  const config = path.join(home, 'asteroid.yaml');
  const text = textAt(find(objects, 'ConfigMap', 'sso-asteroid-config'), 'data', 'asteroid.yaml');
  writeFileSync(config, text.replaceAll('/etc/asteroid/clients', home));
  const args = ['preset', 'show', 'oauth2-proxy', '--proxy', 'oauth2-proxy', '--config', config];
  const [, lines = ''] = succeed(process.execPath, [PROGRAM, ...args]).split('\n\n');
  return lines;
}

describe('the proxy beside Asteroid', () => {
  const CASES: readonly (readonly [string, Values])[] = [
    ['as most have it', SIDECAR],
    ['where the issuer has a path', merge(SIDECAR, { issuer: 'https://a.example/sso.b/c' })],
    [
      'where clients register themselves',
      merge(SIDECAR, { config: { registration: { open: true } } }),
    ],
    ['on a port of its own', merge(SIDECAR, { issuer: 'https://a.example:8443' })],
  ];
  for (const [what, values] of CASES) {
    it(`is told what asteroid preset show prints: ${what}`, () => {
      const objects = render(values);
      const lines = printed(objects);
      const pod = at(find(objects, 'Deployment'), 'spec', 'template', 'spec');
      const args = listAt(pod, 'containers', 0, 'args').map(String);
      const [alpha] = parseDocuments(
        textAt(find(objects, 'ConfigMap', 'sso-asteroid-proxy'), 'data', 'alpha.yaml'),
      );
      const [told] = parseDocuments(lines);
      const flags = [...lines.matchAll(/--[\w-]+=(?:'[^']*'|[^\s']*)/g)].map(([flag]) =>
        flag.replaceAll("'", ''),
      );

      expect(at(alpha, 'upstreamConfig')).toEqual(at(told, 'upstreamConfig'));
      expect(at(alpha, 'injectRequestHeaders')).toEqual(at(told, 'injectRequestHeaders'));
      expect(mapAt(alpha, 'providers', 0)).toEqual({
        ...mapAt(told, 'providers', 0),
        clientSecretFile: '/run/secrets/oauth2-proxy/client-secret',
      });
      const elsewhere = /^--(?:alpha-config|cookie-secret-file|reverse-proxy|trusted-proxy-ip)/;
      expect(args.filter((arg) => !elsewhere.test(arg)).toSorted()).toEqual(
        flags.filter((flag) => !elsewhere.test(flag)).toSorted(),
      );
    });
  }
});
