import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../support/free-port.ts';
import { type DoctorNginx, LINES, serverOf, startDoctorNginx } from './doctor-nginx.ts';
import { runDoctor, writeCookie } from './doctor-run.ts';
import { cookieOf, startAuthService, startNginx } from './nginx.ts';
import { CLIENTS } from './relying-party.ts';
import { type Asteroid, cleanUp, startAsteroid, UPSTREAM_SECRET } from './rig.ts';

type Result = {
  readonly id: string;
  readonly signed_in: boolean;
  readonly outcome: string;
  readonly believed: boolean;
  readonly header?: string;
  readonly hole?: string;
  readonly refused?: string;
  readonly line?: string;
};

const BOB = cookieOf('bob');

describe('asteroid doctor through nginx (O2)', () => {
  let listen = 0;
  let direct = 0;
  let auth = 0;
  let asteroid: Asteroid;
  let cookieFile = '';

  beforeAll(async () => {
    [listen = 0, direct = 0] = await findFreePorts(2);
    auth = await startAuthService();
    asteroid = await startAsteroid({ issuer: `http://127.0.0.1:${listen}`, clients: CLIENTS });
    cookieFile = writeCookie(BOB);
  });
  afterAll(cleanUp);

  const run = (args: readonly string[], port = listen) =>
    runDoctor(`http://127.0.0.1:${port}`, asteroid.admin, args);

  /** With what `asteroid preset show` prints. */
  const startGenerated = () => startNginx({ listen, auth, asteroid });

  type Lines = Pick<DoctorNginx, 'server' | 'anyHost'>;

  /** What the doctor says about this nginx, as somebody without groups. @param lines undefined: the generated ones. */
  async function examine(lines?: Lines) {
    const running =
      lines === undefined
        ? await startGenerated()
        : await startDoctorNginx({ listen, auth, asteroid: asteroid.port, ...lines });
    const { code, stdout, stderr } = await run(['--cookie-file', cookieFile, '--json']);
    await running.stop();
    if (stdout === '') throw new Error(stderr);
    const { results, warnings }: { results: readonly Result[]; warnings: readonly string[] } =
      JSON.parse(stdout);
    const reached = results.filter(({ outcome }) => outcome === 'reached');
    return { code, text: stdout, results, warnings, reached };
  }

  it('finds nothing behind the lines that are generated', async () => {
    const { code, reached, warnings, results } = await examine();

    expect(reached).toEqual([]);
    expect(warnings).toEqual([]);
    expect(code).toBe(0);
    expect(results.filter(({ outcome }) => outcome === 'altered').length).toBeGreaterThan(10);
  });

  it('finds nothing without a session either, and says that it had none', async () => {
    const nginx = await startGenerated();
    const { code, stdout } = await run([]);
    await nginx.stop();

    expect(code).toBe(0);
    expect(stdout).toContain('without a session');
    expect(stdout).toContain(' 0 reached the issuer');
  });

  type Case = {
    readonly name: string;
    readonly nginx: Lines;
    /** Attempts that have to be among those that got through; the first part of an id will do. */
    readonly reached: readonly string[];
    readonly believed?: true;
    /** Part of a line to add. */
    readonly line: string;
  };

  const { HTTP, SET, CLEAR } = LINES;
  const without = (text: string, name: string): string =>
    text
      .split('\n')
      .filter((line) => !line.includes(name))
      .join('\n');

  const CASES: readonly Case[] = [
    {
      name: 'underscores_in_headers on',
      nginx: { server: serverOf({ first: 'underscores_in_headers on;' }) },
      reached: ['T06-underscore-subject', 'T06-underscore-secret-open'],
      line: 'underscores_in_headers off;',
    },
    {
      name: 'ignore_invalid_headers off',
      nginx: { server: serverOf({ first: 'ignore_invalid_headers off;' }) },
      reached: ['T06-dot-subject', 'T06-tilde-groups'],
      line: 'ignore_invalid_headers on;',
    },
    {
      name: 'an open location that removes nothing',
      nginx: { server: serverOf({ clear: '' }) },
      reached: [
        'T27-token-post',
        'T27-userinfo-get',
        'T01-own-email-open',
        'T02-guess-open',
        'T14-case',
      ],
      line: 'proxy_set_header X-Authenticated-User ""',
    },
    {
      name: 'an identity location that authenticates and sets nothing but the secret',
      nginx: {
        server: serverOf({ set: 'proxy_set_header X-Asteroid-Upstream-Secret $asteroid_secret;' }),
      },
      reached: ['T01-own-subject', 'T05-twice-subject', 'T08-email-only', 'T09-nbsp', 'T18-caddy'],
      believed: true,
      line: 'proxy_set_header X-Authenticated-User ""',
    },
    {
      name: 'an identity location that asks nobody who they are',
      nginx: {
        server: serverOf({
          authenticated: '',
          set: 'proxy_set_header X-Asteroid-Upstream-Secret $asteroid_secret;',
        }),
      },
      reached: ['T01-authorize-get-authorize', 'T01-consent-post-consent', 'T32-ping'],
      believed: true,
      line: 'proxy_set_header X-Authenticated-User ""',
    },
    {
      name: 'a groups header that is not set',
      nginx: { server: serverOf({ set: without(SET, 'Groups') }) },
      reached: ['T15-own-groups'],
      believed: true,
      line: 'proxy_set_header X-Authenticated-Groups ""',
    },
    {
      name: 'a secret header that is not set',
      nginx: {
        server: serverOf({
          last: `location = /.well-known/openid-configuration { ${without(CLEAR, 'Secret')} ${HTTP} ${LINES.PASS} }`,
        }),
      },
      reached: ['T02-guess-open', 'T02-twice-open'],
      line: 'proxy_set_header X-Asteroid-Upstream-Secret ""',
    },
    {
      name: 'a Connection that is passed on',
      nginx: {
        server: serverOf({
          http: HTTP.replace('Connection "";', 'Connection $http_connection;'),
        }),
      },
      reached: ['T07-exact-subject', 'T07-lower-groups', 'T07-exact-secret-open'],
      line: 'proxy_set_header Connection "";',
    },
    {
      name: 'a server for every Host',
      nginx: { server: serverOf(), anyHost: true },
      reached: ['T13-foreign'],
      line: 'default_server',
    },
    {
      name: 'a Host out of X-Forwarded-Host',
      nginx: {
        server: serverOf({
          http: HTTP.replace('Host $http_host', 'Host $forwarded_host'),
          first:
            'set $forwarded_host $http_host; if ($http_x_forwarded_host) { set $forwarded_host $http_x_forwarded_host; }',
        }),
      },
      reached: ['T13-forwarded-host'],
      line: 'default_server',
    },
    {
      name: 'an exact location beside an open one that removes nothing',
      nginx: { server: serverOf({ where: '= /authorize', clear: '' }) },
      reached: ['T14-slash-authorize', 'T14-encoded-slash-authorize', 'T14-semicolon-authorize'],
      line: 'location ~* ^/authorize { return 404; }',
    },
    {
      name: 'a location that asks nobody, for User-Agents of probes',
      nginx: {
        server: serverOf({
          first: 'if ($http_user_agent ~ kube-probe) { rewrite ^/authorize$ /probe; }',
          last: `location = /probe { internal; rewrite ^ /authorize break; ${HTTP}
            proxy_set_header X-Asteroid-Upstream-Secret $asteroid_secret; ${LINES.PASS} }`,
        }),
      },
      reached: ['T32-kube-probe'],
      believed: true,
      line: 'proxy_set_header X-Authenticated-User ""',
    },
    {
      name: 'an End-User whom it names for strangers',
      nginx: {
        server: serverOf({
          authenticated: 'set $user guest; set $email ""; set $groups "";',
        }),
      },
      reached: ['T08-nobody'],
      believed: true,
      line: 'auth_request',
    },
    {
      name: 'a placeholder for strangers',
      nginx: {
        server: serverOf({ authenticated: 'set $user (null); set $email ""; set $groups "";' }),
      },
      reached: ['T08-nobody'],
      line: 'auth_request',
    },
  ];

  for (const { name, nginx, reached: expected, believed, line } of CASES) {
    it(`names what ${name} lets through, and what to add`, async () => {
      const { code, reached, text } = await examine(nginx);

      const ids = reached.map(({ id }) => id);
      for (const start of expected) {
        expect(
          ids.some((id) => id.startsWith(start)),
          `${start} of ${ids}`,
        ).toBe(true);
      }
      expect(code).toBe(1);
      expect(reached.some((result) => result.believed)).toBe(believed === true);
      expect(reached.some((result) => result.line?.includes(line))).toBe(true);
      for (const secret of [BOB, UPSTREAM_SECRET]) expect(text).not.toContain(secret);
    });
  }

  it('names a port that goes around the proxy: what the issuer refuses there has reached it', async () => {
    const nginx = await startGenerated();

    const { code, stdout } = await run(['--json'], asteroid.port);
    const accepted = await run(['--accept-refused'], asteroid.port);
    await nginx.stop();

    const { results }: { results: readonly Result[] } = JSON.parse(stdout);
    const forged = results.find(({ id }) => id === 'T01-own-subject');
    expect(forged).toMatchObject({
      outcome: 'reached',
      believed: false,
      refused: 'upstream_secret',
    });
    expect(code).toBe(1);
    expect(accepted.code).toBe(0);
    expect(accepted.stdout).toContain('the issuer refuses it (upstream_secret)');
  });

  it('names a second port whose proxy vouches for everybody', async () => {
    const server = `location / { ${HTTP.replace('$http_host', `127.0.0.1:${listen}`)}
      proxy_set_header X-Asteroid-Upstream-Secret ${'$asteroid_secret'}; ${LINES.PASS} }`;
    const nginx = await startDoctorNginx({
      listen: direct,
      auth,
      asteroid: asteroid.port,
      server,
      anyHost: true,
    });

    const { code, stdout } = await run(['--accept-refused'], direct);
    await nginx.stop();

    expect(code).toBe(1);
    expect(stdout).toMatch(/REACHED {2}T01-own-subject .* the issuer BELIEVES it/);
  });

  it('says that it cannot tell when nothing reaches the issuer, and exits 2', async () => {
    const { code, stdout, stderr } = await run([], auth);

    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('no honest request reached this issuer');
  });

  it('says that it cannot tell when the cookie is no session, and exits 2', async () => {
    const nginx = await startGenerated();

    const { code, stderr } = await run(['--cookie-file', writeCookie('session=expired')]);
    await nginx.stop();

    expect(code).toBe(2);
    expect(stderr).toContain('the cookie is no session');
    expect(stderr).not.toContain('expired');
  });

  it('says that it cannot tell when the issuer does not see whose session it is', async () => {
    const { code, text } = await examine({
      server: serverOf({
        set: `proxy_set_header X-Authenticated-User ""; ${CLEAR.replace(/.*Secret.*/, SET.split('\n').at(-1) ?? '')}`,
      }),
    });

    expect(code).toBe(2);
    expect(JSON.parse(text).doubt).toContain('nobody is named');
  });

  it('leaves nothing on: a second run finds the issuer free', async () => {
    const nginx = await startGenerated();

    const codes = [(await run([])).code, (await run([])).code];
    await nginx.stop();

    expect(codes).toEqual([0, 0]);
  });
});
