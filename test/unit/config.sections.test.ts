import { describe, expect, it } from 'vitest';
import { readConfig } from '../../internal/config/checks/checks.ts';
import { type Finding, printPath } from '../../internal/config/finding.ts';
import { RESERVED_CLAIMS } from '../../internal/protocol/claims.ts';

const TRUST = { secret: { files: ['s'] } };
const SERVE = { mode: 'serve', exposed: false } as const;

const print = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ path, problem }) => `${printPath(path)}: ${problem}`);

const problemsOf = (tree: object, circumstances: Parameters<typeof readConfig>[1] = SERVE) =>
  print(readConfig({ upstream: { trust: TRUST }, ...tree }, circumstances).problems);

const headerProblems = (headers: object) => problemsOf({ upstream: { trust: TRUST, headers } });

describe('the issuer identifier (OIDC Discovery §3, DI-1)', () => {
  for (const { issuer, problem } of [
    { issuer: 'https://sso.example/?a', problem: 'has a query; remove it' },
    { issuer: 'https://sso.example/#', problem: 'has a fragment; remove it' },
    {
      issuer: 'https://me:pw@sso.example',
      problem: 'has user information in it; remove all up to the @',
    },
    { issuer: 'https://sso.example:443', problem: 'names the default port; leave out :443' },
    { issuer: 'http://localhost:80', problem: 'names the default port; leave out :80' },
    {
      issuer: 'https://SSO.example',
      problem: 'has capital letters in scheme or host; write them small',
    },
    {
      issuer: 'HTTPS://sso.example',
      problem: 'has capital letters in scheme or host; write them small',
    },
    {
      issuer: 'sso.example',
      problem: 'has to be an https URL; write it as https://sso.example.com',
    },
    {
      issuer: 'ftp://sso.example',
      problem: 'has to be an https URL; write it as https://sso.example.com',
    },
    { issuer: '', problem: 'has to be an https URL; write it as https://sso.example.com' },
    {
      issuer: 'https://sso.example:0',
      problem: 'is not a URL of scheme, host, port and path; write it as https://sso.example.com',
    },
    {
      issuer: 'https://127.1',
      problem: 'has a host that is written in an unusual form; use its plain form',
    },
    {
      issuer: 'https://sso.example/a/../b',
      problem:
        'has a path with empty or dot segments, or characters other than letters, digits and - . _ ~',
    },
    {
      issuer: 'https://sso.example//a',
      problem:
        'has a path with empty or dot segments, or characters other than letters, digits and - . _ ~',
    },
    {
      issuer: 'https://sso.example/%61',
      problem:
        'has a path with empty or dot segments, or characters other than letters, digits and - . _ ~',
    },
    {
      issuer: 'http://sso.example',
      problem:
        'is http:// and not on loopback; use https://, or set policy.allow_http_issuer: true',
    },
    {
      issuer: 'http://127.0.0.1.example',
      problem:
        'is http:// and not on loopback; use https://, or set policy.allow_http_issuer: true',
    },
  ]) {
    it(`refuses ${JSON.stringify(issuer)}`, () => {
      expect(problemsOf({ issuer })).toEqual([`issuer: ${problem}`]);
    });
  }

  for (const issuer of [
    'https://sso.example',
    'https://sso.example/',
    'https://sso.example:8443/realm/a',
    'http://localhost:8880',
    'http://127.0.0.1:8880',
    'http://[::1]:8880',
  ]) {
    it(`keeps ${issuer} byte for byte`, () => {
      expect(problemsOf({ issuer })).toEqual([]);
      expect(readConfig({ issuer }, SERVE).config.issuer).toBe(issuer);
    });
  }

  it('accepts http:// beyond loopback when told so', () => {
    const issuer = 'http://sso.example';

    expect(problemsOf({ issuer })).toHaveLength(1);
    expect(problemsOf({ issuer, policy: { allow_http_issuer: true } })).toEqual([]);
  });
});

describe('an issuer for development', () => {
  const inDev = (issuer: string, exposed: boolean) =>
    problemsOf({ issuer }, { mode: 'dev', exposed });

  for (const host of [
    'localhost:8880',
    '127.0.0.1:8880',
    '127.8.8.8',
    '[::1]:8880',
    'sso.localhost',
    'sso.test:8443',
  ]) {
    it(`may be ${host}`, () => {
      expect(inDev(`http://${host}`, false)).toEqual([]);
      expect(inDev(`https://${host}`, true)).toEqual([]);
    });
  }

  for (const host of [
    'asteroid:8880',
    '192.168.1.2:8880',
    '0.0.0.0:8880',
    '[fd00::1]:8880',
    'host.docker.internal',
    'laptop.local',
  ]) {
    it(`may be ${host} where it is exposed, and nowhere else`, () => {
      expect(inDev(`http://${host}`, true)).toEqual([]);
      expect(inDev(`http://${host}`, false)).toEqual([
        'issuer: is not of this machine, and dev lets anybody sign in as anybody; use localhost, or a name below .localhost or .test',
      ]);
    });
  }

  for (const host of [
    'sso.example',
    'sso.example.com',
    'localhost.example.com',
    'test.example',
    '127.0.0.1.example',
    'local.xn--p1ai',
  ]) {
    it(`is never ${host}`, () => {
      expect(inDev(`https://${host}`, false)).toHaveLength(1);
      expect(inDev(`https://${host}`, true)).toEqual([
        'issuer: is a name that the internet may know, and dev lets anybody sign in as anybody; use an address, a name without a dot, or one below .localhost, .test, .local or .internal',
      ]);
    });
  }
});

describe('identity headers (UP-14)', () => {
  for (const name of [
    'Host',
    'Cookie',
    'Authorization',
    'Connection',
    'Content-Length',
    'Transfer-Encoding',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'x-forwarded-proto',
    'Forwarded',
  ]) {
    it(`may not be ${name}`, () => {
      expect(headerProblems({ subject: { name } })).toEqual([
        'upstream.headers.subject.name: names a header that anybody may set or that proxies change; use one of its own, such as X-Authenticated-User',
      ]);
    });
  }

  it('may be those of oauth2-proxy', () => {
    const subject = { name: 'X-Forwarded-User' };

    expect(headerProblems({ subject, email: { name: 'X-Forwarded-Email' } })).toEqual([]);
  });

  it('may not be a list for the subject, nor have names that proxies drop', () => {
    expect(headerProblems({ subject: { name: ['A', 'B'] } })).toEqual([
      'upstream.headers.subject.name: has to be one text, not a list',
    ]);
    expect(headerProblems({ subject: { name: 'X_User' } })).toEqual([
      'upstream.headers.subject.name: is not a header name of letters, digits and single hyphens',
    ]);
  });

  for (const { name, headers, problem } of [
    {
      name: 'twice',
      headers: { subject: { name: 'X-User' }, email: { name: 'X-User' } },
      problem:
        'upstream.headers.email.name: is the header of upstream.headers.subject.name too, as far as some programs can tell; use another',
    },
    {
      name: 'in two spellings',
      headers: { subject: { name: 'X-User' }, groups: { name: 'x-user' } },
      problem:
        'upstream.headers.groups.name: is the header of upstream.headers.subject.name too, as far as some programs can tell; use another',
    },
    {
      name: 'for the secret too',
      headers: { subject: { name: 'x-asteroid-upstream-secret' } },
      problem:
        'upstream.headers.subject.name: is the header of upstream.trust.secret.header too, as far as some programs can tell; use another',
    },
    {
      name: 'for a claim and its proof',
      headers: { email: { name: 'X-Mail', verified: { header: 'X-Mail' } } },
      problem:
        'upstream.headers.email.verified.header: is the header of upstream.headers.email.name too, as far as some programs can tell; use another',
    },
    {
      name: 'for an extra claim',
      headers: { subject: { name: 'X-User' }, extra: { team: { name: 'X-USER' } } },
      problem:
        'upstream.headers.extra.team.name: is the header of upstream.headers.subject.name too, as far as some programs can tell; use another',
    },
  ]) {
    it(`may not be named ${name}`, () => {
      expect(headerProblems(headers)).toEqual([problem]);
    });
  }

  it('may not set a claim that is ours alone (UP-11)', () => {
    for (const claim of RESERVED_CLAIMS) {
      if (claim === '__proto__') continue;
      expect(headerProblems({ extra: { [claim]: { name: 'X-A' } } })).toEqual([
        `upstream.headers.extra.${claim}: is a claim that only Asteroid may set; use another name`,
      ]);
    }
    expect(headerProblems({ extra: { department: { name: 'X-A' } } })).toEqual([]);
  });

  it('may only be required when something carries them', () => {
    expect(headerProblems({ required: ['subject', 'gruops'] })).toEqual([
      'upstream.headers.required[1]: is not a known key; did you mean groups?',
    ]);
    expect(
      headerProblems({ required: ['groups', 'team'], extra: { team: { name: 'X-A' } } }),
    ).toEqual([]);
  });

  it('may be null, which keeps a preset from reading them', () => {
    const { config } = readConfig({ upstream: { headers: { groups: null } } }, SERVE);

    expect(config.upstream.headers.groups).toBeNull();
  });

  it('have an encoding that is declared and never guessed', () => {
    expect(headerProblems({ subject: { encoding: 'auto' } })).toEqual([
      'upstream.headers.subject.encoding: has to be one of ascii, utf-8, latin1, percent, rfc2047, base64url',
    ]);
  });

  it('have patterns that are regular expressions', () => {
    for (const pattern of ['[a-z', 'a)|(?:b']) {
      expect(headerProblems({ subject: { pattern } })).toEqual([
        'upstream.headers.subject.pattern: is not a regular expression as JavaScript has them with the u flag',
      ]);
    }
  });
});

describe('listeners', () => {
  it('are TCP or a socket, not both and not neither', () => {
    expect(problemsOf({ listen: { public: { socket: 'a', port: 1 } } })).toEqual([
      'listen.public.port: cannot be combined with socket; remove one of the two',
    ]);
    expect(problemsOf({ listen: { health: { host: '0.0.0.0' } } })).toEqual([
      'listen.health.port: is missing; give a port, or a socket',
    ]);
  });

  it('do not share an address', () => {
    expect(problemsOf({ listen: { public: { port: 1 }, admin: { port: 1 } } })).toEqual([
      'listen.admin.port: is that of listen.public too; choose another',
    ]);
    expect(problemsOf({ listen: { public: { port: 0 }, admin: { port: 0 } } })).toEqual([]);
  });

  it('have permission bits in quotes', () => {
    expect(problemsOf({ listen: { public: { socket: 'a', mode: 660 } } })).toEqual([
      'listen.public.mode: has to be permission bits in quotes, as in "0660"',
    ]);
  });

  it('stay on loopback in dev unless that is really meant', () => {
    const tree = { listen: { public: { host: '0.0.0.0' } } };

    expect(problemsOf(tree, { mode: 'dev', exposed: false })).toEqual([
      'listen.public.host: is not loopback, and dev lets anybody sign in as anybody; set ASTEROID_DEV_EXPOSE=1 if you mean it',
    ]);
    expect(problemsOf(tree, { mode: 'dev', exposed: true })).toEqual([]);
    expect(problemsOf(tree)).toEqual([]);
  });
});

describe('where End-Users are sent', () => {
  const to = (key: string, url: string) => problemsOf({ upstream: { trust: TRUST, [key]: url } });
  const toSlot = (name: string): string => `$`.concat(`{${name}}`);
  const slot = toSlot('url');
  const more = ['max_age', 'acr_values', 'login_hint'].map(toSlot).join(', ');

  for (const { name, url, problem } of [
    {
      name: 'without a way back',
      url: 'https://a.example/',
      problem: `needs ${slot} where the return address belongs`,
    },
    {
      name: 'with another slot',
      url: '/in?rd=$'.concat('{uri}'),
      problem: `may contain only ${slot}`,
    },
    { name: 'over plain http', url: `http://a.example/?rd=${slot}`, problem: 'has to be https' },
    {
      name: 'with a script',
      url: `javascript:${slot}`,
      problem: 'has to be an https URL, or a path that begins with one slash',
    },
    {
      name: 'to any host',
      url: `//a.example/?rd=${slot}`,
      problem: 'has to be an https URL, or a path that begins with one slash',
    },
    {
      name: 'with user information',
      url: `https://a@b.example/?rd=${slot}`,
      problem: 'has user information in it; remove all up to the @',
    },
    {
      name: 'to a host that a value could choose',
      url: `https://a.example${slot}/`,
      problem: 'has a placeholder in its host',
    },
  ]) {
    it(`is not ${name}`, () => {
      expect(to('login_url', url)).toEqual([`upstream.login_url: ${problem}`]);
      expect(to('reauthenticate_url', url)).toEqual([
        `upstream.reauthenticate_url: ${problem.startsWith('may contain') ? `${problem}, ${more}` : problem}`,
      ]);
    });
  }

  for (const key of ['login_url', 'reauthenticate_url']) {
    it(`is a path at the issuer, or an https URL: ${key}`, () => {
      expect(to(key, `/oauth2/start?rd=${slot}`)).toEqual([]);
      expect(to(key, `https://login.example/start/${slot}`)).toEqual([]);
      expect(to(key, `https://login.example/#/start?rd=${slot}`)).toEqual([]);
    });
  }

  it('takes what the client wants only where the End-User signs in anew', () => {
    const wanted = ['max_age', 'acr_values', 'login_hint'].map(toSlot);
    const url = `/start?rd=${slot}&w=${wanted.join('&w=')}`;

    expect(to('reauthenticate_url', url)).toEqual([]);
    expect(to('reauthenticate_url', `/start?w=${wanted.join('&w=')}`)).toEqual([
      `upstream.reauthenticate_url: needs ${slot} where the return address belongs`,
    ]);
    expect(to('reauthenticate_url', `${url}&${toSlot('prompt')}`)).toEqual([
      `upstream.reauthenticate_url: may contain only ${[slot, ...wanted].join(', ')}`,
    ]);
    expect(
      to('reauthenticate_url', `https://a.example${toSlot('login_hint')}/?rd=${slot}`),
    ).toEqual(['upstream.reauthenticate_url: has a placeholder in its host']);
    expect(to('login_url', url)).toEqual([`upstream.login_url: may contain only ${slot}`]);
  });

  const urlProblems = (urls: object) => problemsOf({ upstream: { trust: TRUST, ...urls } });
  const put = (name: string) => `\${${name}}`;

  it('may be null, which keeps a preset from saying it', () => {
    const urls = { login_url: null, logout_url: null, reauthenticate_url: null };

    expect(urlProblems(urls)).toEqual([]);
  });

  it('to sign out may come back, and need not', () => {
    expect(urlProblems({ logout_url: '/oauth2/sign_out' })).toEqual([]);
    const back = `https://out.example/?rd=${put('post_logout_redirect_uri')}`;
    expect(urlProblems({ logout_url: back })).toEqual([]);
    expect(
      urlProblems({ logout_url: `https://a.example${put('post_logout_redirect_uri')}/` }),
    ).toEqual(['upstream.logout_url: has a placeholder in its host']);
    expect(urlProblems({ logout_url: `/out?rd=${put('url')}` })).toEqual([
      `upstream.logout_url: may contain only ${put('post_logout_redirect_uri')}`,
    ]);
    expect(urlProblems({ logout_url: 'http://out.example/' })).toEqual([
      'upstream.logout_url: has to be https',
    ]);
  });

  it('to sign in again has to come back, and may hand on what was asked for', () => {
    const asked = ['url', 'max_age', 'acr_values', 'login_hint'].map(
      (name) => `${name}=${put(name)}`,
    );

    expect(urlProblems({ reauthenticate_url: `/again?${asked.join('&')}` })).toEqual([]);
    expect(urlProblems({ reauthenticate_url: `/again?m=${put('max_age')}` })).toEqual([
      `upstream.reauthenticate_url: needs ${put('url')} where the return address belongs`,
    ]);
    expect(urlProblems({ reauthenticate_url: `/again?${put('url')}${put('prompt')}` })).toEqual([
      `upstream.reauthenticate_url: may contain only ${['url', 'max_age', 'acr_values', 'login_hint'].map(put).join(', ')}`,
    ]);
  });
});

describe('where a sign-out goes on', () => {
  const logoutUrl = (logout_url: string) => problemsOf({ upstream: { trust: TRUST, logout_url } });
  const slot = '$'.concat('{post_logout_redirect_uri}');

  it('is a path at the issuer, or an https URL, with or without a way back', () => {
    for (const url of [`/oauth2/sign_out?rd=${slot}`, 'https://idp.example/out', '/out']) {
      expect(logoutUrl(url)).toEqual([]);
    }
  });

  it('is nothing that could lead astray', () => {
    const odd = ['//a.example', 'javascript:x', 'http://a.example/', 'https://u@a.example/', 'out'];
    for (const url of [...odd, `/out?rd=${'$'.concat('{url}')}`]) {
      expect(logoutUrl(url)).toEqual([expect.stringMatching(/^upstream\.logout_url: /)]);
    }
  });
});

describe('what Asteroid may ask of clients', () => {
  const allow = (...allow_private: readonly string[]) =>
    problemsOf({ upstream: { trust: TRUST }, outbound: { allow_private } });

  it('is at public addresses, and in the ranges that are listed', () => {
    expect(readConfig({}, SERVE).config.outbound).toEqual({ allow_private: [] });
    expect(allow('10.20.0.0/16', '127.0.0.1', 'fd00::/64')).toEqual([]);
  });

  it('is in no range that is none', () => {
    for (const range of ['10.0.0.0/33', 'localhost', '10.0.0', '', '*']) {
      expect(allow(range)).toEqual([expect.stringMatching(/^outbound\.allow_private\[0\]: /)]);
    }
  });
});

describe('userinfo backends', () => {
  const backendProblems = (backend: object) => problemsOf({ userinfo: { backends: [backend] } });

  for (const { name, backend, problem } of [
    {
      name: 'of an unknown type',
      backend: { type: 'kerberos' },
      problem: 'type: has to be one of yaml, headers, http, ldap, sql, scim, store',
    },
    {
      name: 'without a file',
      backend: { type: 'yaml' },
      problem: 'file: is missing; it has to be text',
    },
    {
      name: 'without a place for the subject',
      backend: { type: 'http', url: 'https://u.example/' },
      problem:
        'url: needs {sub} in its path or query; write it as https://users.example.com/v1/{sub}',
    },
    {
      name: 'with the subject in the host',
      backend: { type: 'http', url: 'https://{sub}.example/' },
      problem:
        'url: may not have {sub} in its host; write it as https://users.example.com/v1/{sub}',
    },
    {
      name: 'with two credentials',
      backend: {
        type: 'http',
        url: 'https://u.example/{sub}',
        bearer_file: 'b',
        basic: { username: 'u', password_file: 'p' },
      },
      problem: 'basic: cannot be combined with bearer_file; remove one of the two',
    },
    {
      name: 'with the key of another type',
      backend: { type: 'headers', file: 'x' },
      problem: 'file: is not a known key; known here: type',
    },
  ]) {
    it(`are not accepted ${name}`, () => {
      expect(backendProblems(backend)).toEqual([`userinfo.backends[0].${problem}`]);
    });
  }

  it('warn of credentials over plain http', () => {
    const backends = [{ type: 'http', url: 'http://u.example/{sub}', bearer_file: 'b' }];
    const { problems, warnings } = readConfig(
      { upstream: { trust: TRUST }, userinfo: { backends } },
      SERVE,
    );

    expect(problems).toEqual([]);
    expect(print(warnings)).toEqual([
      'userinfo.backends[0].url: sends credentials over plain http; use https',
    ]);
  });
});

describe('keys and lifetimes', () => {
  it('publish a key at least as long ahead as the JWKS may be cached', () => {
    expect(
      problemsOf({ keys: { publish_ahead: '5m' }, policy: { metadata_max_age: '1h' } }),
    ).toEqual(['keys.publish_ahead: is shorter than policy.metadata_max_age; make it 1h or more']);
  });

  it('rotate less often than they publish ahead', () => {
    expect(problemsOf({ keys: { publish_ahead: '2h', rotate_every: '1h' } })).toEqual([
      'keys.rotate_every: has to be longer than keys.publish_ahead',
    ]);
  });

  it('end refresh tokens no sooner than they slide', () => {
    expect(problemsOf({ lifetimes: { refresh_token_max: '1d' } })).toEqual([
      'lifetimes.refresh_token_max: is shorter than refresh_token; make it as long at least',
    ]);
  });

  it('have the defaults of the design', () => {
    expect(readConfig({}, SERVE).config.lifetimes).toEqual({
      authorization_code: 300,
      device_code: 600,
      access_token: 3600,
      id_token: 3600,
      refresh_token: 30 * 86_400,
      refresh_token_max: 90 * 86_400,
      session_refresh_token: 8 * 3600,
      refresh_token_grace: 10,
      pushed_request: 90,
      session: 86_400,
    });
  });
});
