// The sidecar pod, from the chart and from the plain manifests, as plain processes: oauth2-proxy and
// Asteroid themselves, with a sign-in through both.

import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openBrowser } from '../e2e/browser.ts';
import { choose } from '../e2e/fronts.ts';
import { type IdentityProvider, startIdentityProvider } from '../e2e/oauth2-proxy.ts';
import { beginSignIn, CALLBACK, CLIENT_SECRET, CLIENTS, discover } from '../e2e/relying-party.ts';
import { ask, cleanUp, start, startRedis, temporaryFolder } from '../e2e/rig.ts';
import { findFreePort } from '../support/free-port.ts';
import { render } from './chart.ts';
import { followPage } from './page.ts';
import { type Pod, startPod } from './pod.ts';
import { inProject, KUBECTL, succeed } from './programs.ts';
import { findLooseReferences } from './references.ts';
import { findSchemaProblems, RELEASES } from './schemas.ts';
import { parseDocuments, type Tree } from './tree.ts';

afterAll(cleanUp);

const SOURCE = inProject('deploy/kubernetes');
const COOKIE = '0123456789abcdef0123456789abcdef';
const LONG = 'a secret of at least thirty-two bytes, which is one';

type Edits = Readonly<Record<string, string>>;

/** A copy of the manifests with the secrets that the page asks for, and what somebody edits. */
function kustomize(edits: Edits = {}, clientSecret = 'a secret of the proxy'): readonly Tree[] {
  const folder = temporaryFolder();
  cpSync(SOURCE, folder, { recursive: true });
  const secrets = {
    keys: LONG,
    grafana: LONG,
    'redis-password': 'open sesame',
    'client-secret': clientSecret,
    'cookie-secret': COOKIE,
  };
  for (const [name, text] of Object.entries(secrets)) {
    writeFileSync(path.join(folder, 'secrets', name), text);
  }
  for (const name of ['asteroid.yaml', 'alpha.yaml', 'deployment.yaml']) {
    const file = path.join(folder, name);
    const text = Object.entries(edits).reduce(
      (before, [from, to]) => before.replaceAll(from, to),
      readFileSync(file, 'utf8'),
    );
    writeFileSync(file, text);
  }
  if (Object.keys(edits).length > 0) writeFileSync(path.join(folder, 'clients.yaml'), CLIENTS);
  return parseDocuments(succeed(KUBECTL, ['kustomize', folder]));
}

describe('the plain manifests', () => {
  for (const release of RELEASES) {
    it(`are what Kubernetes ${release} takes`, () => {
      expect(findSchemaProblems(kustomize(), release)).toEqual([]);
    });
  }

  it('name nothing that is not there', () => {
    expect(findLooseReferences(kustomize())).toEqual([]);
  });

  it('are whole for whoever followed their page', () => {
    const folder = followPage('kubernetes.md', 'kubectl apply -k .');

    const objects = parseDocuments(succeed(KUBECTL, ['kustomize', folder]));

    expect(findLooseReferences(objects)).toEqual([]);
  });

  it('tell the proxy what asteroid preset show prints', () => {
    const chart = render({
      issuer: 'https://sso.example.com',
      oauth2Proxy: { issuerUrl: 'https://idp.example.com', existingSecret: 'proxy' },
    });
    const alphaOf = (objects: readonly Tree[]) => {
      const text = JSON.stringify(
        objects.find((object) => /alpha\.yaml/.test(JSON.stringify(object))),
      );
      return parse(JSON.parse(text).data['alpha.yaml']);
    };
    const argsOf = (objects: readonly Tree[]): readonly string[] =>
      JSON.stringify(objects).match(/--skip-auth-route=[^"]+/g) ?? [];

    expect(alphaOf(kustomize())).toEqual(alphaOf(chart));
    expect(argsOf(kustomize())).toEqual(argsOf(chart));
  });

  it('roll the pods when asteroid.yaml changes, and not when clients do', () => {
    const namesOf = (objects: readonly Tree[]) =>
      JSON.stringify(objects).match(/asteroid-(?:config|clients)[\w-]*/g);

    expect(namesOf(kustomize({ 'grace: 20s': 'grace: 21s' }))).not.toEqual(namesOf(kustomize()));
    expect(new Set(namesOf(kustomize()))).toContain('asteroid-clients');
  });

  it('that are got wrong are found', () => {
    const [wrong] = [kustomize({ 'containerPort: 8882': 'containerport: 8882' })];
    expect(findSchemaProblems(wrong, '1.37').join()).toMatch(/containerport/);
    expect(
      findLooseReferences(
        kustomize({ 'name: sockets, mountPath': 'name: socket, mountPath' }),
      ).join(),
    ).toMatch(/no volume socket/);
  });
});

type Made = { readonly origin: string; readonly pod: Pod };

async function fromChart(provider: IdentityProvider, port: number): Promise<Pod> {
  const redis = await startRedis();
  const objects = render({
    issuer: `http://localhost:${port}`,
    replicaCount: 2,
    config: {
      store: { driver: 'redis', redis: { url_file: '/run/secrets/asteroid/redis-url' } },
      keys: { source: 'store', secret_file: '/run/secrets/asteroid/keys' },
    },
    clients: parse(CLIENTS).clients,
    secrets: { data: { keys: LONG, 'redis-url': redis.url } },
    oauth2Proxy: {
      issuerUrl: provider.issuer,
      clientId: provider.clientId,
      secret: { clientSecret: provider.clientSecret, cookieSecret: COOKIE },
    },
  });
  return await startPod(objects, 'sso-asteroid', new Map(), port);
}

async function fromManifests(provider: IdentityProvider, port: number): Promise<Pod> {
  const redis = await findFreePort();
  const args = [
    '--port',
    `${redis}`,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--requirepass',
    'open sesame',
  ];
  await start(process.env['REDIS_SERVER'] || 'redis-server', args, {
    port: redis,
    cwd: temporaryFolder(),
  });
  const edits = {
    'https://sso.example.com': `http://localhost:${port}`,
    'sso.example.com': `localhost:${port}`,
    'https://idp.example.com': provider.issuer,
    'asteroid-proxy"': `${provider.clientId}"`,
    '--cookie-secure=true': '--cookie-secure=false',
  };
  const places = new Map([
    ['redis:6379', `127.0.0.1:${redis}`],
    ['asteroid.sso.svc', '127.0.0.1'],
  ]);
  return await startPod(kustomize(edits, provider.clientSecret), 'asteroid', places, port);
}

const WAYS = [
  ['of the chart', fromChart],
  ['of the plain manifests', fromManifests],
] as const;

for (const [what, startWay] of WAYS) {
  describe(`the pod ${what}`, () => {
    let made: Made;

    beforeAll(async () => {
      const port = await findFreePort();
      const origin = `http://localhost:${port}`;
      const provider = await startIdentityProvider(`${origin}/oauth2/callback`);
      made = { origin, pod: await startWay(provider, port) };
    });
    afterAll(cleanUp);

    it('signs alice in through the proxy, the socket and the port of programs', async () => {
      const config = await discover(made.origin);
      const { url, finish } = await beginSignIn(config);
      const browser = openBrowser();

      const visit = await choose(
        browser,
        await browser.visit(url.href, CALLBACK),
        'alice',
        CALLBACK,
      );

      expect((await finish(visit.url)).claims()).toMatchObject({ iss: made.origin, sub: 'alice' });
    });

    it('believes nobody who comes to the port of programs, or past the proxy', async () => {
      const config = await discover(made.origin);
      const { url } = await beginSignIn(config);
      const spoof = { 'X-Forwarded-User': 'bob', host: new URL(made.origin).host };
      const programs = `http://127.0.0.1:${made.pod.ports.get('8880')}`;

      const beside = await ask(`${programs}${url.pathname}${url.search}`, { headers: spoof });
      const through = await ask(url.href, { headers: { 'X-Forwarded-User': 'bob' } });

      expect(beside.status).toBe(404);
      expect(through.headers.location ?? '').not.toContain(CALLBACK);
      expect((await ask(`${programs}/jwks.json`)).status).toBe(200);
    });

    it('takes new clients over when Kubernetes swaps the ConfigMap', async () => {
      const file = path.join(made.pod.folder('clients'), 'clients.yaml');
      const { clients } = parse(readFileSync(file, 'utf8'));
      const another = { ...clients[0], client_id: 'another-party' };
      const text = JSON.stringify({ clients: [...clients, another] });
      writeFileSync(`${file}.next`, text);
      renameSync(`${file}.next`, file);
      const isKnown = async () => {
        const form = { grant_type: 'authorization_code', code: 'x', redirect_uri: CALLBACK };
        const pair = ['another-party', CLIENT_SECRET].map(encodeURIComponent).join(':');
        const headers = { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
        const answer = await ask(`${made.origin}/token`, { form, headers });
        return answer.status === 400 && !answer.body.includes('invalid_client');
      };

      await expect.poll(isKnown, { timeout: 20_000, interval: 100 }).toBe(true);
    });
  });
}
