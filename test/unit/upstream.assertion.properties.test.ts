import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAssertionUpstream } from '../../internal/upstream/assertion/assertion.ts';
import { isClean } from '../../internal/upstream/fields.ts';
import type { Upstream, Verdict } from '../../internal/upstream/upstream.ts';
import {
  AUDIENCE,
  claimsAt,
  createSigner,
  SIGNER_ISSUER,
  type Signer,
  setOf,
} from '../support/signer.ts';
import { OPTIONS, PROXY, SECRET_LINE, subjectOf } from './upstream.fixture.ts';

const NOW = 1_800_000_000;
const HEADER = 'X-Proxy-Assertion';
const RUNS = { numRuns: 300 };

let signer: Signer;
let upstream: Upstream;
let token: string;

beforeAll(async () => {
  signer = await createSigner('key-1');
  token = await signer.sign(claimsAt(NOW));
  upstream = createAssertionUpstream(
    {
      trust: OPTIONS.trust,
      assertion: {
        header: HEADER,
        algorithms: ['ES256'],
        keys: { kind: 'file', text: () => setOf(signer) },
        issuer: SIGNER_ISSUER,
        audience: [AUDIENCE],
        claims: {
          subject: 'sub',
          email: 'email',
          emailVerified: 'email_verified',
          name: 'name',
          groups: 'groups',
          authTime: 'auth_time',
          sid: 'sid',
          extra: { team: 'team' },
        },
      },
    },
    { now: () => NOW, outbound: () => Promise.reject(new Error('nobody')), onProblem: () => {} },
  );
});

async function identify(value: string): Promise<Verdict> {
  const answer = upstream.identify({ rawHeaders: [...SECRET_LINE, HEADER, value], peer: PROXY });
  return answer.kind === 'asserted' ? answer.verify() : answer;
}

/** Every text in it, names of members included. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsOf(member)]);
}

describe('whatever is sent as an assertion', () => {
  it('names nobody and throws nothing, unless the signer made it', async () => {
    const part = fc.stringMatching(/^[\w=.-]{0,40}$/);
    const value = fc.oneof(
      fc.string(),
      fc.tuple(part, part, part).map((parts) => parts.join('.')),
    );

    await fc.assert(
      fc.asyncProperty(value, async (text) => {
        expect((await identify(text)).kind).not.toBe('identified');
      }),
      RUNS,
    );
  });

  it('names nobody else when a character of it is changed', async () => {
    const change = fc.tuple(fc.nat(token.length - 1), fc.stringMatching(/^[\w.=-]?$/));

    await fc.assert(
      fc.asyncProperty(change, async ([at, character]) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        expect(['alice', undefined]).toContain(subjectOf(await identify(changed)));
      }),
      RUNS,
    );
  });
});

describe('whatever a signer says', () => {
  it('becomes nothing that a header could not have said', async () => {
    const said = fc.record(
      {
        sub: fc.jsonValue(),
        email: fc.jsonValue(),
        email_verified: fc.jsonValue(),
        name: fc.jsonValue(),
        groups: fc.oneof(fc.jsonValue(), fc.array(fc.string({ unit: 'binary' }))),
        auth_time: fc.jsonValue(),
        sid: fc.jsonValue(),
        team: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );

    await fc.assert(
      fc.asyncProperty(said, async (claims) => {
        const answer = await identify(await signer.sign(claimsAt(NOW, claims)));
        if (answer.kind !== 'identified') return;
        const { subject, authTime, claims: taken } = answer.identity;
        expect(subject).toMatch(/^[A-Za-z0-9._@+|:=/-]{1,255}$/);
        expect(subject).toBe('sub' in claims ? claims.sub : 'alice');
        expect(authTime === undefined || Number.isSafeInteger(authTime)).toBe(true);
        expect([undefined, true, false]).toContain(taken['email_verified']);
        expect(textsOf(taken).every(isClean)).toBe(true);
      }),
      RUNS,
    );
  });
});
