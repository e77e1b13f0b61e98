// The mutation generator: thousands of requests that are almost valid, to every endpoint. What it may
// never find is the same for all of them. MUTATION_SEED repeats a run, MUTATION_BUDGET lengthens it.

import { randomInt } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { GRANTS } from '../../internal/oidc/grants/table.ts';
import { parseParams } from '../../internal/protocol/params.ts';
import type { Expectations, Grant, Store } from '../../internal/store/store.ts';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { createRegistrationIssuer } from '../support/registration.ts';
import { type Answer, encodeQuery, identify, makeRequest, settle } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';
import { createChance } from './chance.ts';
import { mutate, type Wire } from './mutate.ts';
import { ALICE, BOB, deviceOf, type Recipe } from './recipe.ts';
import { RECIPES } from './recipes.ts';

const SEED = Number(process.env['MUTATION_SEED'] ?? randomInt(2 ** 32));
const BUDGET = Number(process.env['MUTATION_BUDGET'] ?? 1000);

/** Whose tokens a client may hold; a client that acts for itself is its own subject. */
const OWNERS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...[ALICE, BOB].flatMap(({ client, subject }) =>
    [client, deviceOf({ client })].map((name) => [name, [subject]] as const),
  ),
  ...RECIPES.flatMap(({ clients = [] }) =>
    clients.map(([{ clientId }, { subject }]) => [clientId, [subject, clientId]] as const),
  ),
]);

const REDIRECT = /^https:\/\/(?:rp\.example\/callback|op\.example\/a\/|login\.example\/)[^\s]*$/;

/** As `http/` would hand it over: a header that is sent twice is told of, and not read. */
function send(test: TestIssuer, { endpoint, method, isJson }: Recipe, wire: Wire): Promise<Answer> {
  const names = wire.headers.map(([name]) => name);
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  const ask = async () => {
    const call = test.issuer[endpoint];
    if (call === undefined) throw new Error(`${endpoint} is off`);
    return call(
      makeRequest({
        method,
        body: isJson && toJson(wire),
        params: parseParams(
          wire.pairs.map(([name, value]) => encodeQuery({ [name]: value })).join('&'),
        ),
        headers: Object.fromEntries(wire.headers.filter(([name]) => !repeated.includes(name))),
        repeatedHeaders: repeated,
        identity: wire.subject === undefined ? undefined : identify(wire.subject),
      }),
    );
  };
  return settle(ask());
}

const toJson = ({ pairs }: Wire): string =>
  `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`;

/** No token about anybody for a client that is not theirs, nowhere to go that is not registered. */
function checkHarmless({ status, json, location }: Answer, said: string): void {
  expect(status, said).toBeLessThan(500);
  for (const name of ['access_token', 'id_token']) {
    const token = json[name];
    if (typeof token !== 'string') continue;
    const { sub, client_id, aud } = claimsOf(token);
    const client = String(name === 'id_token' ? aud : client_id);
    expect(OWNERS.get(client) ?? [client], said).toContain(sub);
  }
  if (json['active'] === true) {
    expect(OWNERS.get(String(json['client_id'])) ?? [], said).toContain(json['sub']);
  }
  if (location !== undefined) expect(location, said).toMatch(REDIRECT);
}

/** Who is told something: the subject of tokens, of claims or of facts about a token. */
const toldAbout = ({ json, headers }: Answer): unknown =>
  typeof json['access_token'] === 'string'
    ? claimsOf(json['access_token'])['sub']
    : (json['sub'] ?? headers['X-Auth-Subject']);

/** What was alice's went with everything that it was bound to; what is empty is not there. */
function checkBound({ binds }: Recipe, honest: Wire, wire: Wire, said: string): void {
  const valuesOf = ({ pairs }: Wire, name: string) =>
    pairs.filter(([known, value]) => known === name && value !== '').map(([, value]) => value);
  for (const name of binds) expect(valuesOf(wire, name), said).toEqual(valuesOf(honest, name));
}

/** The page that alice was shown was not answered by somebody else. */
function checkShown({ shownTo }: Recipe, honest: Wire, wire: Wire, said: string): void {
  const handleOf = ({ pairs }: Wire) => pairs.find(([name]) => name === 'handle')?.[1];
  if (shownTo === undefined || handleOf(wire) !== handleOf(honest)) return;
  expect(shownTo, said).toContain(wire.subject);
}

/** Throws at the first thing that may not be; answers how many requests were refused. */
async function hunt(recipe: Recipe, test: TestIssuer, seed: number, budget: number) {
  const chance = createChance(seed);
  let refused = 0;
  for (let count = 0; count < budget; count += 1) {
    test.clock.advance(1);
    const honest = await recipe.make(test, ALICE);
    const { wire, what } = mutate(honest, await recipe.make(test, BOB), chance);
    const said = `MUTATION_SEED=${seed}, ${recipe.name}, request ${count}: ${what.join('; ')}`;
    const answer = await send(test, recipe, wire).catch((cause: unknown) => {
      throw new Error(said, { cause });
    });
    checkHarmless(answer, said);
    if (recipe.succeeded(answer)) {
      checkShown(recipe, honest, wire, said);
      if (toldAbout(answer) === (recipe.about ?? ALICE.subject))
        checkBound(recipe, honest, wire, said);
      continue;
    }
    refused += 1;
    if (recipe.ends?.(honest, wire) === true) continue;
    // Whatever it was, it spent nothing of alice's.
    expect(recipe.succeeded(await send(test, recipe, honest)), said).toBe(true);
  }
  return refused;
}

const createFor = ({ clients = [], policy }: Recipe): TestIssuer =>
  createRegistrationIssuer({
    different: {
      clients: clients.map(([client]) => client),
      policy: { check: { original: undefined }, ...policy },
      maxClients: 10 * BUDGET,
    },
  });

const WITHOUT_RECIPE: readonly string[] = [
  // What nobody can spoil: they read nothing that was sent, or nothing that is anybody's.
  ...['discovery', 'jwks', 'signedOut'],
  // Where anybody may be whoever they please, nothing is anybody's: endpoint/chooser.forging.test.ts.
  ...['choose'],
  // Its client stands in the path, which the generator does not make: endpoint/registration.manage.test.ts.
  ...['registeredClient'],
];

describe('the recipes of the mutation generator', () => {
  it('are there for every endpoint', () => {
    const policy = { check: { original: undefined } };
    const { issuer } = createTestIssuer({ policy, chooser: true });
    const known = RECIPES.map(({ endpoint }): string => endpoint);
    const all = Object.keys(issuer);

    expect(all.filter((name) => !known.includes(name)).toSorted()).toEqual(
      WITHOUT_RECIPE.toSorted(),
    );
  });

  it('are there for every grant', () => {
    const known = RECIPES.map(({ grantType }) => grantType);

    expect(GRANTS.filter(({ grantType }) => !known.includes(grantType))).toEqual([]);
  });
});

describe(`the mutation generator, with MUTATION_SEED=${SEED}`, () => {
  beforeAll(() => {
    process.stdout.write(`MUTATION_SEED=${SEED} MUTATION_BUDGET=${BUDGET}\n`);
  });

  for (const recipe of RECIPES) {
    const timeout = 20_000 + 50 * BUDGET;
    it(`finds nothing at ${recipe.name} in ${BUDGET} requests`, { timeout }, async () => {
      const test = createFor(recipe);
      const refused = await hunt(recipe, test, SEED, BUDGET);

      expect(refused).toBeGreaterThan(BUDGET / 10);
    });
  }
});

describe('the mutation generator in front of an issuer with a fault', () => {
  /** @param forget what a store that does not compare it would take for right. */
  const careless = (forget: (expected: Expectations, grant: Grant) => Expectations): TestIssuer => {
    const test = createTestIssuer();
    const { store } = test.deps;
    const redeem: Store['redeem'] = async (id, hash, expected, redemption) => {
      const grant = (await store.find(id, test.clock()))?.grant;
      const known = grant === undefined ? expected : forget(expected, grant);
      return store.redeem(id, hash, known, redemption);
    };
    return createTestIssuer({ deps: { ...test.deps, store: { ...store, redeem } } });
  };
  const code = RECIPES.filter(({ name }) => name === 'token: authorization_code');

  for (const [fault, forget] of [
    ['whose code it is', (expected, { clientId }) => ({ ...expected, clientId })],
    ['what it was bound to', (expected, { challenge }) => ({ ...expected, challenge })],
  ] as const satisfies readonly (readonly [string, Parameters<typeof careless>[0]])[]) {
    it(`finds that the store forgot ${fault}`, async () => {
      for (const recipe of code) {
        await expect(hunt(recipe, careless(forget), 1, 1000)).rejects.toThrow('MUTATION_SEED=1');
      }
      expect(code).toHaveLength(1);
    });
  }
});

describe('the mutation generator', () => {
  it('does the same again with the same seed', () => {
    const own: Wire = {
      pairs: [
        ['a', '1'],
        ['b', '2'],
      ],
      headers: [['c', '3']],
      subject: 'alice',
    };
    const theirs: Wire = {
      pairs: [
        ['a', 'x'],
        ['b', 'y'],
      ],
      headers: [['c', 'z']],
      subject: 'bob',
    };
    const run = (seed: number) => {
      const chance = createChance(seed);
      return Array.from({ length: 50 }, () => mutate(own, theirs, chance));
    };

    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });
});
