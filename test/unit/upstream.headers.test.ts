import { describe, expect, it } from 'vitest';
import { createHeaderUpstream } from '../../internal/upstream/headers.ts';
import { listHeaders } from '../../internal/upstream/options.ts';
import {
  ALICE,
  claimsOf,
  HEADERS,
  identify,
  OPTIONS,
  PROXY,
  refusal,
  subjectOf,
} from './upstream.fixture.ts';

const USER = 'X-Authenticated-User';
const EMAIL = 'X-Authenticated-Email';
const GROUPS = 'X-Authenticated-Groups';

describe('upstream headers: duplicates (T05, UP-3)', () => {
  it('refuses a subject sent twice with duplicate_header, whoever comes first', () => {
    const duplicate = refusal(400, 'duplicate_header', USER);

    expect(identify([USER, 'admin', USER, 'alice'])).toEqual(duplicate);
    expect(identify([USER, 'alice', USER.toLowerCase(), 'admin'])).toEqual(duplicate);
    expect(identify([USER, 'alice', USER.toUpperCase(), 'alice'])).toEqual(duplicate);
    expect(identify([USER, '', USER, 'admin'])).toEqual(duplicate);
  });

  it('refuses a subject that an earlier hop joined', () => {
    for (const joined of ['admin, alice', 'admin,alice', ',', 'alice,']) {
      expect(identify([USER, joined])).toEqual(refusal(400, 'duplicate_header', USER));
    }
  });

  it('refuses an email that was sent twice or joined', () => {
    const duplicate = refusal(400, 'duplicate_header', EMAIL);

    expect(identify([...ALICE, EMAIL, 'a@x.example', EMAIL, 'b@x.example'])).toEqual(duplicate);
    expect(identify([...ALICE, EMAIL, 'a@x.example, b@x.example'])).toEqual(duplicate);
  });

  for (const { name } of listHeaders(HEADERS).map(({ field }) => field)) {
    it(`refuses ${name} sent twice, even with one value`, () => {
      const lines = [...ALICE.filter(() => name !== USER), name, '1', name, '1'];

      expect(identify(lines)).toEqual(refusal(400, 'duplicate_header', name));
    });
  }

  it('takes each header once, in any case and any order', () => {
    const lines = [GROUPS.toUpperCase(), 'dev', EMAIL.toLowerCase(), 'alice@x.example', ...ALICE];

    expect(subjectOf(identify(lines))).toBe('alice');
    expect(claimsOf(identify(lines))).toEqual({
      email: 'alice@x.example',
      email_verified: false,
      groups: ['dev'],
    });
  });

  it('lets headers that it does not read come as often as they like', () => {
    const cookies = ['Cookie', 'a=1', 'Cookie', 'b=2', 'X-Remote-User', 'x', 'X-Remote-User', 'y'];

    expect(subjectOf(identify([...cookies, ...ALICE]))).toBe('alice');
  });
});

describe('upstream headers: aliases (T06, UP-4)', () => {
  const ALIASES = [
    ['X_Authenticated_User', USER],
    ['X-Authenticated_User', USER],
    ['x.authenticated.user', USER],
    ['X~Authenticated~User', USER],
    ['X_Authenticated_Groups', GROUPS],
    ['X.Authenticated.Email', EMAIL],
    ['X_Asteroid_Upstream_Secret', 'X-Asteroid-Upstream-Secret'],
  ] as const;
  for (const [alias, configured] of ALIASES) {
    it(`refuses ${alias} beside an honest request with header_alias`, () => {
      const refused = refusal(400, 'header_alias', configured);

      expect(identify([...ALICE, alias, 'admin'])).toEqual(refused);
      expect(identify([alias, 'admin'])).toEqual(refused);
      expect(identify([...ALICE, alias, ''])).toEqual(refused);
    });
  }

  it('only overlooks them where the operator says so, and reads none of them', () => {
    const ignoring = { aliases: 'ignore' } as const;

    expect(subjectOf(identify([...ALICE, 'X_Authenticated_User', 'admin'], ignoring))).toBe(
      'alice',
    );
    expect(identify(['X_Authenticated_User', 'admin'], ignoring)).toEqual({ kind: 'anonymous' });
  });

  it('takes names for what they are that only look alike', () => {
    const others = ['XAuthenticatedUser', 'X-Authenticated-Users', 'X-Authenticated-Use', 'x-user'];

    expect(subjectOf(identify([...others.flatMap((name) => [name, 'admin']), ...ALICE]))).toBe(
      'alice',
    );
  });

  it('reads no identity from a cookie, a query or a name with a blank', () => {
    const lines = ['Cookie', `${USER}=admin`, `${USER} `, 'admin', 'X-Original-URL', `/?${USER}=a`];

    expect(identify(lines)).toEqual({ kind: 'anonymous' });
  });
});

describe('upstream headers: hop-by-hop (T07, UP-6)', () => {
  const CONNECTIONS = [
    ['close, X-Authenticated-Groups', GROUPS],
    ['x-authenticated-user', USER],
    ['X-AUTHENTICATED-USER', USER],
    ['X_Authenticated_User', USER],
    ['keep-alive,\tX-Authenticated-Email ,upgrade', EMAIL],
    ['X-Asteroid-Upstream-Secret', 'X-Asteroid-Upstream-Secret'],
  ] as const;
  for (const [connection, configured] of CONNECTIONS) {
    it(`refuses "Connection: ${connection}" with hop_by_hop`, () => {
      expect(identify([...ALICE, 'Connection', connection])).toEqual(
        refusal(400, 'hop_by_hop', configured),
      );
    });
  }

  it('finds the token in a second Connection header, under a name in any case', () => {
    expect(identify([...ALICE, 'Connection', 'close', 'connection', USER])).toEqual(
      refusal(400, 'hop_by_hop', USER),
    );
  });

  it('takes the usual connection headers', () => {
    for (const connection of ['close', 'keep-alive', 'Upgrade, HTTP2-Settings', '', ',,']) {
      expect(subjectOf(identify(['Connection', connection, ...ALICE]))).toBe('alice');
    }
  });

  it('is anonymous when an intermediary has removed the subject', () => {
    expect(identify([EMAIL, 'alice@x.example', GROUPS, 'dev'])).toEqual({ kind: 'anonymous' });
  });

  it('is upstream_secret when an intermediary has removed the secret', () => {
    const upstream = createHeaderUpstream(OPTIONS);

    expect(upstream.identify({ rawHeaders: ALICE, peer: PROXY })).toEqual(
      refusal(403, 'upstream_secret', 'X-Asteroid-Upstream-Secret'),
    );
  });

  it('refuses a missing attribute that is required with attribute_missing', () => {
    const options = { required: ['subject', 'groups'] };
    const missing = refusal(401, 'attribute_missing', GROUPS);

    expect(identify(ALICE, options)).toEqual(missing);
    expect(identify([...ALICE, GROUPS, ''], options)).toEqual(missing);
    expect(identify([...ALICE, GROUPS, ' , ,'], options)).toEqual(missing);
    expect(subjectOf(identify([...ALICE, GROUPS, 'dev'], options))).toBe('alice');
    expect(identify([GROUPS, 'dev'], options)).toEqual({ kind: 'anonymous' });
  });

  it('counts a required claim that was dropped as missing', () => {
    const options = { required: ['name'] };

    expect(identify([...ALICE, 'X-Authenticated-Name', '\xff'], options)).toEqual(
      refusal(401, 'attribute_missing', 'X-Authenticated-Name'),
    );
  });
});

describe('upstream headers: nobody (T08, UP-5)', () => {
  const ABSENT = [
    ['no subject header', []],
    ['an empty one', [USER, '']],
    ['one of blanks', [USER, ' \t ']],
    ['only an email', [EMAIL, 'admin@corp.example']],
    ['an empty one beside an email', [USER, '', EMAIL, 'admin@corp.example']],
    ['only a login name', ['X-Authenticated-Login', 'admin']],
    ['an identity under names that are not configured', ['X-Remote-User', 'admin']],
    ['a name without a value', [USER]],
  ] as const;
  for (const [what, lines] of ABSENT) {
    it(`is anonymous with ${what}`, () => {
      expect(identify(lines)).toEqual({ kind: 'anonymous' });
    });
  }
});

describe('upstream headers: order of the answers', () => {
  const stranger = { ...PROXY, address: '198.51.100.1' };
  const { identify: ask } = createHeaderUpstream(OPTIONS);

  it('answers for names before it asks for proof', () => {
    const alias = ['X_Authenticated_User', 'admin'];
    const hopByHop = ['Connection', USER];

    expect(ask({ rawHeaders: [...hopByHop, ...alias], peer: stranger })).toEqual(
      refusal(400, 'header_alias', USER),
    );
    expect(ask({ rawHeaders: hopByHop, peer: stranger })).toEqual(refusal(400, 'hop_by_hop', USER));
  });

  it('tells an unproven peer nothing about the values it sent', () => {
    const attempts = [
      [],
      ALICE,
      [USER, 'admin, alice'],
      [USER, '-'],
      [USER, 'a b'],
      [USER, '\xff'],
    ];

    for (const rawHeaders of attempts) {
      expect(ask({ rawHeaders, peer: stranger })).toEqual(refusal(403, 'untrusted_peer'));
      expect(ask({ rawHeaders, peer: PROXY })).toEqual(
        refusal(403, 'upstream_secret', 'X-Asteroid-Upstream-Secret'),
      );
    }
  });

  it('counts headers before it looks for a subject, and values before what is required', () => {
    const twice = [EMAIL, 'a@x.example', EMAIL, 'b@x.example'];

    expect(identify(twice)).toEqual(refusal(400, 'duplicate_header', EMAIL));
    expect(identify([...ALICE, EMAIL, 'no address'], { required: ['groups'] })).toEqual(
      refusal(400, 'header_value', EMAIL),
    );
    expect(identify(ALICE, { required: ['groups'], subject: { deny: ['alice'] } })).toEqual(
      refusal(401, 'attribute_missing', GROUPS),
    );
  });

  it('never repeats a value, only the configured name', () => {
    const upper = USER.toUpperCase();

    expect(identify([upper, 'admin value'])).toEqual(refusal(400, 'header_value', USER));
  });
});
