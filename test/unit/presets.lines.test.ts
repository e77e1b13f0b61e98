import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { showPreset } from '../../internal/app/presets/show.ts';
import { resolveUpstream } from '../../internal/app/upstream-options.ts';
import { readConfig } from '../../internal/config/checks/checks.ts';
import type { Config } from '../../internal/config/config.ts';
import { buildTable } from '../../internal/http/routes.ts';
import { PRESET_NAMES, type PresetName } from '../../internal/protocol/presets.ts';
import { listHeaders } from '../../internal/upstream/options.ts';
import { PRESETS } from '../../internal/upstream/presets/table.ts';

const ISSUER = 'https://login.corp.example/sso';

function toConfig(tree: object): Config {
  const { config, problems } = readConfig(tree, { mode: 'serve', exposed: false });
  expect(problems).toEqual([]);
  return config;
}

const SECRET = { header: 'X-Proof', files: ['/etc/proof'] };
const TCP = { public: { host: '10.1.2.3', port: 7777 }, browser: { host: '10.1.2.3', port: 7778 } };
const SOCKETS = { public: { host: '::1', port: 7777 }, browser: { socket: '/run/x/browser.sock' } };

/** Everything that a proxy has to repeat, each with a value that no default has. */
function configure(preset: PresetName, listen: object = TCP): Config {
  const { example, source } = PRESETS[preset];
  const trust =
    preset === 'k8s-front-proxy'
      ? { ...Object(example.trust), secret: SECRET }
      : {
          secret: SECRET,
          ...('socket' in Object(Object(listen)['browser'])
            ? { unix_socket: true }
            : { peers: ['10.9.0.0/24'] }),
        };
  const headers = {
    subject: { name: 'X-Who' },
    email: { name: 'X-Mail' },
    groups: { name: 'X-Teams', format: 'csv' },
  };
  return toConfig({
    issuer: ISSUER,
    listen:
      preset === 'k8s-front-proxy'
        ? { ...TCP, ...Object(example.listen), browser: undefined }
        : listen,
    upstream: {
      preset,
      trust,
      ...(source.kind === 'headers'
        ? { headers }
        : {
            assertion: {
              ...Object(example.assertion),
              header: 'X-Signed',
            },
          }),
    },
  });
}

/** `*.md` and comments aside: what the proxy acts on. */
const effective = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n');

const PROXIES = PRESET_NAMES.flatMap((preset) =>
  Object.keys(PRESETS[preset].lines).map((proxy) => ({ preset, proxy })),
);
/** They have a configuration of their own; the others are told what to do. */
const FILES = PROXIES.filter(({ proxy }) =>
  ['nginx', 'apache', 'haproxy', 'caddy', 'traefik', 'envoy', 'oauth2-proxy', 'istio'].includes(
    proxy,
  ),
);
const ofProxy = (name: string) => FILES.filter(({ proxy }) => proxy === name);

function namesOf(config: Config): readonly string[] {
  const { options } = resolveUpstream(config.upstream, {
    secrets: () => [],
    assertionKeys: () => '',
    trustsLoopback: false,
  });
  return options.headers === undefined
    ? [options.assertion.header]
    : listHeaders(options.headers).map(({ field }) => field.name);
}

/** Undefined where a proxy cannot be set up like this, and says so. */
function linesOf(preset: PresetName, proxy: string, config: Config): string | undefined {
  try {
    return showPreset({ preset, proxy }, config).proxy;
  } catch (error) {
    expect(String(error)).toMatch(/offered for|https on port 443|adds no header/);
    return undefined;
  }
}

const spelt = (proxy: string, name: string): string => {
  if (proxy === 'haproxy') return name.toLowerCase().replaceAll('-', '[^a-z0-9]');
  return proxy === 'envoy' ? name.toLowerCase() : name;
};

describe('the lines of a proxy', () => {
  it('are there for every preset', () => {
    expect(PROXIES.length).toBeGreaterThanOrEqual(25);
    expect(FILES.length).toBeGreaterThanOrEqual(19);
    for (const name of PRESET_NAMES) {
      expect(showPreset({ preset: name }, undefined).proxy.length).toBeGreaterThan(200);
    }
  });

  for (const { preset, proxy } of FILES) {
    it(`${preset} with ${proxy}: name every header, the secret, the listeners and the paths of the configuration`, () => {
      const config = configure(preset);
      const shown = linesOf(preset, proxy, config);
      if (shown === undefined) return;
      const text = effective(shown);

      for (const name of [...namesOf(config), 'X-Proof'])
        expect(text).toContain(spelt(proxy, name));
      expect(text).toMatch(/7777/);
      expect(text).toMatch(/7778/);
      expect(shown).toContain('login.corp.example');
      for (const [at, { endpoint }] of buildTable(ISSUER, 'browser')) {
        if (endpoint === 'choose' || proxy === 'oauth2-proxy') continue;
        expect(text).toContain(at.slice(1));
      }
      // What only the default configuration says.
      expect(text).not.toMatch(
        /X-Authenticated|X-Auth-Request-User"|8880|sso\.example\.com|X-Asteroid-Upstream-Secret/,
      );
    });
  }

  for (const { preset, proxy } of FILES.filter(
    ({ proxy: name }) => !['traefik', 'istio'].includes(name),
  )) {
    it(`${preset} with ${proxy}: reach a Unix socket, for the browser alone`, () => {
      const text = linesOf(preset, proxy, configure(preset, SOCKETS));
      if (text === undefined) return;

      expect(text).toContain('/run/x/browser.sock');
      expect(text).toMatch(/\[?::1\]?:7777|address: "::1", port_value: 7777/);
    });
  }

  it('say where a proxy cannot reach a Unix socket', () => {
    const config = configure('traefik-forwardauth', SOCKETS);

    expect(() => showPreset({ preset: 'traefik-forwardauth' }, config)).toThrow(
      'traefik-forwardauth: Traefik cannot connect to a Unix socket; let listen have a host and a port',
    );
    expect(() => showPreset({ preset: 'istio-jwt' }, configure('istio-jwt', SOCKETS))).toThrow(
      /connects to ports/,
    );
  });

  it('never hold the secret itself, but the name of its file or of a variable', () => {
    for (const { preset, proxy } of PROXIES) {
      const text = linesOf(preset, proxy, configure(preset));

      expect(text ?? '/etc/proof').toMatch(
        /\/etc\/proof|ASTEROID_UPSTREAM_SECRET|mtls|certificate/,
      );
    }
  });

  it('leave the secret out where there is none', () => {
    const config = toConfig({
      issuer: 'https://login.example',
      listen: { public: { socket: '/run/x/a.sock' } },
      upstream: { preset: 'nginx-auth-request', trust: { unix_socket: true } },
    });
    for (const proxy of ['nginx', 'apache', 'haproxy', 'caddy']) {
      expect(showPreset({ preset: 'nginx-auth-request', proxy }, config).proxy).not.toMatch(
        /secret/i,
      );
    }
  });
});

/** Text between the first line that matches and the end of its block. */
const block = (text: string, start: RegExp): string => {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => start.test(line));
  expect(first).toBeGreaterThanOrEqual(0);
  const margin = /^ */.exec(lines[first] ?? '')?.[0].length ?? 0;
  const rest = lines.slice(first + 1);
  const end = rest.findIndex(
    (line) => line.trim() !== '' && (/^ */.exec(line)?.[0].length ?? 0) <= margin,
  );
  return rest.slice(0, end < 0 ? undefined : end).join('\n');
};

describe('lines in YAML', () => {
  const inYaml = PROXIES.filter(({ proxy }) =>
    ['traefik', 'envoy', 'oauth2-proxy', 'istio', 'pomerium', 'cloudflare', 'teleport'].includes(
      proxy,
    ),
  );
  for (const { preset, proxy } of inYaml) {
    it(`${preset} with ${proxy}: are YAML, and say nothing twice`, () => {
      for (const config of [undefined, configure(preset)]) {
        const documents = parseAllDocuments(showPreset({ preset, proxy }, config).proxy);

        expect(documents.length).toBeGreaterThan(0);
        for (const document of documents) {
          expect([...document.errors, ...document.warnings]).toEqual([]);
          expect(typeof document.toJS()).toBe('object');
        }
      }
    });
  }
});

describe('the lines of nginx', () => {
  for (const { preset } of ofProxy('nginx')) {
    it(`${preset}: set or clear every header in every location (T15), kill Connection (T07), know no near paths (T14)`, () => {
      const config = { ...configure(preset), issuer: 'https://sso.example' };
      const { proxy: text } = showPreset({ preset, proxy: 'nginx' }, config);
      const exact = block(text, /location ~ \^/);
      const open = block(text, /location \/ \{/);

      for (const name of [...namesOf(config), 'X-Proof']) {
        expect(exact).toMatch(new RegExp(`proxy_set_header ${name} [$"]`));
        expect(open).toContain(`proxy_set_header ${name} "";`);
      }
      for (const location of [exact, open])
        expect(location).toContain('proxy_set_header Connection "";');
      expect(text).toContain('location ~ ^/(?:authorize|consent');
      expect(text).toMatch(/location ~ [^ ]*\\z \{/);
      expect(text).toMatch(/location ~\* [^ ]+ \{ return 404; \}/);
      expect(text).toContain('underscores_in_headers off;');
      expect(text).toContain('ignore_invalid_headers on;');
    });
  }

  it('match exact paths alone, and near ones apart from longer names', () => {
    const { proxy: text } = showPreset({ preset: 'nginx-auth-request' }, undefined);
    const [, exact = ''] = /location ~ (\S+) \{/.exec(text) ?? [];
    const [, near = ''] = /location ~\* (\S+) \{/.exec(text) ?? [];
    const isExact = new RegExp(exact.replace('\\z', '$(?![\\s\\S])'));
    const isNear = new RegExp(near, 'i');

    expect(['/authorize', '/consent'].every((at) => isExact.test(at))).toBe(true);
    for (const at of [
      '/authorize/',
      '/Authorize',
      '/authorize;x',
      '/authorize ',
      '/authorize\n',
      '/authorize#',
    ]) {
      expect([at, isExact.test(at), isNear.test(at)]).toEqual([at, false, true]);
    }
    for (const at of ['/authorizer', '/authorize_x', '/consent-page', '/token', '/x/authorize']) {
      expect([at, isExact.test(at), isNear.test(at)]).toEqual([at, false, false]);
    }
  });

  it('hand requests of nobody to Asteroid where it knows a login_url, without any identity', () => {
    const { proxy: text } = showPreset({ preset: 'nginx-auth-request' }, undefined);
    const nobody = block(text, /location @asteroid_nobody/);

    expect(text).toContain('error_page 401 = @asteroid_nobody;');
    expect(nobody).toContain('proxy_set_header X-Authenticated-User "";');
    expect(nobody).toContain('proxy_set_header X-Authenticated-Groups "";');
    expect(nobody).toContain('proxy_set_header X-Asteroid-Upstream-Secret $asteroid_secret;');
  });

  it('send them to the auth service themselves where it does not', () => {
    expect(showPreset({ preset: 'custom' }, undefined).proxy).toContain(
      'location @asteroid_sign_in {',
    );
    expect(showPreset({ preset: 'authelia' }, undefined).proxy).toContain(
      'error_page 401 =302 $asteroid_sign_in;',
    );
  });

  it('tell the auth service where the request is for, whatever the client says of it', () => {
    for (const preset of [
      'nginx-auth-request',
      'authelia',
      'authentik',
      'authentik-headers',
    ] as const) {
      const check = block(showPreset({ preset, proxy: 'nginx' }, undefined).proxy, /location = /);

      for (const name of [
        'Host',
        'X-Forwarded-For',
        'X-Forwarded-Host',
        'X-Forwarded-Proto',
        'X-Forwarded-Uri',
      ]) {
        expect(check).toMatch(new RegExp(`proxy_set_header ${name} \\$`));
      }
    }
  });

  it('show a certificate to an Asteroid that asks for one', () => {
    const config = toConfig({
      issuer: 'https://sso.example',
      listen: { public: { port: 8443, tls: { cert_file: '/c', key_file: '/k' } } },
      upstream: {
        preset: 'nginx-auth-request',
        trust: { secret: SECRET, mtls: { ca_file: '/ca', dns_sans: ['proxy.example'] } },
      },
    });
    const exact = block(
      showPreset({ preset: 'nginx-auth-request' }, config).proxy,
      /location ~ \^/,
    );

    expect(exact).toContain('proxy_ssl_certificate ');
    expect(exact).toContain('proxy_pass https://asteroid;');
  });
});

const SIGN_OUT = ['/end_session', '/sign_out'];

describe('the lines of other proxies', () => {
  it('Apache removes everything early and sets the subject by expr=', () => {
    const { proxy: text } = showPreset({ preset: 'custom', proxy: 'apache' }, undefined);

    for (const name of [
      'X-Authenticated-User',
      'X-Authenticated-Email',
      'X-Authenticated-Name',
      'X-Authenticated-Groups',
      'X-Asteroid-Upstream-Secret',
    ]) {
      expect(text).toContain(`RequestHeader unset ${name} early`);
    }
    expect(text).toContain('RequestHeader set X-Authenticated-User "expr=%{REMOTE_USER}"');
    expect(text).not.toMatch(/RequestHeader (?:add|append|merge)/);
    // The End-User's password is for the proxy; a client's, at /token, is for Asteroid.
    expect(block(text, /<LocationMatch/)).toContain('RequestHeader unset Authorization');
    expect(text.slice(text.lastIndexOf('</LocationMatch>'))).not.toContain('Authorization');
    expect(text).toContain('nocanon');
  });

  it('HAProxy deletes every spelling before it sets anything', () => {
    const { proxy: text } = showPreset({ preset: 'custom', proxy: 'haproxy' }, undefined);

    expect(text.indexOf('set-header')).toBeGreaterThan(text.lastIndexOf('-m reg'));
    expect(text).toContain("del-header '^x[^a-z0-9]authenticated[^a-z0-9]groups$' -m reg");
    expect(text).toContain('http-request del-header Connection');
    expect(text).not.toContain('add-header');
    expect(text).toContain('http-request del-header Authorization if asteroid_browser');
    expect(text).toContain('http-request return status 404 if asteroid_nearly !asteroid_browser');
  });

  for (const { preset } of ofProxy('caddy')) {
    it(`Caddy deletes first and keeps that order: ${preset}`, () => {
      const { proxy: text } = showPreset({ preset, proxy: 'caddy' }, undefined);
      const deleted = text.indexOf('request_header -Connection');

      expect(text.indexOf('route {')).toBeLessThan(deleted);
      expect(deleted).toBeLessThan(text.indexOf('forward_auth'));
      expect(text).toContain('request_header -X-Asteroid-Upstream-Secret');
      expect(text).toContain('request_header -X_Asteroid_Upstream_Secret');
      expect(text).toContain('request_header -X.Asteroid.Upstream.Secret');
    });
  }

  it('Caddy takes away the placeholder that it writes for what nobody said (T18)', () => {
    const { proxy: text } = showPreset({ preset: 'custom', proxy: 'caddy' }, undefined);
    const [, name, pattern = ''] = /@asteroid_unsaid_0 header_regexp (\S+) (\S+)/.exec(text) ?? [];

    expect(text).toContain(`request_header @asteroid_unsaid_0 -${name}`);
    expect(new RegExp(pattern).test('{http.reverse_proxy.header.X-Auth-Request-User}')).toBe(true);
    expect(new RegExp(pattern).test('alice')).toBe(false);
  });

  it('take an answer under its own name where the operator reads exactly that', () => {
    const config = toConfig({
      issuer: 'https://sso.example',
      upstream: {
        preset: 'authentik-headers',
        trust: { secret: SECRET, peers: ['10.9.0.0/24'] },
        headers: { subject: { name: 'X-Authentik-Username' } },
      },
    });

    expect(showPreset({ preset: 'authentik-headers', proxy: 'nginx' }, config).proxy).toContain(
      '$upstream_http_x_authentik_username;',
    );
  });

  it('Caddy renames what the auth service calls differently, and keeps what it does not', () => {
    const copied = (preset: PresetName) =>
      /copy_headers (.*)/.exec(showPreset({ preset, proxy: 'caddy' }, undefined).proxy)?.[1];

    expect(copied('custom')).toBe(
      'X-Auth-Request-User>X-Authenticated-User X-Auth-Request-Email>X-Authenticated-Email X-Auth-Request-Groups>X-Authenticated-Groups',
    );
    expect(copied('authelia')).toBe('Remote-User Remote-Email Remote-Name Remote-Groups');
    expect(copied('authentik')).toBe('X-Authentik-Jwt');
  });

  it('Traefik clears, asks, and only then adds the secret', () => {
    const { proxy: text } = showPreset({ preset: 'traefik-forwardauth' }, undefined);

    expect(text).toContain('middlewares: [asteroid-scrub, asteroid-auth, asteroid-secret]');
    expect(text).toContain('middlewares: [asteroid-scrub]');
    const scrub = block(text, /asteroid-scrub:/);
    expect(scrub).toContain('X-Auth-Request-Groups: ""');
    expect(scrub).toContain('X-Asteroid-Upstream-Secret: ""');
  });

  it('Envoy clears before it asks, refuses underscores, and leaves the open paths unasked', () => {
    const { proxy: text } = showPreset({ preset: 'envoy-ext-authz' }, undefined);

    expect(text.indexOf('remove: x-asteroid-upstream-secret')).toBeLessThan(
      text.indexOf('filters.http.ext_authz\n'),
    );
    expect(text).toContain('headers_with_underscores_action: REJECT_REQUEST');
    expect(text).toContain('failure_mode_allow: false');
    expect(text).toContain('append_action: OVERWRITE_IF_EXISTS_OR_ADD');
    expect(text.match(/disabled: true/g)).toHaveLength(2);
    expect(block(text, /match: \{ path: "\/authorize" \}/)).not.toContain('disabled');
  });

  it('oauth2-proxy opens the paths of clients, and those to sign out, and no other', () => {
    const { proxy: text } = showPreset({ preset: 'oauth2-proxy' }, undefined);
    const opened = [...text.matchAll(/--skip-auth-route='([^']+)'/g)].map(
      ([, pattern = '']) => new RegExp(pattern),
    );
    // Who verifies no tokens asks elsewhere than at the edge, and nobody registers where that is off.
    const back = [...buildTable('https://sso.example.com', 'back').keys()].filter(
      (at) => at !== '/check' && !at.startsWith('/register'),
    );

    expect(back).toEqual(expect.arrayContaining(['/par', '/token', '/introspect']));
    expect(opened).toHaveLength(back.length + SIGN_OUT.length);
    for (const at of SIGN_OUT) expect(opened.some((pattern) => pattern.test(at))).toBe(true);
    for (const at of back) expect(opened.some((pattern) => pattern.test(at))).toBe(true);
    for (const at of [
      '/authorize',
      '/consent',
      '/token/x',
      '/x/token',
      '/jwksxjson',
      '/check',
      '/register',
    ]) {
      expect(opened.some((pattern) => pattern.test(at))).toBe(false);
    }
  });

  it('oauth2-proxy opens registration, and what is below it, where that is on', () => {
    const { registration } = toConfig({
      registration: { open: true },
      upstream: { trust: { secret: SECRET } },
    });
    const config = { ...configure('oauth2-proxy'), registration };
    const { proxy: text } = showPreset({ preset: 'oauth2-proxy' }, config);

    expect(text).toContain("--skip-auth-route='^/sso/register(/[A-Za-z0-9._~-]+)?$'");
    for (const path of ['/sso/register', '/sso/register/']) {
      expect(text).toContain(`{ id: "${path}", path: "${path}", uri: "http://10.1.2.3:7777" }`);
    }
  });

  it('oauth2-proxy sends the paths of clients to the open listener, and all else to the other', () => {
    const { proxy: text } = showPreset({ preset: 'oauth2-proxy' }, configure('oauth2-proxy'));

    expect(text).toContain('{ id: asteroid, path: /, uri: "http://10.1.2.3:7778" }');
    expect(text).toContain('{ id: "/sso/token", path: "/sso/token", uri: "http://10.1.2.3:7777" }');
  });

  it('oauth2-proxy injects by what a header carries, whatever it is called', () => {
    const { proxy: text } = showPreset({ preset: 'oauth2-proxy' }, configure('oauth2-proxy'));
    const injected = [...text.matchAll(/name: (\S+), values: \[\{ claimSource: \{ claim: (\S+) /g)];

    expect(injected.map(([, name, claim]) => [name, claim])).toEqual([
      ['X-Who', 'user'],
      ['X-Mail', 'email'],
      ['X-Forwarded-Preferred-Username', 'preferred_username'],
      ['X-Teams', 'groups'],
    ]);
  });

  it('oauth2-proxy signs in where its ID Token is verified', () => {
    const { proxy: text } = showPreset(
      { preset: 'oauth2-proxy-id-token' },
      configure('oauth2-proxy-id-token'),
    );

    expect(text).toContain('{ name: X-Signed, values: [{ claimSource: { claim: id_token } }] }');
    expect(text).toContain('clientID: "asteroid-proxy"');
    expect(text).toContain('issuerURL: "https://idp.example.com"');
  });

  it('Istio checks the same JWT by the same keys, and never removes what clients authenticate by', () => {
    const { proxy: text } = showPreset({ preset: 'istio-jwt' }, undefined);

    expect(text).toContain('jwksUri: "https://idp.example.com/jwks"');
    expect(text).toContain('forwardOriginalToken: true');
    expect(text).toContain('remove: [X-Asteroid-Upstream-Secret]');
  });

  it('Tailscale Serve is let in by a socket, and nginx says Host in its place', () => {
    const { proxy: text } = showPreset({ preset: 'tailscale-serve' }, undefined);

    expect(text).toContain('listen unix:/run/asteroid-serve/nginx.sock;');
    expect(text).toContain('set $asteroid_host "sso.example.com";');
    expect(text).not.toContain('$http_host');
    const http = toConfig({
      issuer: 'http://localhost:8080',
      upstream: { preset: 'tailscale-serve', trust: { secret: SECRET } },
    });
    expect(() => showPreset({ preset: 'tailscale-serve' }, http)).toThrow(/https on port 443/);
  });
});
