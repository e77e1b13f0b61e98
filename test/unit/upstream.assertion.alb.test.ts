import { createSign, randomUUID } from 'node:crypto';
import { exportPKCS8 } from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import type { Outbound } from '../../internal/outbound/outbound.ts';
import { createAssertionUpstream } from '../../internal/upstream/assertion/assertion.ts';
import type { AssertionOptions } from '../../internal/upstream/options.ts';
import type { Verdict } from '../../internal/upstream/upstream.ts';
import {
  createSigner,
  type KeyService,
  type Signer,
  startKeyService,
  text,
} from '../support/signer.ts';
import { OPTIONS, PROXY, SECRET_LINE, subjectOf } from './upstream.fixture.ts';

const START = 1_800_000_000;
const HEADER = 'X-Amzn-Oidc-Data';
const SIGNER = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/sso/0a1b2c';
const OTHER = SIGNER.replace('123456789012', '210987654321');
const KID = randomUUID();

const ALB: AssertionOptions = {
  header: HEADER,
  algorithms: ['ES256'],
  keys: { kind: 'alb', region: 'eu-central-1', signer: SIGNER, client: 'client-1' },
  claims: { subject: 'sub', email: 'email' },
};

let time: number;
let signer: Signer;
let pem: string;
let service: KeyService;
let urls: string[];
let identify: (lines: readonly string[]) => Promise<Verdict>;

/** The region's key host, on loopback. */
const outboundTo =
  (origin: string): Outbound =>
  (request) => {
    urls.push(request.url);
    const { pathname } = new URL(request.url);
    return createOutbound(anyAddress)({ ...request, url: `${origin}${pathname}` });
  };

function open(options: AssertionOptions = ALB): typeof identify {
  const upstream = createAssertionUpstream(
    { trust: OPTIONS.trust, assertion: options },
    { now: () => time, outbound: outboundTo(new URL(service.uri).origin), onProblem: () => {} },
  );
  return async (lines) => {
    const answer = upstream.identify({ rawHeaders: [...SECRET_LINE, ...lines], peer: PROXY });
    return answer.kind === 'asserted' ? answer.verify() : answer;
  };
}

beforeAll(async () => {
  signer = await createSigner('unused');
  pem = await exportPKCS8(signer.privateKey);
});

beforeEach(async () => {
  time = START;
  urls = [];
  service = await startKeyService(text(signer.spki));
  identify = open();
});

/** As ALB makes it: padded, with its own members in the header. */
function signAlb(header: object = {}, claims: object = {}): string {
  const part = (value: object) =>
    Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  const iss = 'https://idp.example';
  const exp = time + 120;
  const head = { typ: 'JWT', kid: KID, alg: 'ES256', iss, client: 'client-1', signer: SIGNER, exp };
  const body = { sub: 'alice', email: 'alice@corp.example', exp, iss, ...claims };
  const input = `${part({ ...head, ...header })}.${part(body)}`;
  const signature = createSign('sha256')
    .update(input)
    .sign({ key: pem, dsaEncoding: 'ieee-p1363' })
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
  return `${input}.${signature}`;
}

const verdict = (header?: object, claims?: object) => identify([HEADER, signAlb(header, claims)]);
const detail = (answer: Verdict) => (answer.kind === 'refused' ? answer.detail : answer.kind);

describe('assertions of an AWS Application Load Balancer', () => {
  it('are padded, and their keys come from the host of the region', async () => {
    const token = signAlb();

    expect(token).toContain('=');
    expect(subjectOf(await identify([HEADER, token]))).toBe('alice');
    expect(urls).toEqual([`https://public-keys.auth.elb.eu-central-1.amazonaws.com/${KID}`]);
  });

  it('of other load balancers are refused, whoever their users are (T20)', async () => {
    expect(detail(await verdict({ signer: OTHER }))).toBe('signer');
    expect(detail(await verdict({ signer: [SIGNER] }))).toBe('signer');
    expect(detail(await verdict({ signer: undefined }))).toBe('signer');
    expect(detail(await verdict({ client: 'client-2' }))).toBe('client');
    expect(detail(await verdict({ client: undefined }))).toBe('client');
    expect(subjectOf(await verdict())).toBe('alice');
  });

  it('say in their header who the identity provider is, and until when (T20, T21)', async () => {
    identify = open({ ...ALB, issuer: 'https://idp.example' });

    expect(subjectOf(await verdict())).toBe('alice');
    expect(detail(await verdict({ iss: 'https://other.example' }))).toBe('issuer');
    expect(detail(await verdict({ iss: undefined }))).toBe('issuer');
    expect(detail(await verdict({ exp: time - 60 }))).toBe('expired');
    expect(subjectOf(await verdict({ exp: time - 59 }))).toBe('alice');
    expect(detail(await verdict({ exp: undefined }))).toBe('claims');
    expect(detail(await verdict({ exp: String(time + 60) }))).toBe('claims');
    expect(detail(await verdict({}, { exp: time - 60 }))).toBe('expired');
    expect(detail(await verdict({ exp: time + 361 }))).toBe('issued_ahead');
    expect(subjectOf(await verdict({ exp: time + 360 }))).toBe('alice');
  });

  it('need the claims that are required, like all others', async () => {
    identify = open({ ...ALB, require: { type: 'app' } });

    expect(detail(await verdict())).toBe('require');
    expect(subjectOf(await verdict({}, { type: 'app' }))).toBe('alice');
  });

  it('name keys by UUID and by nothing that could be a path (T19)', async () => {
    for (const kid of [
      '../../evil',
      `${KID}/x`,
      `${KID}?x`,
      KID.toUpperCase(),
      'key-1',
      undefined,
    ]) {
      expect(await verdict({ kid })).toMatchObject({
        kind: 'refused',
        reason: 'assertion_invalid',
      });
    }
    expect(urls).toEqual([]);
  });

  it('are refused when somebody else signed them', async () => {
    const { spki } = await createSigner('other');
    service.answers(text(spki));

    expect(detail(await verdict())).toBe('signature');
  });
});

describe('keys of an Application Load Balancer (T22)', () => {
  const use = (kid: string = KID) => verdict({ kid });

  it('are kept by name for a day', async () => {
    for (let turn = 0; turn < 3; turn += 1) await use();
    expect(urls).toHaveLength(1);
    time += 24 * 3600;
    expect(subjectOf(await use())).toBe('alice');

    expect(urls).toHaveLength(2);
  });

  it('are forgotten one by one once there are sixteen', async () => {
    const names = Array.from({ length: 17 }, () => randomUUID());
    for (const name of names) await use(name);
    await use(names[16]);
    expect(urls).toHaveLength(17);
    await use(names[0]);

    expect(urls).toHaveLength(18);
  });

  for (const status of [403, 404]) {
    it(`that do not exist (${status}) stop further questions for 30 seconds`, async () => {
      service.answers(text('', status));
      const forged = await Promise.all(Array.from({ length: 20 }, () => use(randomUUID())));

      expect(forged.map(detail)).toEqual(Array.from({ length: 20 }, () => 'key'));
      expect(urls).toHaveLength(1);
      time += 30;
      service.answers(text(signer.spki));
      expect(subjectOf(await use())).toBe('alice');
      expect(urls).toHaveLength(2);
    });
  }

  it('that are known go on counting while unknown ones are asked for', async () => {
    await use();
    service.answers(text('', 404));
    expect(detail(await use(randomUUID()))).toBe('key');

    expect(subjectOf(await use())).toBe('alice');
  });

  it('cannot be had when the service is down, and are asked for every five seconds', async () => {
    service.answers(text('', 500));
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(use()).rejects.toMatchObject({ name: 'Unavailable', dependency: 'keys' });
    }
    expect(urls).toHaveLength(1);
    time += 5;
    service.answers(text('no PEM'));
    await expect(use()).rejects.toMatchObject({ dependency: 'keys' });
    time += 5;
    service.answers(text(signer.spki));

    expect(subjectOf(await use())).toBe('alice');
  });

  it('are asked for once by everybody who needs them at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => use()));

    expect(answers.map(subjectOf)).toEqual(Array.from({ length: 20 }, () => 'alice'));
    expect(urls).toHaveLength(1);
  });
});
