import { describe, expect, it } from 'vitest';
import { createHeaderUpstream } from '../../internal/upstream/headers.ts';
import type { HeaderOptions, PlainOptions } from '../../internal/upstream/options.ts';
import { findOptionProblems } from '../../internal/upstream/problems.ts';
import { HEADERS, OPTIONS } from './upstream.fixture.ts';

const problemsOf = (options: Partial<PlainOptions>) =>
  findOptionProblems({ ...OPTIONS, ...options });

describe('upstream options: trust (UP-1, T04)', () => {
  it('has nothing to say against an honest configuration', () => {
    expect(findOptionProblems(OPTIONS)).toEqual([]);
    expect(problemsOf({ trust: { unixSocket: true } })).toEqual([]);
    expect(problemsOf({ trust: { peers: ['10.42.7.3', '10.0.0.0/8', '2001:db8::/32'] } })).toEqual(
      [],
    );
    expect(problemsOf({ trust: { peers: ['::1/128', '2001:db8:1:2:3:4:5:6/128'] } })).toEqual([]);
    expect(problemsOf({ trust: { peers: ['64:ff9b::192.0.2.0/120'] } })).toEqual([]);
  });

  it('refuses to trust nothing in particular', () => {
    for (const trust of [{}, { peers: [] }, { unixSocket: false }]) {
      expect(problemsOf({ trust })).toEqual([
        'upstream.trust: name peers, a secret, unix_socket or mtls; nothing is trusted',
      ]);
      expect(() => createHeaderUpstream({ ...OPTIONS, trust })).toThrow('nothing is trusted');
    }
  });

  const BAD = [
    '0.0.0.0/0',
    '::/0',
    '*',
    '',
    'proxy.internal',
    '10.42.7.0/24/8',
    '010.42.7.0/24',
    '10.42.7/24',
    'fe80::%eth0/64',
    '10.42.7.0/',
    '10.42.7.0/33',
    '10.42.7.0/24 ',
    '10.42.7.0/024',
    '2001:db8::/129',
  ];
  for (const cidr of BAD) {
    it(`refuses the network "${cidr}"`, () => {
      expect(problemsOf({ trust: { peers: ['10.42.7.0/24', cidr] } })).toEqual([
        `upstream.trust.peers: ${cidr} is not a network like 10.42.7.0/24`,
      ]);
    });
  }

  it('refuses mtls that any certificate of the CA would pass', () => {
    expect(problemsOf({ trust: { mtls: { dnsSans: [], uriSans: [] } } })).toEqual([
      'upstream.trust.mtls: name the proxy in dns_sans or uri_sans',
    ]);
    expect(problemsOf({ trust: { mtls: { dnsSans: ['proxy.example'], uriSans: [] } } })).toEqual(
      [],
    );
  });
});

describe('upstream options: header names (UP-14)', () => {
  const withHeaders = (headers: Partial<HeaderOptions>) =>
    problemsOf({ headers: { ...HEADERS, ...headers } });

  const UNUSABLE = [
    'Host',
    'Authorization',
    'Cookie',
    'Connection',
    'Content-Length',
    'Transfer-Encoding',
    'X-Forwarded-For',
    'x-forwarded-host',
    'X_Forwarded_Proto',
    'X-Forwarded-Users',
    'Forwarded',
    'X-Real-IP',
    'X-Original-URL',
    'Sec-Fetch-User',
    'Proxy-Authorization',
  ];
  for (const name of UNUSABLE) {
    it(`refuses ${name} as a header of identity`, () => {
      expect(withHeaders({ subject: { name } })).toEqual([
        `upstream.headers.subject: ${name} cannot carry an identity`,
      ]);
    });
  }

  it('takes the identity headers that proxies write', () => {
    const names = ['X-Forwarded-User', 'X-Auth-Request-User', 'Remote-User', 'X-Remote-User'];
    for (const name of names) {
      expect(withHeaders({ subject: { name } })).toEqual([]);
    }
  });

  it('refuses what is no header name', () => {
    for (const name of ['', 'X User', 'X-User:', 'Zoë', 'X-User\n']) {
      expect(withHeaders({ subject: { name } })).toEqual([
        'upstream.headers.subject: has to name its header',
      ]);
    }
  });

  it('refuses one header for two things, and two names that are one to others', () => {
    expect(withHeaders({ email: { name: 'X-Authenticated-User' } })).toEqual([
      'upstream.headers.email: X-Authenticated-User is the header of upstream.headers.subject too',
    ]);
    expect(withHeaders({ email: { name: 'x_authenticated.user' } })).toHaveLength(1);
    expect(withHeaders({ acr: { name: 'X-Asteroid-Upstream-Secret' } })).toHaveLength(1);
    expect(
      withHeaders({
        email: { name: 'X-Authenticated-Email', verified: { header: 'X-Authenticated-Groups' } },
      }),
    ).toHaveLength(1);
  });
});

describe('upstream options: claims, patterns and subjects (UP-11)', () => {
  const RESERVED = ['iss', 'sub', 'aud', 'exp', 'acr', 'sid', 'scope', 'cnf', '__proto__'];
  for (const claim of [...RESERVED, 'constructor', 'email', 'groups', 'email_verified', '']) {
    it(`refuses a header that would set the claim "${claim}"`, () => {
      const extra = Object.fromEntries([[claim, { name: 'X-Extra' }]]);

      expect(problemsOf({ headers: { ...HEADERS, extra } })).toEqual([
        `upstream.headers.extra: the claim ${claim} cannot be set here`,
      ]);
    });
  }

  it('takes a claim that nobody owns', () => {
    const extra = { department: { name: 'X-Department' } };

    expect(problemsOf({ headers: { ...HEADERS, extra }, required: ['department'] })).toEqual([]);
  });

  it('refuses a pattern that is no regular expression', () => {
    expect(problemsOf({ headers: { subject: { name: 'X-User', pattern: '[' } } })).toEqual([
      'upstream.headers.subject: pattern is not a regular expression as JavaScript has them with the u flag',
    ]);
  });

  it('refuses to require what no header carries', () => {
    expect(
      problemsOf({ headers: { subject: { name: 'X-User' } }, required: ['subject', 'groups'] }),
    ).toEqual(['upstream.required: no header carries groups']);
  });

  it('refuses a subject that could be written in two ways', () => {
    expect(problemsOf({ headers: { subject: { name: 'X-User', encoding: 'rfc2047' } } })).toEqual([
      'upstream.headers.subject: encoding rfc2047 is for display claims',
    ]);
  });

  it('refuses a namespace and a domain that cannot be in a subject', () => {
    for (const namespace of ['corp ', 'a,b', 'ö:']) {
      expect(problemsOf({ subject: { namespace } })).toHaveLength(1);
    }
    for (const stripDomain of ['', '@corp.example', 'a b']) {
      expect(problemsOf({ subject: { transform: { stripDomain } } })).toHaveLength(1);
    }
    expect(
      problemsOf({ subject: { namespace: 'corp:', transform: { stripDomain: 'corp.example' } } }),
    ).toEqual([]);
  });

  it('says every problem at once', () => {
    const problems = problemsOf({
      trust: { peers: ['*', '0.0.0.0/0'] },
      headers: { subject: { name: 'Host' } },
      required: ['email'],
    });

    expect(problems).toHaveLength(4);
    expect(() =>
      createHeaderUpstream({ ...OPTIONS, headers: { subject: { name: 'Host' } } }),
    ).toThrow('Host cannot carry an identity');
  });
});
