import { describe, expect, it } from 'vitest';
import { findRemedy, type Hole, PROXIES } from '../../internal/admin/remedies.ts';

const PLACE = { header: 'X-Authenticated-User', host: 'sso.example', path: '/authorize' };

const HOLES: readonly Hole[] = [
  'header',
  'alias',
  'connection',
  'host',
  'path',
  'smuggling',
  'upgrade',
  'stranger',
];

describe('remedies (O2)', () => {
  for (const proxy of PROXIES) {
    it(`have something to write for every hole of ${proxy}, each its own`, () => {
      const lines = HOLES.map((hole) => findRemedy(hole, proxy, PLACE));

      for (const line of lines) expect(line).not.toMatch(/^$|undefined/);
      expect(lines[0]?.toLowerCase()).toContain('x-authenticated-user');
      expect(lines[4]).toContain('/authorize');
    });
  }

  const CASES: readonly (readonly [Hole, (typeof PROXIES)[number], string])[] = [
    ['header', 'apache', 'RequestHeader unset X-Authenticated-User early'],
    ['header', 'caddy', 'request_header -X-Authenticated-User'],
    ['header', 'envoy', 'request_headers_to_remove: [x-authenticated-user]'],
    ['alias', 'haproxy', 'http-request del-header ^x[^a-z0-9]authenticated[^a-z0-9]user$ -m reg'],
    ['alias', 'caddy', 'request_header -X_Authenticated_User'],
    ['host', 'haproxy', 'http-request deny deny_status 421 unless { hdr(host) -i sso.example }'],
    ['host', 'traefik', 'rule: Host(`sso.example`)'],
    ['connection', 'apache', 'RequestHeader edit Connection "(?i)^(?!close$).*$" "" early'],
  ];
  for (const [hole, proxy, line] of CASES) {
    it(`of ${proxy} against ${hole} is: ${line}`, () => {
      expect(findRemedy(hole, proxy, PLACE)).toBe(line);
    });
  }
});
