import { describe, expect, it } from 'vitest';
import type { Arrived } from '../../internal/admin/identity-log.ts';
import { startAdmin } from './admin.fixture.ts';

const arrived = (more: Partial<Arrived> = {}): Arrived => ({
  requestId: 'r',
  route: 'authorize',
  peer: '10.42.7.3',
  rawHeaders: ['Host', 'sso.example', 'X-Authenticated-User', 'alice'],
  outcome: 'identified',
  failed: undefined,
  ...more,
});

const SECRETS = ['alice', 'hush-hush', 'session=of-alice', 'YTpi'];

const LINES = [
  ...['Host', 'sso.example', 'X-Authenticated-User', 'alice', 'X_Authenticated_Email', 'alice'],
  ...['X-Asteroid-Upstream-Secret', 'hush-hush', 'Cookie', 'session=of-alice'],
  ...['Authorization', 'Basic YTpi', 'Connection', 'close, X-Authenticated-Groups'],
];

describe('what lately arrived where an identity is read (O17)', () => {
  it('tells time, request, route, peer and outcome, and names and lengths of all headers', () => {
    const { identityLog } = startAdmin();
    identityLog.remember(arrived({ rawHeaders: LINES }));

    const [report] = identityLog.read();

    expect(report).toMatchObject({
      at: 1_800_000_000,
      request_id: 'r',
      route: 'authorize',
      peer: '10.42.7.3',
      outcome: 'identified',
      failed: undefined,
      advice: undefined,
    });
    expect(report?.headers).toEqual([
      { name: 'Host', length: 11 },
      { name: 'X-Authenticated-User', length: 5 },
      { name: 'X_Authenticated_Email', length: 5 },
      { name: 'X-Asteroid-Upstream-Secret', length: 9 },
      { name: 'Cookie', length: 16 },
      { name: 'Authorization', length: 10 },
      { name: 'Connection', length: 29 },
    ]);
  });

  it('tells length and hash of configured headers, their aliases and what Connection names', () => {
    const { identityLog } = startAdmin();
    identityLog.remember(arrived({ rawHeaders: LINES }));

    const lines = identityLog.read()[0]?.lines ?? [];

    expect(lines.map(({ header, how, length }) => [header, how, length])).toEqual([
      ['X-Authenticated-User', 'exact', 5],
      ['X-Authenticated-Email', 'alias', 5],
      ['X-Asteroid-Upstream-Secret', 'exact', 9],
      ['X-Authenticated-Groups', 'connection', 29],
    ]);
    for (const { hash } of lines) expect(hash).toMatch(/^[0-9a-f]{8}$/);
  });

  it('hashes equal values alike and others otherwise, under a key of its own', () => {
    const { identityLog } = startAdmin();
    const other = startAdmin('of another process').identityLog;
    identityLog.remember(arrived({ rawHeaders: LINES }));
    other.remember(arrived({ rawHeaders: LINES }));

    const [user, email, secret] = identityLog.read()[0]?.lines ?? [];
    const [elsewhere] = other.read()[0]?.lines ?? [];

    expect(user?.hash).toBe(email?.hash);
    expect(user?.hash).not.toBe(secret?.hash);
    expect(user?.hash).not.toBe(elsewhere?.hash);
  });

  it('tells no value', () => {
    const { identityLog } = startAdmin();
    identityLog.remember(arrived({ rawHeaders: LINES }));

    const text = JSON.stringify(identityLog.read());

    for (const value of SECRETS) expect(text).not.toContain(value);
  });

  it('keeps the last twenty, the latest first', () => {
    const { identityLog } = startAdmin();
    for (let count = 0; count < 25; count += 1) {
      identityLog.remember(arrived({ requestId: `r${count}` }));
    }

    const ids = identityLog.read().map(({ request_id }) => request_id);

    expect(ids).toHaveLength(20);
    expect(ids[0]).toBe('r24');
    expect(ids.at(-1)).toBe('r5');
  });

  it('forgets after ten minutes', () => {
    const { identityLog, advance } = startAdmin();
    identityLog.remember(arrived({ requestId: 'old' }));
    advance(300);
    identityLog.remember(arrived({ requestId: 'young' }));

    advance(299);
    expect(identityLog.read()).toHaveLength(2);
    advance(1);
    expect(identityLog.read().map(({ request_id }) => request_id)).toEqual(['young']);
  });

  const CASES: readonly {
    readonly given: string;
    readonly arrival: Partial<Arrived>;
    readonly sentence: RegExp;
    readonly line: string | undefined;
  }[] = [
    {
      given: 'a secret that is wrong',
      arrival: { outcome: 'refused', failed: 'upstream_secret' },
      sentence: /secret/,
      line: 'proxy_set_header X-Asteroid-Upstream-Secret $asteroid_secret;',
    },
    {
      given: 'nobody',
      arrival: { outcome: 'anonymous', failed: undefined },
      sentence: /names nobody/,
      line: 'proxy_set_header X-Authenticated-User $user;',
    },
    {
      given: 'an alias',
      arrival: { outcome: 'refused', failed: 'header_alias', rawHeaders: LINES },
      sentence: /another spelling/,
      line: 'underscores_in_headers off; ignore_invalid_headers on;',
    },
    {
      given: 'a Connection that names a header',
      arrival: { outcome: 'refused', failed: 'hop_by_hop' },
      sentence: /Connection/,
      line: 'proxy_set_header Connection "";',
    },
    {
      given: 'a foreign Host',
      arrival: { outcome: 'refused', failed: 'host_foreign' },
      sentence: /Host/,
      line: 'proxy_set_header Host $http_host;',
    },
    {
      given: 'a peer that is nobody',
      arrival: { outcome: 'refused', failed: 'untrusted_peer' },
      sentence: /upstream\.trust/,
      line: undefined,
    },
    {
      given: 'a placeholder',
      arrival: { outcome: 'refused', failed: 'placeholder' },
      sentence: /placeholder/,
      line: 'location = /authorize { auth_request /oauth2/auth; proxy_set_header X-Authenticated-User $user; }',
    },
  ];
  for (const { given, arrival, sentence, line } of CASES) {
    it(`advises what to do about ${given}`, () => {
      const { identityLog } = startAdmin();
      identityLog.remember(arrived(arrival));

      const advice = identityLog.read()[0]?.advice;

      expect(advice?.sentence).toMatch(sentence);
      expect(advice?.line).toBe(line);
    });
  }

  it('advises nothing about what is not the proxy’s doing', () => {
    const { identityLog } = startAdmin();
    for (const failed of ['method_not_allowed', 'toString', '__proto__', undefined]) {
      identityLog.remember(arrived({ outcome: 'refused', failed }));
    }

    expect(identityLog.read().map(({ advice }) => advice)).toEqual(Array(4).fill(undefined));
  });
});
