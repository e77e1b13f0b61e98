// The built program behind emulations of products that cannot be run here, each with the section that
// `asteroid preset show` prints. aws-alb is missing: its keys come from a host of AWS that is fixed, so that
// no emulation of it can be reached; test/unit/upstream.assertion.alb.test.ts signs as it does.

import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { findFreePort } from '../support/free-port.ts';
import { openBrowser } from './browser.ts';
import { chooseAt } from './chooser.ts';
import {
  connect,
  type HeaderLine,
  type ProductSigner,
  SECRET_LINE,
  sessionOf,
  startEmulator,
  startSigner,
  type Target,
} from './emulator.ts';
import { startIdTokenRig } from './oauth2-proxy-id-token.ts';
import { type PresetAsteroid, type PresetOptions, startPreset } from './preset.ts';
import {
  PEOPLE,
  type Person,
  PLAIN,
  type PlainProduct,
  SIGNING,
  type SigningProduct,
} from './products.ts';
import { beginSignIn, CALLBACK, CLIENTS, discover, signIn } from './relying-party.ts';
import { ask, cleanUp, PROGRAM, temporaryFolder } from './rig.ts';

type Rig = {
  readonly issuer: string;
  readonly asteroid: PresetAsteroid;
  readonly config: client.Configuration;
  /** As the product connects. */
  readonly target: Target;
};

type Fronted = Pick<PresetOptions, 'preset' | 'fill' | 'listen'> & {
  readonly removes: RegExp;
  readonly says: (person: Person) => Promise<readonly HeaderLine[]>;
  readonly tls?: Target['tls'];
};

async function startFronted({ removes, says, tls, ...section }: Fronted): Promise<Rig> {
  const port = await findFreePort();
  const issuer = `http://127.0.0.1:${port}`;
  const asteroid = await startPreset({ ...section, issuer, clients: CLIENTS });
  const { socketPath } = asteroid;
  const target = { port: asteroid.port, socketPath, ...(tls === undefined ? {} : { tls }) };
  await startEmulator({
    port,
    removes: (name) => removes.test(name),
    says: (name) => says(name === 'alice' ? PEOPLE.alice : PEOPLE.bob),
    target,
    isProvenBySecret: section.listen === undefined,
  });
  return { issuer, asteroid, config: await discover(issuer), target };
}

/** What only Asteroid can say is left out: what remains is what the product said. */
function saidBy(tokens: Awaited<ReturnType<typeof signIn>>): object {
  const own = new Set(['iss', 'sub', 'aud', 'exp', 'iat', 'nonce', 'sid', 'at_hash', 'auth_time']);
  return Object.fromEntries(
    Object.entries(tokens.claims() ?? {}).filter(([name]) => !own.has(name)),
  );
}

const asAlice = () => openBrowser([sessionOf('alice')]);

type Outcome = { readonly status: number; readonly isSignedIn: boolean };

const SIGNED_IN: Outcome = { status: 303, isSignedIn: true };
const refused = (status: number): Outcome => ({ status, isSignedIn: false });

/** An authorization request as it arrives from there, with these lines and no others. */
async function arrive(rig: Rig, target: Target, lines: readonly HeaderLine[]): Promise<Outcome> {
  const { url } = await beginSignIn(rig.config);
  const headers = [['Host', url.host], ...lines].flat();
  const request = connect(target, { path: `${url.pathname}${url.search}`, method: 'GET', headers });
  return await new Promise((resolve, reject) => {
    request.on('error', reject).on('response', (answer) => {
      const { location = '' } = answer.headers;
      answer.resume();
      const isSignedIn =
        location.startsWith(CALLBACK) && new URL(location).searchParams.has('code');
      resolve({ status: answer.statusCode ?? 0, isSignedIn });
    });
    request.end();
  });
}

/** A browser of alice that sends these lines to the product. */
async function visitWith(rig: Rig, headers: Record<string, string>) {
  const { url, finish } = await beginSignIn(rig.config);
  const visit = await asAlice().visit(url.href, CALLBACK, headers);
  return { status: visit.answer.status, finish: () => finish(visit.url) };
}

const aliasOf = (name: string): string => name.replaceAll('-', '_');

/** What every emulated product is asked; lines of bob are what an attacker would have. */
function asksEverybody(terms: {
  readonly rig: () => Rig;
  readonly subject: string;
  readonly claims: object;
  /** A header that Asteroid reads. */
  readonly header: string;
  readonly ofBob: () => Promise<readonly HeaderLine[]>;
}): void {
  const { rig, subject, claims, header, ofBob } = terms;

  it('signs alice in, and a relying party is told what the product says about her', async () => {
    const tokens = await signIn(rig().config, asAlice());

    expect(tokens.claims()?.sub).toBe(subject);
    expect(saidBy(tokens)).toEqual(claims);
  });

  it('lets nobody who is not signed in at the product say who they are', async () => {
    const { url } = await beginSignIn(rig().config);

    const visit = await openBrowser().visit(url.href, CALLBACK, Object.fromEntries(await ofBob()));

    expect([visit.answer.status, visit.steps.length]).toEqual([401, 1]);
  });

  it('lets alice not be bob by any header that the product sets (T01)', async () => {
    const { finish } = await visitWith(rig(), Object.fromEntries(await ofBob()));
    const tokens = await finish();

    expect(tokens.claims()?.sub).toBe(subject);
    expect(saidBy(tokens)).toEqual(claims);
  });

  if (header.includes('-')) {
    it('refuses another spelling that the product lets through (T06)', async () => {
      expect((await visitWith(rig(), { [aliasOf(header)]: 'bob' })).status).toBe(400);
      expect((await visitWith(rig(), { [`${header}-Else`]: 'bob' })).status).toBe(303);
    });
  }
}

/** Whoever reaches the port and speaks as the product does (T01, T02). */
function keepsOutWhoGoesAround(rig: () => Rig, ofBob: () => Promise<readonly HeaderLine[]>): void {
  it('answers 403 to whoever goes around the product, with or without a guess (T01, T02)', async () => {
    const { target } = rig();
    const guess: HeaderLine = [SECRET_LINE[0], 'a guess that is as long as the secret itself is'];

    expect(await arrive(rig(), target, await ofBob())).toEqual(refused(403));
    expect(await arrive(rig(), target, [...(await ofBob()), guess])).toEqual(refused(403));
    expect(await arrive(rig(), target, [...(await ofBob()), SECRET_LINE])).toEqual(SIGNED_IN);
  });
}

/** The kind of proof that a front proxy of Kubernetes gives. */
function makeFrontProxy() {
  const authority = createAuthority('front proxies');
  const server = createAuthority('servers');
  const folder = temporaryFolder();
  const caFile = path.join(folder, 'front-proxy-ca.crt');
  writeFileSync(caFile, authority.cert);
  const name = 'front-proxy.corp.example';
  return {
    listen: server.issue({ dns: ['asteroid'] }),
    fill: { '/run/tls/front-proxy-ca.crt': caFile, 'front-proxy.example.com': name },
    tls: { ca: server.cert, ...authority.issue({ dns: [name] }) },
    stranger: { ca: server.cert, ...authority.issue({ dns: ['another.corp.example'] }) },
    unknown: { ca: server.cert, ...createAuthority('front proxies').issue({ dns: [name] }) },
    nobody: { ca: server.cert },
  };
}

/** Of the real product, in other files; and the one whose keys nobody can stand in for. */
const ELSEWHERE = ['custom', 'oauth2-proxy', 'nginx-auth-request', 'aws-alb'];

describe('every preset', () => {
  it('is behind its product, real or emulated', () => {
    const list = execFileSync(process.execPath, [PROGRAM, 'preset', 'list'], { encoding: 'utf8' });
    const names = [...list.matchAll(/^[a-z][\w-]*/gm)].map(([name]) => name);

    expect([...names].sort()).toEqual(
      [
        ...[...PLAIN, ...SIGNING].map(({ preset }) => preset),
        ...['oauth2-proxy-id-token', ...ELSEWHERE],
      ].sort(),
    );
  });
});

describe('products of plain headers, emulated', () => {
  for (const product of PLAIN.filter(({ listen }) => listen === undefined)) {
    describe(product.preset, () => {
      let rig: Rig;
      beforeAll(async () => {
        const { preset, removes } = product;
        rig = await startFronted({ preset, removes, says: async (person) => product.says(person) });
      });
      afterAll(cleanUp);
      const ofBob = async () => linesOfBob(product);

      asksEverybody({ ...product, rig: () => rig, header: headerOf(product), ofBob });
      keepsOutWhoGoesAround(
        () => rig,
        async () => product.says(PEOPLE.bob),
      );
    });
  }

  describe('k8s-front-proxy', () => {
    const product = findPlain('k8s-front-proxy');
    let rig: Rig;
    let proof: ReturnType<typeof makeFrontProxy>;
    beforeAll(async () => {
      proof = makeFrontProxy();
      const says = async (person: Person) => product.says(person);
      rig = await startFronted({ ...product, ...proof, says });
    });
    afterAll(cleanUp);

    asksEverybody({
      ...product,
      rig: () => rig,
      header: headerOf(product),
      ofBob: async () => linesOfBob(product),
    });

    it('answers 403 to another certificate of the same CA, to a CA of the same name, and to none (T01)', async () => {
      const { port = 0 } = rig.target;
      const lines = product.says(PEOPLE.bob);

      for (const tls of [proof.stranger, proof.unknown, proof.nobody]) {
        expect(await arrive(rig, { port, tls }, lines)).toEqual(refused(403));
      }
      expect(await arrive(rig, { port, tls: proof.tls }, lines)).toEqual(SIGNED_IN);
    });
  });
});

function findPlain(preset: string): PlainProduct {
  const found = PLAIN.find((product) => product.preset === preset);
  if (found === undefined) throw new Error(preset);
  return found;
}

const headerOf = (product: PlainProduct): string => product.says(PEOPLE.alice)[0]?.[0] ?? '';

/** What an attacker would send: bob's headers, and what the product leaves alone. */
const linesOfBob = ({ says, leaves }: PlainProduct): readonly HeaderLine[] => [
  ...says(PEOPLE.bob),
  ...(leaves === undefined ? [] : [leaves]),
];

describe('products of assertions, emulated (T19, T20, T21)', () => {
  for (const product of SIGNING) {
    const { preset, header, prefix = '', beside = () => [] } = product;

    describe(preset, () => {
      let signer: ProductSigner;
      let rig: Rig;
      beforeAll(async () => {
        signer = await startSigner(product.signer);
        rig = await startFronted({ ...product, fill: product.fill(signer), says });
      });
      afterAll(cleanUp);

      const claimsOf = (person: Person, changed: object = {}) => ({
        ...product.claimsOf(person, Math.floor(Date.now() / 1000), { signer }),
        ...changed,
      });
      const lineOf = (token: string): HeaderLine => [header, `${prefix}${token}`];
      const says = async (person: Person) => [
        lineOf(await signer.sign(claimsOf(person))),
        ...beside(person),
      ];
      const ofBob = () => says(PEOPLE.bob);
      const proof = product.listen === 'socket' ? [] : [SECRET_LINE];
      const bring = (...lines: readonly HeaderLine[]) =>
        arrive(rig, rig.target, [...lines, ...proof]);

      asksEverybody({ ...product, rig: () => rig, ofBob });
      if (product.listen === undefined) keepsOutWhoGoesAround(() => rig, ofBob);
      else keepsASocket(() => rig);

      /** 401, and on record for this reason. */
      async function expectRefused(token: string, detail: string): Promise<void> {
        const before = refusals(rig).length;
        expect(await bring(lineOf(token))).toEqual(refused(401));
        await expect.poll(() => refusals(rig).slice(before)).toContain(detail);
      }

      it('refuses what is signed by another key, or with the public key as a secret (T19)', async () => {
        await expectRefused(await signer.forge(claimsOf(PEOPLE.alice)), 'signature');
        await expectRefused(signer.confuse(claimsOf(PEOPLE.alice)), 'algorithm');
      });

      for (const [what, changed, detail] of wrongClaims(product)) {
        it(`refuses an assertion ${what}`, async () => {
          await expectRefused(await signer.sign(claimsOf(PEOPLE.alice, changed)), detail);
          expect(await bring(lineOf(await signer.sign(claimsOf(PEOPLE.alice))))).toEqual(SIGNED_IN);
        });
      }

      it('reads no plain header in its place, nor beside one that is refused (T19)', async () => {
        const plain: readonly HeaderLine[] = [
          ...beside(PEOPLE.bob),
          ['X-Authenticated-User', 'bob'],
        ];

        // Nobody is signed in: a page, or the product's own where the preset knows where that is.
        expect((await bring(...plain)).isSignedIn).toBe(false);
        expect(await bring(lineOf(await signer.forge(claimsOf(PEOPLE.bob))), ...plain)).toEqual(
          refused(401),
        );
      });
    });
  }
});

const HOUR = 3600;

const wrongClaims = ({
  preset,
}: SigningProduct): readonly (readonly [string, object, string])[] => {
  const now = Math.floor(Date.now() / 1000);
  return [
    ['for another audience', { aud: ['another'] }, 'audience'],
    ['of another issuer', { iss: 'https://another.example' }, 'issuer'],
    ['that is over', { iat: now - 2 * HOUR, exp: now - HOUR }, 'expired'],
    ['about nobody', { sub: '' }, 'subject'],
    ...(preset === 'cloudflare-access'
      ? [['of the whole team', { type: 'org' }, 'require'] as const]
      : []),
  ];
};

function keepsASocket(rig: () => Rig): void {
  it('has no port, and a socket that only its owner and group may open (T01)', async () => {
    const { socketPath = '' } = rig().target;

    expect(statSync(socketPath).mode & 0o777).toBe(0o660);
    await expect(ask(`http://127.0.0.1:${rig().asteroid.port}/authorize`)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
}

/** Why somebody was refused, in order. */
const refusals = ({ asteroid }: Rig): readonly unknown[] =>
  asteroid
    .output()
    .split('\n')
    .filter((line) => line.includes('"identity.refused"'))
    .map((line) => JSON.parse(line).detail);

describe('oauth2-proxy-id-token, with the real oauth2-proxy and an identity provider of its own', () => {
  let issuer: string;
  let asteroid: PresetAsteroid;
  let config: client.Configuration;
  beforeAll(async () => {
    ({ issuer, asteroid } = await startIdTokenRig(CLIENTS));
    config = await discover(issuer);
  });
  afterAll(cleanUp);

  /** alice chooses herself at the identity provider. */
  async function signInAs(person: string, headers: Record<string, string> = {}) {
    const browser = openBrowser();
    const { url, finish } = await beginSignIn(config);
    const page = await browser.visit(url.href, CALLBACK, headers);
    const back = await chooseAt(page, person, browser);
    return { browser, tokens: await finish(back.url) };
  }

  it('brings alice, with signed groups, a verified address and the time of her sign-in', async () => {
    const now = Math.floor(Date.now() / 1000);
    const { tokens } = await signInAs('alice');

    expect(tokens.claims()).toMatchObject({
      ...{ iss: issuer, sub: 'alice', email: 'alice@example.test', email_verified: true },
      groups: ['engineering'],
    });
    expect(tokens.claims()?.auth_time).toBeGreaterThanOrEqual(now);
  });

  it('lets alice not be bob by a header, be it his own ID Token (T01)', async () => {
    const { browser } = await signInAs('alice');
    const { tokens } = await signInAs('bob');
    const { url, finish } = await beginSignIn(config);
    const spoof = { 'X-Upstream-Id-Token': tokens.id_token ?? '', 'X-Forwarded-User': 'bob' };

    const visit = await browser.visit(url.href, CALLBACK, spoof);

    expect((await finish(visit.url)).claims()?.sub).toBe('alice');
  });

  it('answers 403 to whoever goes around it, and 401 to a token of Asteroid itself (T01, T20)', async () => {
    const { tokens } = await signInAs('alice');
    const { url } = await beginSignIn(config);
    const around = `http://127.0.0.1:${asteroid.port}${url.pathname}${url.search}`;
    const headers = { Host: url.host, 'X-Upstream-Id-Token': tokens.id_token ?? '' };

    expect((await ask(around, { headers })).status).toBe(403);
    const proven = { ...headers, [SECRET_LINE[0]]: SECRET_LINE[1] };
    expect((await ask(around, { headers: proven })).status).toBe(401);
  });
});
