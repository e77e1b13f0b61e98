import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proveRedirectUri } from '../../internal/oidc/authorize/redirect-uri.ts';
import type { Client } from '../../internal/protocol/client.ts';
import { makeClient } from '../support/clients.ts';

const web = (...redirectUris: readonly string[]): Client => makeClient('web', { redirectUris });

const native = (...redirectUris: readonly string[]): Client =>
  makeClient('app', { redirectUris, applicationType: 'native', tokenEndpointAuthMethod: 'none' });

/** Same address to a browser or a lenient parser, another string to us. */
const LOOKALIKES = [
  'https://C.ex/cb',
  'https://c.ex:443/cb',
  'https://c.ex/cb/',
  'https://c.ex/cb?',
  'https://c.ex/cb#',
  'https://c.ex/cb?x=1',
  'https://c.ex/a/../cb',
  'https://c.ex/./cb',
  'https://c.ex/%63b',
  'https://c.ex/cb%20',
  'https://c.ex/cb%0a',
  'https://c.ex/cb ',
  ' https://c.ex/cb',
  'https://c.ex/c\tb',
  'https://c.ex\\@evil/cb',
  'https://c.ex@evil/cb',
  'https://c.ex.evil/cb',
  'https://evil/c.ex/cb',
  'https://c.ex%2eevil/cb',
  'https://ⓒ.ex/cb',
  'HTTPS://c.ex/cb',
  'http://c.ex/cb',
  'https:c.ex/cb',
  '//c.ex/cb',
  'https%3A%2F%2Fc.ex%2Fcb',
  'https%253A%252F%252Fc.ex%252Fcb',
  'javascript:alert(1)//https://c.ex/cb',
];

describe('redirect URI: exact match (RFC 9700 §2.1; RU-1, RU-2, RU-7)', () => {
  it('answers the very string that was sent when it is the registered one', () => {
    const proven = proveRedirectUri(web('https://c.ex/cb'), 'https://c.ex/cb');

    expect(proven).toEqual({ redirectUri: 'https://c.ex/cb', redirectUriSent: true });
  });

  for (const sent of LOOKALIKES) {
    it(`refuses ${JSON.stringify(sent)} where https://c.ex/cb is registered`, () => {
      expect(proveRedirectUri(web('https://c.ex/cb'), sent)).toBeUndefined();
      expect(proveRedirectUri(native('https://c.ex/cb'), sent)).toBeUndefined();
    });
  }

  for (const sent of ['https://c.ex/cb?b=2&a=1', 'https://c.ex/cb?a=1', 'https://c.ex/cb']) {
    it(`refuses ${sent} where https://c.ex/cb?a=1&b=2 is registered`, () => {
      const client = web('https://c.ex/cb?a=1&b=2');

      expect(proveRedirectUri(client, sent)).toBeUndefined();
      expect(proveRedirectUri(client, 'https://c.ex/cb?a=1&b=2')).toBeDefined();
    });
  }

  it('knows an internationalised host only in the form that is registered', () => {
    expect(proveRedirectUri(web('https://xn--bcher-kva.ex/cb'), 'https://bücher.ex/cb')).toBe(
      undefined,
    );
  });
});

describe('redirect URI: left out (RFC 6749 §3.1.2.3; AZ-2, RU-6)', () => {
  it('takes the only registered one and remembers that it was not sent', () => {
    expect(proveRedirectUri(web('https://c.ex/cb'), undefined)).toEqual({
      redirectUri: 'https://c.ex/cb',
      redirectUriSent: false,
    });
  });

  it('refuses to choose between several or to invent one', () => {
    expect(proveRedirectUri(web('https://c.ex/1', 'https://c.ex/2'), undefined)).toBeUndefined();
    expect(proveRedirectUri(web(), undefined)).toBeUndefined();
  });
});

describe('redirect URI: loopback ports of native apps (RFC 8252 §7.3; RU-4)', () => {
  const REGISTERED = ['http://127.0.0.1/cb', 'http://[::1]:7777/cb', 'http://localhost/cb'];

  for (const sent of [
    'http://127.0.0.1/cb',
    'http://127.0.0.1:1/cb',
    'http://127.0.0.1:65535/cb',
    'http://[::1]/cb',
    'http://[::1]:51004/cb',
  ]) {
    it(`accepts ${sent} from a native app`, () => {
      expect(proveRedirectUri(native(...REGISTERED), sent)?.redirectUri).toBe(sent);
    });
  }

  for (const sent of [
    'http://127.0.0.1:0/cb',
    'http://127.0.0.1:65536/cb',
    'http://127.0.0.1:080/cb',
    'http://127.0.0.1:80a/cb',
    'http://127.0.0.1:/cb',
    'http://127.0.0.1.evil/cb',
    'http://127.0.0.1.evil:5/cb',
    'http://127.1/cb',
    'http://0x7f.1/cb',
    'http://0x7f000001/cb',
    'http://2130706433/cb',
    'http://[::ffff:127.0.0.1]/cb',
    'http://[0:0:0:0:0:0:0:1]/cb',
    'http://user@127.0.0.1:5/cb',
    'http://127.0.0.1:5@evil/cb',
    'http://127.0.0.1:5/cb?x=1',
    'http://127.0.0.1:5/cb#',
    'http://127.0.0.1:5/cb/',
    'http://127.0.0.1:5/other',
    'https://127.0.0.1:5/cb',
    'HTTP://127.0.0.1:5/cb',
    'http://localhost:5/cb',
    'http://127.0.0.1:5/cb\n',
  ]) {
    it(`refuses ${JSON.stringify(sent)} from a native app`, () => {
      expect(proveRedirectUri(native(...REGISTERED), sent)).toBeUndefined();
    });
  }

  it('gives no freedom of port to a web client', () => {
    const client = web('http://127.0.0.1/cb');

    expect(proveRedirectUri(client, 'http://127.0.0.1:5/cb')).toBeUndefined();
    expect(proveRedirectUri(client, 'http://127.0.0.1/cb')).toBeDefined();
  });

  it('does not take the other loopback address for the registered one', () => {
    expect(proveRedirectUri(native('http://127.0.0.1/cb'), 'http://[::1]:5/cb')).toBeUndefined();
  });
});

describe('redirect URI: properties', () => {
  const registered = fc.webUrl({ withQueryParameters: true, validSchemes: ['https', 'http'] });
  /** One edit of a text: something put in, taken out or replaced. */
  const edit = fc.record({
    at: fc.nat(200),
    remove: fc.nat(2),
    insert: fc.string({ unit: fc.constantFrom(...'/\\@:.?#%&=+ \t\n\0aA0é'), maxLength: 2 }),
  });

  it('refuses every edit of a registered URI that is not byte-equal to it', () => {
    fc.assert(
      fc.property(registered, edit, (uri, { at, remove, insert }) => {
        const place = at % (uri.length + 1);
        const sent = uri.slice(0, place) + insert + uri.slice(place + remove);

        expect(proveRedirectUri(web(uri), sent) !== undefined).toBe(sent === uri);
      }),
      { numRuns: 2000 },
    );
  });

  it('frees nothing but the port of a native app, and answers what was sent', () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(port, edit, (number, { at, remove, insert }) => {
        const uri = `http://127.0.0.1:${number}/cb?app=1`;
        const place = at % (uri.length + 1);
        const sent = uri.slice(0, place) + insert + uri.slice(place + remove);
        const proven = proveRedirectUri(native('http://127.0.0.1/cb?app=1'), sent);

        if (proven === undefined) return;
        expect(proven.redirectUri).toBe(sent);
        expect(sent.replace(/^http:\/\/127\.0\.0\.1:[1-9]\d{0,4}\//, 'http://127.0.0.1/')).toBe(
          'http://127.0.0.1/cb?app=1',
        );
      }),
      { numRuns: 2000 },
    );
  });
});
