import { describe, expect, it } from 'vitest';
import { showPreset } from '../../internal/app/presets/show.ts';
import { readConfig } from '../../internal/config/checks/checks.ts';
import type { PresetName } from '../../internal/protocol/presets.ts';

const show = (preset: PresetName, proxy: string, tree?: object): string => {
  if (tree === undefined) return showPreset({ preset, proxy }, undefined).proxy;
  const { config, problems } = readConfig(tree, { mode: 'serve', exposed: false });
  expect(problems).toEqual([]);
  return showPreset({ preset, proxy }, config).proxy;
};

const TRUST = { unix_socket: true };

const at = (issuer: string, listen: object = { public: { socket: '/run/a.sock' } }): object => ({
  issuer,
  listen,
  upstream: { preset: 'custom', trust: TRUST },
});

/** From the line with `start` to the first of its own margin, which is included. */
function blockOf(text: string, start: string): string {
  const lines = text.slice(text.indexOf(start)).split('\n');
  const before = text.slice(0, text.indexOf(start));
  const margin = before.slice(before.lastIndexOf('\n') + 1);
  const end = lines.findIndex((line, index) => index > 0 && new RegExp(`^${margin}\\S`).test(line));
  return lines.slice(0, end + 1).join('\n');
}

describe('lines for whoever signs out and is nobody', () => {
  it('nginx: the auth service asks who signs in, and lets through who signs out', () => {
    const text = show('custom', 'nginx');
    const signIn = blockOf(text, 'location ~ ^/(?:authorize|consent|account|device|review)\\z {');
    const signOut = blockOf(text, 'location ~ ^/(?:end_session|sign_out)\\z {');

    expect(signIn).toContain('error_page 401 = @asteroid_sign_in;');
    expect(signOut).toContain('error_page 401 = @asteroid_nobody;');
    for (const location of [signIn, signOut]) {
      expect(location).toContain('auth_request /oauth2/auth;');
      expect(location).toContain('proxy_set_header X-Asteroid-Upstream-Secret $asteroid_secret;');
    }
    const nobody = blockOf(text, 'location @asteroid_nobody {');
    expect(nobody).toContain('proxy_set_header X-Authenticated-User "";');
    expect(nobody).toContain('proxy_set_header X-Asteroid-Upstream-Secret $asteroid_secret;');
    expect(text).toMatch(
      /location ~\* \^\/\(\?:authorize\|consent\|account\|device\|review\|end_session\|sign_out\)/,
    );
  });

  it('nginx: one location is enough where Asteroid sends people to sign in', () => {
    const text = show('nginx-auth-request', 'nginx');

    expect(text.match(/location ~ /g)).toHaveLength(1);
    expect(text).not.toContain('@asteroid_sign_in');
  });

  it('Apache: a password counts where there is one, and none is asked for', () => {
    const text = show('custom', 'apache');
    const signIn = blockOf(
      text,
      '<LocationMatch "^(?:/authorize|/consent|/account|/device|/review)\\z">',
    );
    const signOut = blockOf(text, '<LocationMatch "^(?:/end_session|/sign_out)\\z">');
    const known = blockOf(signOut, `<If "-n req_novary('Authorization')">`);

    for (const lines of [signIn, known]) {
      expect(lines).toContain('Require valid-user');
      expect(lines).toContain('RequestHeader set X-Authenticated-User "expr=%{REMOTE_USER}"');
    }
    const rest = signOut.replace(known, '');
    expect(rest).not.toMatch(/Require|REMOTE_USER/);
    for (const lines of [signIn, rest]) {
      expect(lines).toContain('RequestHeader unset Authorization');
      expect(lines).toContain('RequestHeader set X-Asteroid-Upstream-Secret');
    }
  });

  it('HAProxy: only a password that was checked names somebody', () => {
    const text = show('custom', 'haproxy');

    expect(text).toContain('acl asteroid_sign_out path /end_session /sign_out\n');
    expect(text).toContain('acl asteroid_known http_auth(asteroid)\n');
    expect(text).toContain('if asteroid_browser !asteroid_sign_out !asteroid_known\n');
    expect(text).toContain(
      'set-header X-Authenticated-User %[http_auth_user] if asteroid_browser asteroid_known\n',
    );
    expect(text).toMatch(/set-header X-Asteroid-Upstream-Secret \S+ if asteroid_browser\n/);
  });

  it('Caddy: asks for a plain no where it can, and takes a redirect for one where it cannot', () => {
    for (const [preset, uri, status] of [
      ['custom', '/oauth2/auth?', '401'],
      ['authelia', '/api/authz/forward-auth?', '3xx 401'],
    ] as const) {
      const text = show(preset, 'caddy');
      const signIn = blockOf(text, 'handle @asteroid_browser {');
      const signOut = blockOf(text, 'handle @asteroid_sign_out {');

      expect(text).toContain('@asteroid_sign_out path_regexp ^(?:/end_session|/sign_out)$\n');
      expect(signIn).not.toContain('@asteroid_nobody');
      expect(signOut).toContain(`uri ${uri}\n`);
      expect(signOut).toContain(`@asteroid_nobody status ${status}\n`);
      expect(signOut.match(/header_up X-Asteroid-Upstream-Secret/g)).toHaveLength(2);
    }
    expect(show('custom', 'caddy')).toContain('uri /?\n');
    expect(show('nginx-auth-request', 'caddy')).not.toContain('asteroid_sign_out');
  });

  it('follow the path of the issuer', () => {
    for (const proxy of ['nginx', 'apache', 'haproxy', 'caddy']) {
      expect(show('custom', proxy, at('https://sso.example/a.b'))).toMatch(
        /\/?a\\?\.b\/end_session/,
      );
    }
  });
});

describe('lines for the host of the issuer (T13)', () => {
  const patternIn = (text: string): RegExp => {
    const [, pattern = ''] = /["'!](\^[a-z][^"']*\$)["']/.exec(text) ?? [];
    return new RegExp(pattern, 'i');
  };

  for (const [proxy, line] of [
    ['nginx', /if \(\$http_host !~\* "\S+"\) \{ return 421; \}/],
    ['apache', /RewriteCond %\{HTTP_HOST\} "!\S+" \[NC\]\n\s*RewriteRule \^ - \[R=421,L\]/],
    ['haproxy', /http-request return status 421 unless \{ req.hdr\(host\) -m reg -i '\S+' \}/],
  ] as const) {
    it(`${proxy} refuses every other, and takes the usual port with it`, () => {
      const [shown = ''] = line.exec(show('custom', proxy, at('https://sso.example'))) ?? [];
      const host = patternIn(shown);

      for (const own of ['sso.example', 'SSO.example', 'sso.example:443'])
        expect([own, host.test(own)]).toEqual([own, true]);
      for (const other of [
        'ssoxexample',
        'sso.example.evil.test',
        'evil.test',
        'x.sso.example',
        'sso.example:80',
        'sso.example:8443',
        '',
      ]) {
        expect([other, host.test(other)]).toEqual([other, false]);
      }
    });

    it(`${proxy} wants the port where the issuer has one`, () => {
      const [shown = ''] = line.exec(show('custom', proxy, at('https://sso.example:8443'))) ?? [];
      const host = patternIn(shown);

      expect(host.test('sso.example:8443')).toBe(true);
      expect(host.test('sso.example')).toBe(false);
      expect(host.test('sso.example:8443:443')).toBe(false);
    });
  }
});

describe('what Apache passes on', () => {
  it('keeps nothing of Connection but close (T07)', () => {
    const edits = [
      ...show('custom', 'apache').matchAll(
        /RequestHeader edit Connection "\(\?i\)(.*)" (\S+) early/g,
      ),
    ];
    const pass = (value: string): string =>
      edits.reduce(
        (text, [, pattern = '', to = '']) =>
          text.replace(new RegExp(pattern, 'i'), to.replaceAll('"', '')),
        value,
      );

    expect(edits).toHaveLength(2);
    for (const [sent, kept] of [
      ['close', 'close'],
      ['Close', 'close'],
      ['close, X-Authenticated-User', 'close'],
      ['x-authenticated-user,close', 'close'],
      ['X-Authenticated-User', ''],
      ['keep-alive', ''],
      ['closed', ''],
      ['', ''],
    ]) {
      expect([sent, pass(sent ?? '')]).toEqual([sent, kept]);
    }
  });

  it('goes by its path to the listener of whoever has an identity, once and not twice', () => {
    const tree = at('https://sso.example', {
      public: { host: '10.1.2.3', port: 7777 },
      browser: { socket: '/run/b.sock' },
    });
    const text = show('custom', 'apache', tree);
    const [, pattern = '', target] = /ProxyPassMatch "(\S+)" "(\S+)"/.exec(text) ?? [];
    const isBrowser = new RegExp(pattern.replace('\\z', '$(?![\\s\\S])'));

    expect(target).toBe('unix:/run/b.sock|http://asteroid$1');
    expect(isBrowser.exec('/authorize')?.[1]).toBe('/authorize');
    for (const near of ['/authorize/', '/token', '/x/authorize', '/authorize\n'])
      expect([near, isBrowser.test(near)]).toEqual([near, false]);
    expect(text.indexOf('ProxyPassMatch')).toBeLessThan(text.indexOf('ProxyPass "/"'));
  });
});
