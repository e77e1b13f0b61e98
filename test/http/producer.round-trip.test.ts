// What the producer says is what Asteroid itself reads behind the proxy of that preset: the same subject
// and the same claims, over HTTP, with keys from where the producer serves them.

import { describe, expect, it } from 'vitest';
import type { ProducerTerms } from '../../internal/app/producer.ts';
import { PRODUCTS } from '../../internal/producer/products/table.ts';
import { PRESET_NAMES } from '../../internal/protocol/presets.ts';
import { openUpstream } from '../../internal/upstream/open.ts';
import type { TrustOptions } from '../../internal/upstream/options.ts';
import { type PresetInput, resolvePreset } from '../../internal/upstream/presets/resolve.ts';
import { PRESETS } from '../../internal/upstream/presets/table.ts';
import type { Verdict } from '../../internal/upstream/upstream.ts';
import { type Stand, stand } from '../support/producer.ts';
import { claimsOf, PROXY, SECRET, SECRET_LINE, subjectOf } from '../unit/upstream.fixture.ts';

const SANS = { dnsSans: ['proxy.example'], uriSans: [] };
const TRUST: TrustOptions = {
  peers: ['10.42.7.0/24'],
  secret: { header: 'X-Asteroid-Upstream-Secret', secrets: () => [Buffer.from(SECRET)] },
};

/** What only the operator of the consumer says; keys by the URL that the producer prints. */
function inputOf({ producer }: Stand): PresetInput {
  const trust = producer.preset === 'k8s-front-proxy' ? { ...TRUST, mtls: SANS } : TRUST;
  const { signed } = producer;
  if (signed === undefined || PRESETS[toName(producer.preset)].source.kind === 'headers') {
    return { trust };
  }
  const { issuer, audience, keys, signer } = signed;
  if (signer !== undefined) {
    const alb = { kind: 'alb', region: 'eu-central-1', signer, client: audience[0] ?? '' } as const;
    return { trust, assertion: { issuer, keys: alb } };
  }
  return { trust, assertion: { issuer, audience, keys: { kind: 'uri', uri: keys } } };
}

const toName = (name: string) => {
  const found = PRESET_NAMES.find((one) => one === name);
  if (found === undefined) throw new Error(name);
  return found;
};

/** The keys of a load balancer are at a host of Amazon's, which is the producer's path here. */
const ALB = 'https://public-keys.auth.elb.eu-central-1.amazonaws.com/';

async function openConsumer(producing: Stand, input = inputOf(producing), keysOf = producing) {
  const resolution = resolvePreset(producing.producer.preset, input);
  if (resolution.kind === 'refused') throw new Error(resolution.problems.join('\n'));
  const upstream = await openUpstream(resolution.options, {
    now: () => Math.floor(Date.now() / 1000),
    onProblem: () => {},
    outbound: async ({ url }) => {
      const keys = keysOf.producer.signed?.keys ?? '';
      const at = url.startsWith(ALB) ? keys + url.slice(ALB.length) : url;
      const answer = await fetch(keysOf === producing ? at : keys);
      return { status: answer.status, headers: {}, body: Buffer.from(await answer.arrayBuffer()) };
    },
  });
  return async (rawHeaders: readonly string[]): Promise<Verdict> => {
    const answer = upstream.identify({
      rawHeaders: [...SECRET_LINE, ...rawHeaders],
      peer: { ...PROXY, certificate: SANS },
    });
    return answer.kind === 'asserted' ? answer.verify() : answer;
  };
}

async function arrive({ app, producer }: Stand, user: string): Promise<readonly string[]> {
  const { status } = await fetch(`${producer.url}/hello`, { headers: { 'X-Asteroid-As': user } });
  expect(status).toBe(200);
  return app.arrived.at(-1)?.rawHeaders ?? [];
}

const ALICE = { name: 'Zoë Alice Example', email: 'alice@corp.example' };
const GROUPS = { groups: ['admins', 'dev team'] };
const LOGIN = { preferred_username: 'ali' };
const UNVERIFIED = { email_verified: false };
const { email } = ALICE;

/** What the consumer of each preset reads of alice; some products have no word for a claim. */
const READ: Readonly<Record<keyof typeof PRODUCTS, object>> = {
  'oauth2-proxy': { email, ...UNVERIFIED, ...LOGIN, ...GROUPS },
  'oauth2-proxy-id-token': { ...ALICE, email_verified: true, ...LOGIN, ...GROUPS },
  'nginx-auth-request': { email, ...UNVERIFIED, ...GROUPS },
  'traefik-forwardauth': { email, ...UNVERIFIED, ...LOGIN, ...GROUPS },
  'envoy-ext-authz': { email, ...UNVERIFIED },
  'istio-jwt': { ...ALICE, email_verified: true, ...LOGIN, ...GROUPS },
  pomerium: { ...ALICE, ...GROUPS },
  'cloudflare-access': { email },
  'google-iap': { email },
  'aws-alb': { ...ALICE, ...LOGIN, ...GROUPS },
  authelia: { ...ALICE, ...UNVERIFIED, ...GROUPS },
  authentik: { ...ALICE, ...LOGIN, ...GROUPS },
  'authentik-headers': { ...ALICE, ...UNVERIFIED, ...LOGIN, ...GROUPS },
  teleport: { ...LOGIN, ...GROUPS },
  'tailscale-serve': { name: ALICE.name },
  'k8s-front-proxy': { ...GROUPS },
};

const SUBJECTS: Readonly<Record<string, string>> = { 'google-iap': 'accounts.google.com:alice' };

const names = PRESET_NAMES.filter((name) => name !== 'custom');
const signing = names.filter((name) => PRESETS[name].source.kind === 'assertion');

const kept = new Map<string, Promise<Stand>>();

/** One for all that ask for nothing special: an RSA key takes its time. */
function usual(name: string): Promise<Stand> {
  const standing = kept.get(name) ?? stand(name, { open: true });
  kept.set(name, standing);
  return standing;
}

describe('what the producer sends', () => {
  it('is there for every preset that a product has', () => {
    expect(Object.keys(PRODUCTS).sort()).toEqual([...names].sort());
  });

  for (const name of names) {
    it(`as ${name} is read by Asteroid as the same End-User`, async () => {
      const producing = await usual(name);
      const identify = await openConsumer(producing);

      const verdict = await identify(await arrive(producing, 'alice'));

      expect(subjectOf(verdict)).toBe(SUBJECTS[name] ?? 'alice');
      expect(claimsOf(verdict)).toEqual(READ[name]);
      const bob = await identify(await arrive(producing, 'bob'));
      expect(subjectOf(bob)).toBe((SUBJECTS[name] ?? 'alice').replace('alice', 'bob'));
      expect(claimsOf(bob)).not.toHaveProperty('groups');
    });

    it(`as ${name} is nobody's where nobody is signed in`, async () => {
      const producing = await usual(name);
      const identify = await openConsumer(producing);

      expect(await identify(await arrive(producing, ''))).toEqual({ kind: 'anonymous' });
    });
  }
});

describe('an assertion of the producer', () => {
  for (const name of signing) {
    it(`as ${name} is refused by whoever has the keys of another producer`, async () => {
      const producing = await usual(name);
      const other = await stand(name);
      const identify = await openConsumer(producing, inputOf(producing), other);

      const verdict = await identify(await arrive(producing, 'alice'));

      expect(verdict).toMatchObject({ kind: 'refused', reason: 'assertion_invalid' });
    });

    it(`as ${name} is for the audience that was asked for, and for no other`, async () => {
      const producing = await stand(name, { audience: ['another'] });
      const { assertion } = inputOf(await usual(name));
      const raw = await arrive(producing, 'alice');
      const own = await openConsumer(producing);
      const input = { ...inputOf(producing), assertion: otherAudience(producing, assertion) };
      const others = await openConsumer(producing, input);

      expect(subjectOf(await own(raw))).toBe(SUBJECTS[name] ?? 'alice');
      expect(await others(raw)).toMatchObject({
        reason: 'assertion_invalid',
        detail: name === 'aws-alb' ? 'client' : 'audience',
      });
    });
  }

  function otherAudience(producing: Stand, usual: PresetInput['assertion']) {
    const own = inputOf(producing).assertion;
    if (own?.keys?.kind === 'alb') return { ...own, keys: { ...own.keys, client: 'somebody' } };
    return { ...own, audience: usual?.audience };
  }

  it('has the issuer and the signer that were asked for', async () => {
    const signer =
      'arn:aws:elasticloadbalancing:eu-central-1:999999999999:loadbalancer/app/sso/0a1b2c';
    const terms: Partial<ProducerTerms> = { issuer: 'https://idp.example', signer };
    const alb = await stand('aws-alb', terms);
    const identify = await openConsumer(alb);

    expect(alb.producer.signed).toMatchObject(terms);
    expect(subjectOf(await identify(await arrive(alb, 'alice')))).toBe('alice');
    const other = await stand('aws-alb', { issuer: 'https://idp.example' });
    expect(await identify(await arrive(other, 'alice'))).toMatchObject({ kind: 'refused' });
  });
});
