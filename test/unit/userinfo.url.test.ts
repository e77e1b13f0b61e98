import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toSubject } from '../../internal/protocol/ids.ts';
import { parseSubjectUrl } from '../../internal/userinfo/subject-url.ts';

const PATH = 'https://people.test/v1/users/{sub}/claims';
const QUERY = 'https://people.test/find?active=1&id={sub}&x=2';

describe('userinfo http: the URL of a subject (RFC 3986 §2)', () => {
  for (const { sub, named } of [
    { sub: 'alice', named: 'alice' },
    { sub: 'a/../admin', named: 'a%2F..%2Fadmin' },
    { sub: '../admin', named: '..%2Fadmin' },
    { sub: 'a?b#c', named: 'a%3Fb%23c' },
    { sub: '%2e%2e', named: '%252e%252e' },
    { sub: 'a\\b', named: 'a%5Cb' },
    { sub: "o'brien (x)*!", named: 'o%27brien%20%28x%29%2A%21' },
    { sub: 'zoë', named: 'zo%C3%AB' },
    { sub: '$&', named: '%24%26' },
    { sub: '{sub}', named: '%7Bsub%7D' },
  ]) {
    it(`names ${sub} in a path and in a query without changing either`, () => {
      const subject = toSubject(sub);

      expect(parseSubjectUrl(PATH)(subject)).toBe(`https://people.test/v1/users/${named}/claims`);
      expect(parseSubjectUrl(QUERY)(subject)).toBe(
        `https://people.test/find?active=1&id=${named}&x=2`,
      );
    });
  }

  for (const sub of ['.', '..', '', '\ud800']) {
    it(`has no path for ${JSON.stringify(sub)}, which would name something else`, () => {
      expect(parseSubjectUrl(PATH)(toSubject(sub))).toBeUndefined();
    });
  }

  it('names a subject of dots where that is safe: in a query and inside a segment', () => {
    const subject = toSubject('..');

    expect(parseSubjectUrl(QUERY)(subject)).toBe('https://people.test/find?active=1&id=..&x=2');
    expect(parseSubjectUrl('https://p.test/u-{sub}')(subject)).toBe('https://p.test/u-..');
  });

  it('never leaves its place in the path, whatever the subject', () => {
    const toUrl = parseSubjectUrl(PATH);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (sub) => {
        const text = toUrl(toSubject(sub));
        if (text === undefined) return sub === '' || sub === '.' || sub === '..';
        const { origin, pathname, search, hash } = new URL(text);
        const [, v1, users, named = '', claims, ...more] = pathname.split('/');
        expect([origin, v1, users, claims, more, search, hash]).toEqual([
          'https://people.test',
          'v1',
          'users',
          'claims',
          [],
          '',
          '',
        ]);
        return decodeURIComponent(named) === sub;
      }),
    );
  });

  for (const { template, problem } of [
    { template: 'people/{sub}', problem: 'is not a URL' },
    { template: 'file:///people/{sub}', problem: 'is not http or https' },
    { template: 'https://u:p@people.test/{sub}', problem: 'has credentials in it' },
    { template: 'https://people.test/x#{sub}', problem: 'has a fragment' },
    { template: 'https://people.test/users', problem: 'needs {sub}' },
    { template: 'https://{sub}.test/users', problem: 'needs {sub}' },
    { template: 'https://{sub}.test/{sub}', problem: 'needs {sub}' },
  ]) {
    it(`refuses the template ${template}: ${problem}`, () => {
      expect(() => parseSubjectUrl(template)).toThrow(problem);
    });
  }
});
