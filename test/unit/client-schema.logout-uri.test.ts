import { describe, expect, it } from 'vitest';
import { readClients } from '../../internal/config/clients.ts';
import { SECRET, TERMS } from './loader.fixture.ts';

const problemsOf = (different: object): readonly string[] =>
  readClients(
    {
      clients: [
        {
          client_id: 'a',
          client_secret: SECRET,
          redirect_uris: ['https://a.example:8443/cb', 'http://localhost:3000/cb'],
          ...different,
        },
      ],
    },
    TERMS,
  ).problems.map(({ path, problem }) => `${path.at(-1)}: ${problem}`);

const back = (uri: string, more: object = {}) =>
  problemsOf({ backchannel_logout_uri: uri, ...more });
const front = (uri: string, more: object = {}) =>
  problemsOf({ frontchannel_logout_uri: uri, ...more });

const ELSEWHERE =
  'frontchannel_logout_uri: is at another scheme, host or port than every redirect URI; move it to one of those';

describe('backchannel_logout_uri (Back-Channel Logout §2.2; LO-5)', () => {
  for (const uri of [
    'https://a.example/back',
    'https://elsewhere.internal:9443/back?a=b',
    'http://localhost:3000/back',
    'http://127.0.0.1/back',
  ]) {
    it(`may be ${uri}`, () => {
      expect(back(uri)).toEqual([]);
    });
  }

  for (const [uri, problem] of [
    ['http://a.internal/back', /is plain http beyond this machine/],
    ['https://a.example/back#x', /has a fragment/],
    ['https://user@a.example/back', /has user information/],
    ['com.example.app:/back', /private-use scheme/],
    ['javascript:alert(1)', /has the scheme javascript/],
    ['file:///etc/passwd', /has the scheme file/],
    ['/back', /is not an absolute URI/],
  ] as const) {
    it(`may not be ${uri}`, () => {
      expect(back(uri)).toEqual([expect.stringMatching(problem)]);
      expect(back(uri, { application_type: 'native' })).not.toEqual([]);
    });
  }

  it('may be plain http where redirect URIs may', () => {
    expect(back('http://a.internal/back', { allow_http_redirect: true })).toEqual([]);
  });
});

describe('frontchannel_logout_uri (Front-Channel Logout §2; LO-6)', () => {
  for (const uri of [
    'https://a.example:8443/front',
    'https://a.example:8443/',
    'https://a.example:8443/other?x=y',
    'http://localhost:3000/front',
  ]) {
    it(`may be ${uri}`, () => {
      expect(front(uri)).toEqual([]);
    });
  }

  for (const uri of [
    'https://a.example/front',
    'http://localhost:8443/front',
    'https://localhost:3000/front',
    'https://a.example.evil.example:8443/front',
    'https://evil.example/https://a.example:8443/',
  ]) {
    it(`may not be ${uri}`, () => {
      expect(front(uri)).toEqual([ELSEWHERE]);
    });
  }

  it('may not have parameters that are added to it', () => {
    expect(front('https://a.example:8443/front?sid=1')).toEqual([
      'frontchannel_logout_uri: has the parameter sid, which is added to it; rename it',
    ]);
    expect(front('https://a.example:8443/front?iss=1')).toEqual([
      expect.stringMatching(/has the parameter iss/),
    ]);
  });

  it('needs a redirect URI to be at the origin of', () => {
    const none = { redirect_uris: ['com.example.app:/cb'], application_type: 'native' };

    expect(front('https://a.example:8443/front', none)).toEqual([ELSEWHERE]);
  });
});
