import { beforeAll, describe, expect, it } from 'vitest';
import { type Program, REDIRECT_URI, startProgram } from '../support/program.ts';
import { claimsOf } from '../support/tokens.ts';
import {
  ALICE,
  ask,
  attempt,
  authorize,
  FORM,
  HOST,
  honest,
  query,
  redirected,
  refused,
  SECRET,
  SIGNED_IN,
  signIn,
  unproven,
  user,
} from './threats.fixture.ts';

const LOGIN_URL = `/oauth2/start?rd=\${url}`;
const TRUST = { secret: { files: ['upstream'] } };

const reading = (headers: object, upstream: object = {}): Promise<Program> =>
  startProgram({ config: { upstream: { trust: TRUST, headers: { ...headers }, ...upstream } } });

const proven = (...lines: readonly string[]): readonly string[] => unproven(SECRET, ...lines);

const groupsOf = async (program: Program, lines: readonly string[]): Promise<unknown> =>
  claimsOf((await signIn(program, lines)).id_token)['groups'];

let program: Program;
beforeAll(async () => {
  program = await startProgram();
});

describe('an identity header sent twice (T05, UP-3)', () => {
  for (const { given, lines } of [
    { given: 'the subject', lines: [ALICE, user('root')] },
    { given: 'the same subject', lines: [ALICE, ALICE] },
    {
      given: 'the subject in another case',
      lines: [ALICE, 'x-authenticated-user: root'],
    },
    { given: 'a subject beside an empty one', lines: ['X-Authenticated-User:', ALICE] },
    { given: 'a subject that an earlier hop joined', lines: [user('alice, root')] },
    { given: 'a subject with a comma', lines: [user('alice,root')] },
    {
      given: 'the email',
      lines: [ALICE, 'X-Authenticated-Email: a@x.example', 'X-Authenticated-Email: b@x.example'],
    },
    {
      given: 'an email that was joined',
      lines: [ALICE, 'X-Authenticated-Email: a@x.example, b@x.example'],
    },
    {
      given: 'the groups',
      lines: [ALICE, 'X-Authenticated-Groups: staff', 'X-Authenticated-Groups: admins'],
    },
    {
      given: 'the name',
      lines: [ALICE, 'X-Authenticated-Name: Alice', 'X-Authenticated-Name: Root'],
    },
  ]) {
    it(`refuses ${given} with 400, and takes neither`, async () => {
      expect(await attempt(program, proven(...lines))).toEqual(refused(400, 'duplicate_header'));
    });
  }

  it('takes a header that is there once', async () => {
    const groups = 'X-Authenticated-Groups: staff, admins';

    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
    expect(await groupsOf(program, honest(groups))).toEqual(['staff', 'admins']);
  });

  it('takes a repeated groups header where the configuration says that it is repeated', async () => {
    const repeated = await reading({
      groups: { name: 'X-Authenticated-Groups', format: 'repeated' },
    });
    const lines = honest('X-Authenticated-Groups: CN=Admins,OU=x', 'X-Authenticated-Groups: staff');

    expect(await groupsOf(repeated, lines)).toEqual(['CN=Admins,OU=x', 'staff']);
  });
});

describe('a header that only looks like one of ours (T06, UP-4)', () => {
  const ALIASES = [
    'X_Authenticated_User: root',
    'X.Authenticated.User: root',
    'X-Authenticated_User: root',
    'X~Authenticated~User: root',
    'X!Authenticated|User: root',
    'x_authenticated_user: root',
    'X_Authenticated_Groups: admins',
    'X.Authenticated-Email: root@x.example',
    'X_Authenticated_Name: Root',
    `X_Asteroid_Upstream_Secret: ${'x'.repeat(40)}`,
    'X_Authenticated_User:',
  ];
  for (const alias of ALIASES) {
    it(`refuses ${alias.split(':')[0]} beside the real one with 400`, async () => {
      expect(await attempt(program, honest(alias))).toEqual(refused(400, 'header_alias'));
    });
  }

  it('refuses it alone, and before it asks for any proof', async () => {
    expect(await attempt(program, proven('X_Authenticated_User: root'))).toEqual(
      refused(400, 'header_alias'),
    );
    expect(await attempt(program, unproven('X_Authenticated_User: root'))).toEqual(
      refused(400, 'header_alias'),
    );
  });

  it('never reads it, also where the configuration says to ignore it', async () => {
    const ignoring = await reading({ aliases: 'ignore' });

    for (const alias of ALIASES) {
      expect(await attempt(ignoring, honest(alias))).toEqual(SIGNED_IN);
    }
    expect(await attempt(ignoring, proven('X_Authenticated_User: root'))).toEqual(refused(401));
    expect(await attempt(ignoring, unproven(ALICE, SECRET.replaceAll('-', '_')))).toMatchObject({
      status: 403,
      subject: undefined,
    });
  });

  it('refuses a blank before the colon with 400', async () => {
    expect(await attempt(program, proven('X-Authenticated-User : root'))).toEqual(refused(400));
    expect(await attempt(program, honest('X-Authenticated-User : root'))).toEqual(refused(400));
  });

  it('leaves names alone that fold to none of ours', async () => {
    const others = ['X-Authenticated-Users: root', 'X-Authenticated: root', 'Remote-User: root'];

    expect(await attempt(program, honest(...others))).toEqual(SIGNED_IN);
  });
});

describe('a name in another place (UP-4)', () => {
  const NAME = 'X-Authenticated-User';

  for (const { given, lines } of [
    { given: 'the query', lines: [authorize({ [NAME]: 'root' }), HOST, SECRET] },
    { given: 'the query, as login_hint', lines: [authorize({ login_hint: 'root' }), HOST, SECRET] },
    { given: 'a cookie', lines: proven(`Cookie: ${NAME}=root; remote_user=root`) },
    { given: 'Authorization', lines: proven('Authorization: Basic cm9vdDpyb290') },
    { given: 'From', lines: proven('From: root@sso.example') },
    { given: 'a header of another proxy', lines: proven('X-Forwarded-User: root') },
  ]) {
    it(`does not count in ${given}`, async () => {
      expect(await attempt(program, lines)).toEqual(refused(401));
      expect(await attempt(program, [...lines, ALICE])).toEqual(SIGNED_IN);
    });
  }

  it('does not count in a form', async () => {
    const body = `${query()}&${NAME}=root`;
    const lines = [
      'POST /authorize HTTP/1.1',
      HOST,
      SECRET,
      FORM,
      `Content-Length: ${body.length}`,
    ];

    expect(await attempt(program, lines, { body })).toEqual(refused(401));
    expect(await attempt(program, [...lines, ALICE], { body })).toEqual(SIGNED_IN);
  });

  it('does not count in the trailer of a chunked form, nor does the secret there', async () => {
    const form = query();
    const body = `${form.length.toString(16)}\r\n${form}\r\n0\r\n${user('root')}\r\n${SECRET}\r\n\r\n`;
    const lines = ['POST /authorize HTTP/1.1', HOST, FORM, 'Transfer-Encoding: chunked'];
    const trailer = 'Trailer: X-Authenticated-User, X-Asteroid-Upstream-Secret';

    expect(await attempt(program, [...lines, trailer], { body })).toEqual(
      refused(403, 'upstream_secret'),
    );
    expect(await attempt(program, [...lines, trailer, SECRET], { body })).toEqual(refused(401));
    expect(await attempt(program, [...lines, trailer, SECRET, ALICE], { body })).toEqual(SIGNED_IN);
  });
});

describe('Connection naming one of our headers (T07, UP-6)', () => {
  for (const connection of [
    'Connection: close, X-Authenticated-Groups',
    'Connection: X-Authenticated-User',
    'Connection: x-authenticated-groups',
    'connection: keep-alive,X_Authenticated_Email',
    'Connection: keep-alive, \t X-Authenticated-Name \t , close',
    'Connection: close, X-Asteroid-Upstream-Secret',
  ]) {
    it(`refuses "${connection}" with 400`, async () => {
      expect(await attempt(program, honest(connection))).toEqual(refused(400, 'hop_by_hop'));
    });
  }

  it('refuses it in the second of two Connection lines', async () => {
    const lines = honest('Connection: keep-alive', 'Connection: X-Authenticated-Groups');

    expect(await attempt(program, lines)).toEqual(refused(400, 'hop_by_hop'));
  });

  it('leaves the tokens alone that proxies send', async () => {
    for (const token of ['close', 'keep-alive', 'Keep-Alive', 'upgrade', '', 'close, TE']) {
      expect(await attempt(program, honest(`Connection: ${token}`))).toEqual(SIGNED_IN);
    }
  });

  it('never gives more because a header is gone: what is required is missed with 401', async () => {
    const strict = await reading({
      subject: { name: 'X-Authenticated-User' },
      groups: { name: 'X-Authenticated-Groups' },
      required: ['subject', 'groups'],
    });

    for (const lines of [[], ['X-Authenticated-Groups:'], ['X-Authenticated-Groups: ,, ,']]) {
      expect(await attempt(strict, honest(...lines))).toEqual(refused(401, 'attribute_missing'));
    }
    expect(await attempt(strict, honest('X-Authenticated-Groups: staff'))).toEqual(SIGNED_IN);
  });

  it('misses a proof that is gone with 403', async () => {
    expect(await attempt(program, unproven(ALICE, 'Connection: close'))).toEqual(
      refused(403, 'upstream_secret'),
    );
  });
});

describe('nobody (T08, UP-5)', () => {
  const EMAIL = 'X-Authenticated-Email: root@x.example';
  const NOBODY = [
    { given: 'no header', lines: [] },
    { given: 'an empty header', lines: ['X-Authenticated-User:'] },
    { given: 'a header of blanks', lines: ['X-Authenticated-User: \t  '] },
    { given: 'an email and no subject', lines: [EMAIL] },
    { given: 'a name, groups and an empty subject', lines: [EMAIL, 'X-Authenticated-User: '] },
  ];
  for (const { given, lines } of NOBODY) {
    it(`is answered a 401 page with a challenge for ${given}`, async () => {
      const { status, headers, body } = await ask(program.public, proven(...lines));

      expect(status).toBe(401);
      expect(headers['www-authenticate']).toMatch(/^Upstream /);
      expect(headers['location']).toBeUndefined();
      expect(body).not.toContain('root@x.example');
    });

    it(`is answered login_required at the client for ${given}, when it asks silently`, async () => {
      const silent = [authorize({ prompt: 'none' }), HOST, SECRET, ...lines];
      const answer = await ask(program.public, silent);

      expect(answer.status).toBe(303);
      expect(answer.headers['location']?.startsWith(`${REDIRECT_URI}?`)).toBe(true);
      expect(redirected(answer)).toMatchObject({
        error: 'login_required',
        state: 'state-of-the-client',
        iss: 'https://sso.example',
      });
    });
  }

  it('is sent to the login URL with the request as return address, and not in circles', async () => {
    const login = await reading({}, { login_url: LOGIN_URL });
    const there = await ask(login.public, [
      authorize(),
      HOST,
      SECRET,
      'X-Forwarded-Host: evil.example',
    ]);
    const back = new URL(redirected(there)['rd'] ?? '');
    const again = await ask(login.public, [
      `GET ${back.pathname}${back.search} HTTP/1.1`,
      HOST,
      SECRET,
    ]);

    expect(there.headers['location']).toMatch(/^\/oauth2\/start\?rd=https%3A%2F%2Fsso\.example%2F/);
    expect(back.searchParams.get('redirect_uri')).toBe(REDIRECT_URI);
    expect(again.status).toBe(401);
    expect(
      await attempt(login, [`GET ${back.pathname}${back.search} HTTP/1.1`, HOST, SECRET, ALICE]),
    ).toEqual(SIGNED_IN);
  });

  it('is not sent anywhere before client and redirect URI are known', async () => {
    const login = await reading({}, { login_url: LOGIN_URL });
    const foreign = authorize({ redirect_uri: 'https://evil.example/' });
    const { status, headers } = await ask(login.public, [foreign, HOST, SECRET]);

    expect({ status, location: headers['location'] }).toEqual({ status: 400, location: undefined });
  });
});

describe('groups that nobody gave (T15)', () => {
  const ADMINS = 'X-Authenticated-Groups: cluster-admins';

  it('are not read as soon as the configuration names other headers only', async () => {
    const subjectOnly = await reading({ subject: { name: 'X-Authenticated-User' } });

    expect(await groupsOf(subjectOnly, honest(ADMINS))).toBeUndefined();
    expect(await groupsOf(program, honest(ADMINS))).toEqual(['cluster-admins']);
  });

  it('do not pass a list of what may pass, and those that do are marked', async () => {
    const limited = await reading({
      groups: { name: 'X-Authenticated-Groups', allow: ['staff'], prefix: 'corp:' },
    });

    expect(await groupsOf(limited, honest(ADMINS))).toBeUndefined();
    expect(
      await groupsOf(limited, honest('X-Authenticated-Groups: cluster-admins, staff')),
    ).toEqual(['corp:staff']);
  });

  it('do not come out of a name with the delimiter in it where entries are JSON', async () => {
    const json = await reading({ groups: { name: 'X-Authenticated-Groups', format: 'json' } });
    const name = 'X-Authenticated-Groups: ["CN=Admins,OU=Groups"]';

    expect(await groupsOf(json, honest(name))).toEqual(['CN=Admins,OU=Groups']);
    expect(await groupsOf(program, honest('X-Authenticated-Groups: a,,b,a, ,'))).toEqual([
      'a',
      'b',
    ]);
  });

  for (const groups of ['{"admins":true}', '"admins"', '[["admins"]]', '[1]', '[null]', '[', 'x']) {
    it(`are refused with 400 as JSON that is no list of names: ${groups}`, async () => {
      const json = await reading({ groups: { name: 'X-Authenticated-Groups', format: 'json' } });

      expect(await attempt(json, honest(`X-Authenticated-Groups: ${groups}`))).toEqual(
        refused(400, 'header_value'),
      );
    });
  }
});

describe('placeholders (T18, UP-5)', () => {
  for (const value of [
    '(null)',
    '-',
    'null',
    'NULL',
    'none',
    'None',
    'undefined',
    'anonymous',
    'Anonymous',
    'unknown',
    '{http.reverse_proxy.header.X-Auth-Request-User}',
    '{http.request.header.Remote-User}',
    '$remote_user',
    `\${user}`,
    '%{REMOTE_USER}e',
  ]) {
    it(`refuses ${value} as a subject with 400`, async () => {
      expect(await attempt(program, proven(user(value)))).toEqual(refused(400, 'placeholder'));
    });
  }

  it('refuses one as email or groups, and the sign-in with it', async () => {
    expect(await attempt(program, honest('X-Authenticated-Email: (null)'))).toEqual(
      refused(400, 'placeholder'),
    );
    expect(await attempt(program, honest('X-Authenticated-Groups: (null)'))).toEqual(
      refused(400, 'placeholder'),
    );
  });

  it('takes a name that merely contains one', async () => {
    for (const name of ['nullius', 'anonymous.coward', 'a-b', 'none-of-them']) {
      expect(await attempt(program, proven(user(name)))).toEqual({ ...SIGNED_IN, subject: name });
    }
  });
});
