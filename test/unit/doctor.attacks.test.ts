import { describe, expect, it } from 'vitest';
import { type Site, toBytes } from '../../internal/doctor/attack.ts';
import { listAttempts } from '../../internal/doctor/doctor.ts';
import { CANARY, SITE } from './doctor.fixture.ts';

const MARK = `${CANARY}.p1`;

const bytesOf = (id: string, session?: string, site: Site = SITE): readonly string[] => {
  const found = listAttempts(site, false).find(({ attack }) => attack.id === id);
  if (found === undefined) throw new Error(`no attack ${id}`);
  return found.attack.messages(MARK).map((message) => toBytes(message, MARK, site, session));
};

describe('the attacks of the doctor (O2)', () => {
  const attempts = listAttempts(SITE, true);

  it('have each their own name and probe', () => {
    const names = attempts.map(({ attack, signedIn }) => `${attack.id} ${signedIn}`);
    const probes = attempts.map(({ probe }) => probe);

    expect(new Set(names).size).toBe(names.length);
    expect(new Set(probes).size).toBe(probes.length);
    for (const probe of probes) expect(probe).toMatch(/^[a-z0-9-]{1,64}$/);
  });

  it('are the same in the same order each time', () => {
    const ids = (): readonly string[] => listAttempts(SITE, true).map(({ attack }) => attack.id);

    expect(ids()).toEqual(ids());
  });

  it('cover every threat that comes as a request', () => {
    const threats = [...new Set(attempts.map(({ attack }) => attack.id.slice(0, 3)))].sort();

    expect(threats).toEqual(
      'T01 T02 T03 T05 T06 T07 T08 T09 T10 T12 T13 T14 T15 T16 T17 T18 T27 T32 T35'.split(' '),
    );
  });

  it('carry the mark in the query of every request, and never the name of a client', () => {
    for (const { attack } of attempts) {
      for (const message of attack.messages(MARK)) {
        const text = toBytes(message, MARK, SITE);
        expect(text.split('\r\n')[0]).toContain(`asteroid_canary=${MARK}`);
        expect(text).not.toMatch(/client_id|redirect_uri|grant_type/);
      }
    }
  });

  it('go to every path and method that the issuer has, with an identity (T01, T27)', () => {
    const targets = attempts
      .filter(({ attack }) => /^T(?:01|27)-\w+-(?:get|post)-/.test(attack.id))
      .flatMap(({ attack }) => attack.messages(MARK))
      .map(({ method, path }) => `${method} ${path}`);

    expect([...new Set(targets)].sort()).toEqual([
      'GET /.well-known/openid-configuration',
      'GET /authorize',
      'POST /authorize',
      'POST /consent',
      'POST /token',
    ]);
  });

  it('go to a path that the issuer gets later without being told', () => {
    const extra = {
      path: '/end_session',
      endpoint: 'endSession',
      methods: ['GET'],
      readsIdentity: true,
      listener: 'browser',
    } as const;
    const ids = listAttempts({ ...SITE, routes: [...SITE.routes, extra] }, false).map(
      ({ attack }) => attack.id,
    );

    expect(ids).toContain('T01-endsession-get-end-session');
    expect(ids).toContain('T14-case-end-session');
  });

  it('forge every header that means something, and only those', () => {
    const forged = attempts
      .filter(({ attack }) => /^T(?:01|15)-own-\w+$/.test(attack.id))
      .map(({ attack }) => attack.header);

    expect([...new Set(forged)]).toEqual([
      'X-Authenticated-User',
      'X-Authenticated-Email',
      'X-Authenticated-Groups',
    ]);
    expect(
      listAttempts({ ...SITE, headers: [] }, false).some(({ attack }) =>
        attack.id.startsWith('T02'),
      ),
    ).toBe(false);
  });

  it('send the session when there is one, and a stranger sends none', () => {
    expect(bytesOf('T01-own-subject', 'a=b')[0]).toContain('\r\nCookie: a=b\r\n');
    expect(bytesOf('T01-own-subject')[0]).not.toContain('Cookie');
    expect(attempts.filter(({ attack, signedIn }) => attack.as === 'stranger' && signedIn)).toEqual(
      [],
    );
    expect(listAttempts(SITE, false).filter(({ signedIn }) => signedIn)).toEqual([]);
  });

  const SENT: readonly (readonly [string, readonly string[]])[] = [
    ['T06-underscore-subject', [`\r\nX_Authenticated_User: ${MARK}\r\n`]],
    ['T06-dot-groups', [`\r\nX.Authenticated.Groups: ${MARK}\r\n`]],
    ['T06-tilde-subject', [`\r\nX~Authenticated~User: ${MARK}\r\n`]],
    ['T06-mixed-subject', [`\r\nX_AUTHENTICATED-USER: ${MARK}\r\n`]],
    ['T07-exact-groups', ['\r\nConnection: close, X-Authenticated-Groups\r\n']],
    ['T07-lower-groups', ['\r\nConnection: close, x-authenticated-groups\r\n']],
    ['T05-twice-subject', [`X-Authenticated-User: ${MARK}\r\nx-authenticated-user: ${MARK}\r\n`]],
    ['T08-email-only', ['X-Authenticated-User:\r\n', `X-Authenticated-Email: ${MARK}@`]],
    ['T02-guess', [`X-Asteroid-Upstream-Secret: ${MARK}`, `X-Authenticated-User: ${MARK}`]],
    ['T09-nbsp', [`X-Authenticated-User: ${MARK}\u00a0\r\n`]],
    ['T18-variable', [`X-Authenticated-User: $remote_user_${MARK}`]],
    ['T03-forwarded', ['X-Forwarded-For: 127.0.0.1', 'X-Real-IP: 127.0.0.1', 'Forwarded: for=']],
    ['T32-kube-probe', ['\r\nUser-Agent: kube-probe/1.31\r\n']],
    ['T13-foreign', ['\r\nHost: asteroid-doctor.invalid\r\n']],
    ['T13-twice', ['\r\nHost: sso.example\r\nHost: asteroid-doctor.invalid\r\n']],
    ['T13-absolute', ['GET https://asteroid-doctor.invalid/authorize?']],
    [
      'T13-forwarded-host',
      ['\r\nHost: sso.example\r\n', 'X-Forwarded-Host: asteroid-doctor.invalid'],
    ],
    ['T14-case-authorize', ['GET /Authorize?']],
    ['T14-encoded-slash-authorize', ['GET /authorize%2f?']],
    ['T14-encoded-letter-authorize', ['GET /%61uthorize?']],
    ['T14-fragment-authorize', ['GET /authorize#/jwks.json?']],
    ['T14-via-token-authorize', ['GET /token/../authorize?']],
    ['T14-case-consent', ['POST /Consent?']],
    ['T12-folded', [`\r\nX-Filler: x\r\n X-Authenticated-User: ${MARK}\r\n`]],
    ['T12-bare-lf', [`\r\nX-Filler: x\nX-Authenticated-User: ${MARK}\r\n`]],
    ['T12-bare-cr', [`\r\nX-Filler: x\rX-Authenticated-User: ${MARK}\r\n`]],
    ['T12-colon', [`\r\nX-Authenticated-User : ${MARK}\r\n`]],
    ['T12-trailer', [`\r\n0\r\nX-Authenticated-User: ${MARK}\r\n\r\n`]],
    [
      'T12-cl-te',
      [
        'Content-Length: ',
        '\r\nTransfer-Encoding: chunked\r\n',
        '\r\n\r\n0\r\n\r\nGET /authorize?',
      ],
    ],
    ['T12-te-space', ['\r\nTransfer-Encoding : chunked\r\n']],
    ['T17-h2c', ['\r\nConnection: Upgrade, HTTP2-Settings\r\n', '\r\nUpgrade: h2c\r\n']],
  ];
  for (const [id, parts] of SENT) {
    it(`${id} sends ${JSON.stringify(parts[0])}`, () => {
      for (const part of parts) expect(bytesOf(id)[0]).toContain(part);
    });
  }

  it('T17 sends the forged header in a second request of the same connection', () => {
    const [upgrade = '', second = ''] = bytesOf('T17-websocket', 'a=b');

    expect(upgrade).not.toContain('X-Authenticated-User');
    expect(second).toContain(`X-Authenticated-User: ${MARK}`);
    expect(second).toContain('GET /authorize?');
  });

  it('T16 sends more than a block of headers may have', () => {
    expect(bytesOf('T16-block')[0]?.length).toBeGreaterThan(16_384);
    expect(bytesOf('T16-many')[0]?.split('\r\n').length).toBeGreaterThan(90);
  });

  it('announce the length of every form that they send', () => {
    expect(bytesOf('T01-consent-post-consent')[0]).toContain('\r\nContent-Length: 0\r\n');
    expect(bytesOf('T12-trailer')[0]).not.toContain('Content-Length');
  });
});
