// Every proxy whose lines are printed and that runs here, each with an honest sign-in and with what
// attackers send. The proxy alone knows the End-Users: whatever it lets through would be believed.

import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Attack,
  aliases,
  disguises,
  forgeries,
  type Names,
  nearly,
  removals,
} from './attacks.ts';
import { openBrowser } from './browser.ts';
import { runDoctor, writeCookie } from './doctor-run.ts';
import { FRONTS, type Front, type FrontName, type Person } from './fronts.ts';
import { type RawAnswer, sendRaw, wordsOf } from './raw.ts';
import { AFTER_SIGN_OUT, beginSignIn, CALLBACK, discover, signIn } from './relying-party.ts';
import { cleanUp } from './rig.ts';

const NAMES: Names = {
  subject: 'X-Authenticated-User',
  email: 'X-Authenticated-Email',
  groups: 'X-Authenticated-Groups',
  secret: 'X-Asteroid-Upstream-Secret',
};

const FORWARDED: Names = {
  subject: 'X-Forwarded-User',
  email: 'X-Forwarded-Email',
  groups: 'X-Forwarded-Groups',
  secret: 'X-Asteroid-Upstream-Secret',
};

/** What alice gets when her browser sends the attack: her own code, or why the issuer refuses. */
type Outcome = { readonly of: RegExp; readonly reason: string; readonly status: number };

type Proxy = {
  readonly name: FrontName;
  readonly names?: Names;
  /** What the proxy lets through, for the issuer to refuse. */
  readonly lets: readonly Outcome[];
  /** It hands requests of nobody to the issuer, which has a login_url. */
  readonly knowsNobody: boolean;
  /** Groups of alice; the proxies with passwords know none. */
  readonly groups?: readonly string[];
  /** The doctor can be somebody there. */
  readonly cookies: boolean;
  /** Its exit codes as a stranger and as alice, unless refusals are accepted. */
  readonly doctor: { readonly stranger: number; readonly alice?: number };
};

const ALIAS = { reason: 'header_alias', status: 400 } as const;

const PROXIES: readonly Proxy[] = [
  {
    name: 'nginx',
    lets: [],
    knowsNobody: true,
    groups: ['engineering'],
    cookies: true,
    doctor: { stranger: 0, alice: 0 },
  },
  {
    name: 'apache',
    lets: [{ of: /^T06/, ...ALIAS }],
    knowsNobody: false,
    cookies: false,
    doctor: { stranger: 1 },
  },
  { name: 'haproxy', lets: [], knowsNobody: false, cookies: false, doctor: { stranger: 0 } },
  {
    name: 'caddy of Debian',
    lets: [{ of: /^T06: (?:tildes|one underscore)/, ...ALIAS }],
    knowsNobody: true,
    groups: ['engineering', 'admins'],
    cookies: true,
    doctor: { stranger: 1, alice: 1 },
  },
  {
    name: 'caddy',
    lets: [{ of: /^T06: tildes/, ...ALIAS }],
    knowsNobody: true,
    groups: ['engineering'],
    cookies: true,
    doctor: { stranger: 1, alice: 1 },
  },
  {
    name: 'oauth2-proxy',
    names: FORWARDED,
    lets: [
      { of: /^T06: (?:dots|tildes)/, ...ALIAS },
      // It obeys: what it has set is gone, and then there is nobody, or no proof.
      { of: /^T07: .*x-forwarded-user/i, reason: '', status: 401 },
      { of: /^T07: .*X-Asteroid/, reason: 'upstream_secret', status: 403 },
    ],
    knowsNobody: false,
    groups: ['engineering'],
    cookies: true,
    doctor: { stranger: 1, alice: 1 },
  },
];

for (const proxy of PROXIES) {
  const { name, names = NAMES, lets, knowsNobody, groups, cookies, doctor } = proxy;

  describe(`behind ${name}`, () => {
    let front: Front;
    let config: client.Configuration;
    let alice: readonly string[];
    let host: string;

    beforeAll(async () => {
      front = await FRONTS[name]();
      config = await discover(front.origin);
      alice = await front.linesOf('alice');
      host = new URL(front.origin).host;
    });
    afterAll(cleanUp);

    type Sent = {
      readonly answer: RawAnswer;
      readonly claims: client.IDToken | undefined;
      /** Why the issuer refused, as it writes it down. */
      readonly reasons: () => string;
    };

    /** Asks for a code, and redeems what comes. */
    async function authorize(
      lines: readonly string[],
      { connection = 'close', spell = (path: string) => path } = {},
    ): Promise<Sent> {
      const { url, finish } = await beginSignIn(config);
      const before = front.asteroid.output().length;
      const target = `${spell(url.pathname)}${url.search}`;
      const answer = await sendRaw(front.port, { target, host, lines, connection });
      const { location } = answer;
      const hasCode = location.startsWith(CALLBACK) && /[?&]code=/.test(location);
      const claims = hasCode ? (await finish(location)).claims() : undefined;
      const reasons = () => front.asteroid.output().slice(before);
      return { answer, claims, reasons };
    }

    const signInAs = async (person: Person) => signIn(config, await front.browserOf(person));

    it('signs alice in, tells her claims, and refreshes', async () => {
      const tokens = await signInAs('alice');

      expect(tokens.claims()).toMatchObject({ iss: front.origin, sub: 'alice' });
      expect(tokens.claims()?.['groups']).toEqual(groups);
      const claims = await client.fetchUserInfo(config, tokens.access_token, 'alice');
      expect(claims.sub).toBe('alice');
      const next = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
      expect(next.claims()?.sub).toBe('alice');
      expect(next.refresh_token).not.toBe(tokens.refresh_token);
    });

    it('gives alice a code when she sends nothing else, and a stranger none', async () => {
      expect((await authorize(alice)).claims?.sub).toBe('alice');
      const { answer, claims } = await authorize([]);
      expect(claims).toBeUndefined();
      expect([301, 302, 303, 401]).toContain(answer.status);
    });

    it(`${knowsNobody ? 'tells the client' : 'shows nobody a code'} where nobody is signed in and no page is wanted`, async () => {
      const { url } = await beginSignIn(config);
      url.searchParams.set('prompt', 'none');
      const target = url.pathname + url.search;

      const { location } = await sendRaw(front.port, { target, host });

      expect(location.startsWith(CALLBACK)).toBe(knowsNobody);
      expect(location).not.toContain('code=');
      if (knowsNobody) expect(location).toContain('error=login_required');
    });

    const refuses = async ({ lines, connection, says }: Attack): Promise<void> => {
      const { claims, answer } = await authorize(lines, connection ? { connection } : {});

      expect(claims, says).toBeUndefined();
      expect(answer.location.startsWith(CALLBACK), says).toBe(false);
      expect(wordsOf(answer.text)).not.toContain('bob');
    };

    /** Her own code, without anything that the attack says, or a refusal by the issuer. */
    const keepsAlice = async ({ lines, connection, says }: Attack): Promise<void> => {
      const sent = await authorize([...alice, ...lines], connection ? { connection } : {});
      const { answer, claims, reasons } = sent;
      const refused = lets.find(({ of }) => of.test(says));

      expect([says, answer.status]).toEqual([says, refused?.status ?? 303]);
      if (refused !== undefined) {
        expect(claims).toBeUndefined();
        // It writes that down when it has answered.
        await expect.poll(reasons).toContain(refused.reason);
        return;
      }
      expect(claims?.sub).toBe('alice');
      expect(claims?.['email']).not.toBe('bob@example.test');
      const isDropped = name === 'oauth2-proxy' && /^T07.*groups/i.test(says);
      expect(claims?.['groups']).toEqual(isDropped ? undefined : groups);
    };

    const both = (attacks: readonly Attack[]): void => {
      for (const attack of attacks) {
        it(`a stranger, ${attack.says}`, () => refuses(attack));
        it(`alice, ${attack.says}`, () => keepsAlice(attack));
      }
    };

    describe('forged headers (T01, T02, T05, T08, T09, T15, T18)', () => both(forgeries(names)));
    describe('headers of others, addresses and probes (T01, T03, T14, T32)', () =>
      both(disguises(names)));
    describe('names that are nearly those (T06)', () => both(aliases(names)));
    describe('a Connection that names what the proxy sets (T07)', () => both(removals(names)));

    it('gives carol, who has no groups, none of her own making (T15)', async () => {
      const carol = await front.linesOf('carol');

      const { claims } = await authorize([...carol, `${names.groups}: admins`]);

      expect(claims?.sub).toBe('carol');
      expect(claims?.['groups']).toBeUndefined();
    });

    describe('paths that are nearly those (T14)', () => {
      const forged = [`${names.subject}: bob`, `${names.secret}: guessed`];

      for (const path of nearly('/authorize')) {
        it(`${JSON.stringify(path)} gives nobody a code but alice`, async () => {
          const spell = () => path;
          const stranger = await authorize(forged, { spell });
          const hers = await authorize([...alice, ...forged], { spell });

          expect(stranger.claims).toBeUndefined();
          expect(stranger.answer.location.startsWith(CALLBACK)).toBe(false);
          expect([undefined, 'alice']).toContain(hers.claims?.sub);
          expect(wordsOf(stranger.answer.text + hers.answer.text)).not.toContain('bob');
        });
      }

      for (const [method, path] of [
        ['GET', '/end_session'],
        ['POST', '/end_session'],
        ['POST', '/sign_out'],
        ['POST', '/consent'],
        ['POST', '/account'],
        ['GET', '/device'],
        ['POST', '/device'],
        ['GET', '/review'],
        ['POST', '/review'],
      ] as const) {
        it(`${method} ${path} and what is near it know nobody by what they say`, async () => {
          for (const target of [path, ...nearly(path)]) {
            for (const own of [[], alice]) {
              const lines = [...own, ...forged];
              const answer = await sendRaw(front.port, { method, target, host, lines });

              expect([target, answer.status === 0 || answer.status >= 500]).toEqual([
                target,
                false,
              ]);
              expect(wordsOf(answer.text)).not.toContain('bob');
            }
          }
        });
      }
    });

    it('knows nobody by credentials that are wrong', async () => {
      for (const credentials of [
        'Authorization: Basic YWxpY2U6d3Jvbmc=',
        'Authorization: Basic Ym9iOng=',
        'Authorization: Bearer bob',
        'Cookie: _oauth2_proxy=bob; session=cookie-of-bobby',
      ]) {
        const lines = [credentials, `${names.subject}: bob`];
        const { claims } = await authorize(lines);
        const { text } = await sendRaw(front.port, { target: '/end_session', host, lines });

        expect([credentials, claims]).toEqual([credentials, undefined]);
        expect(text).not.toMatch(/<strong>(?:alice|bob)/);
      }
    });

    it('serves no other Host (T13)', async () => {
      const { url } = await beginSignIn(config);
      const target = url.pathname + url.search;

      const answer = await sendRaw(front.port, { target, host: 'elsewhere.test', lines: alice });

      expect(answer.location.startsWith(CALLBACK)).toBe(false);
      // Caddy says an empty yes.
      expect(answer.status === 421 || answer.text.endsWith('\r\n\r\n')).toBe(true);
    });

    it('has nobody sign in to sign out, whatever they say', async () => {
      for (const path of ['/end_session', '/signed_out']) {
        const headers = { [names.subject]: 'bob' };
        const { answer, steps } = await openBrowser().visit(front.origin + path, CALLBACK, headers);

        expect([answer.status, steps.length]).toEqual([200, 1]);
        expect(answer.body).toContain('You are signed out');
      }
    });

    it('signs alice out, and the session of the proxy with her where it has one', async () => {
      const browser = await front.browserOf('alice');
      const tokens = await signIn(config, browser);
      const url = client.buildEndSessionUrl(config, {
        id_token_hint: tokens.id_token ?? '',
        post_logout_redirect_uri: AFTER_SIGN_OUT,
        state: 'a b&c',
      });

      const { url: after, steps } = await browser.visit(url.href, AFTER_SIGN_OUT);

      expect(after).toBe(`${AFTER_SIGN_OUT}?state=a%20b%26c`);
      expect(steps.some((step) => step.includes('/oauth2/sign_out'))).toBe(cookies);
      const { url: silent } = await beginSignIn(config);
      silent.searchParams.set('prompt', 'none');
      const visit = await browser.visit(silent.href, CALLBACK);
      expect(visit.url).not.toContain('code=');
    });

    it('asks alice by her name before it signs her out, where no client shows whose session it is', async () => {
      const browser = await front.browserOf('alice');
      await signIn(config, browser);

      const { answer } = await browser.visit(`${front.origin}/end_session`, CALLBACK);

      expect(answer.body).toContain('Do you want to sign out?');
      expect(answer.body).toContain('<strong>alice</strong>');
    });

    describe('the doctor (O2)', () => {
      const examine = async (code: number, session: readonly string[]) => {
        const run = await runDoctor(front.origin, front.asteroid.admin, session);
        expect(run.code, run.stdout + run.stderr).toBe(code);
        expect(run.stdout).not.toContain('BELIEVES');
        if (code === 0) return;
        // What got through is what the issuer refuses.
        const accepted = await runDoctor(front.origin, front.asteroid.admin, [
          ...session,
          '--accept-refused',
        ]);
        expect(accepted.code, accepted.stdout).toBe(0);
      };

      it(`exits ${doctor.stranger} as a stranger`, () => examine(doctor.stranger, []));

      const { alice: exit } = doctor;
      if (exit !== undefined) {
        it(`exits ${exit} as alice`, async () => {
          const browser = await front.browserOf('alice');
          await examine(exit, ['--cookie-file', writeCookie(browser.cookies(front.origin))]);
        });
      }
    });
  });
}
