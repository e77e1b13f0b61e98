import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCredentials } from '../../internal/oidc/clientauth/credentials.ts';
import { refusalOf } from '../support/refusal.ts';
import { makeRequest, type Query, toParams } from '../support/requests.ts';

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

const read = (authorization: string | undefined, form: Query = {}) =>
  readCredentials(
    makeRequest({
      params: toParams(form),
      headers: authorization === undefined ? {} : { authorization },
    }),
  );

describe('client credentials: Basic (RFC 6749 §2.3.1, Appendix B; CA-1)', () => {
  for (const [text, clientId, secret] of [
    ['conf:secret', 'conf', 'secret'],
    ['a%3Ab:secret', 'a:b', 'secret'],
    ['conf:p%25w+x%2B%C3%A9', 'conf', 'p%w x+é'],
    ['conf:a:b', 'conf', 'a:b'],
    ['conf:', 'conf', ''],
    ['c%C3%B6nf:s', 'cönf', 's'],
  ] as const) {
    it(`reads ${text} as form-encoded halves around the first colon`, () => {
      expect(read(`Basic ${base64(text)}`)).toEqual({ kind: 'basic', clientId, secret });
    });
  }

  for (const [what, value] of [
    ['no colon', base64('conf')],
    ['no client_id', base64(':secret')],
    ['nothing', ''],
    ['a bad escape', base64('conf:100%')],
    ['an escape that is not hexadecimal', base64('conf:%zz')],
    ['an escape that is not UTF-8', base64('conf:%ff')],
    ['bytes that are not UTF-8', base64(Buffer.from('conf:\xff', 'latin1'))],
    ['a NUL', base64('conf:a%00b')],
    ['foreign characters', 'Y29uZjpz!!'],
    ['a space inside', 'Y29u ZjpzZWM='],
    ['its padding cut off', 'Y29uZjpzZQ'],
    ['too much padding', 'Y29uZjpzZWM=='],
    ['the URL-safe alphabet', 'Y29uZjr_-w=='],
  ] as const) {
    it(`refuses Basic with ${what} with invalid_client`, () => {
      expect(refusalOf(() => read(`Basic ${value}`))).toEqual({
        code: 'invalid_client',
        reason: 'authorization_malformed',
      });
    });
  }

  it('reads back every pair that a client encodes as the standard says', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((it) => !it.includes('\0'));
    fc.assert(
      fc.property(text, text, (clientId, secret) => {
        const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;

        expect(read(`Basic ${base64(pair)}`)).toEqual({ kind: 'basic', clientId, secret });
      }),
    );
  });
});

describe('client credentials: the scheme (RFC 9110 §11.1; CA-2)', () => {
  for (const scheme of ['basic', 'BASIC', 'bAsIc']) {
    it(`reads ${scheme} like Basic`, () => {
      expect(read(`${scheme} ${base64('conf:s')}`).clientId).toBe('conf');
    });
  }

  for (const header of [
    `Basic\t${base64('conf:s')}`,
    `Basic  ${base64('conf:s')}`,
    ` Basic ${base64('conf:s')}`,
    `Basic ${base64('conf:s')} `,
    `Basic ${base64('conf:s')}, Basic ${base64('conf2:s')}`,
    `Basic${base64('conf:s')}`,
    'Basic',
    `Bearer ${base64('conf:s')}`,
    '',
  ]) {
    it(`refuses ${JSON.stringify(header)} with invalid_client`, () => {
      expect(refusalOf(() => read(header)).code).toBe('invalid_client');
    });
  }
});

describe('client credentials: in the form, and only once (RFC 6749 §2.3; CA-4)', () => {
  it('reads a client_id alone as an identifier and with a secret as post', () => {
    expect(read(undefined, { client_id: 'spa' })).toEqual({ kind: 'identifier', clientId: 'spa' });
    expect(read(undefined, { client_id: 'post', client_secret: 's' })).toEqual({
      kind: 'post',
      clientId: 'post',
      secret: 's',
    });
  });

  it('lets the form repeat the client_id of the header', () => {
    expect(read(`Basic ${base64('conf:s')}`, { client_id: 'conf' }).kind).toBe('basic');
  });

  for (const form of [
    { client_id: 'conf2' },
    { client_secret: 's' },
    { client_id: 'conf', client_secret: 's' },
    { client_assertion: 'x' },
    { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' },
  ]) {
    it(`refuses Basic together with ${Object.keys(form).join(' and ')} with invalid_request`, () => {
      expect(refusalOf(() => read(`Basic ${base64('conf:s')}`, form))).toEqual({
        code: 'invalid_request',
        reason: 'several_client_auth_methods',
      });
    });
  }

  it('refuses an assertion that does not say of which type it is with invalid_client', () => {
    const form = { client_id: 'conf', client_assertion: 'x' };

    expect(refusalOf(() => read(undefined, form)).reason).toBe('client_assertion_unsupported');
  });

  it('refuses a type without an assertion with invalid_client', () => {
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const form = { client_id: 'conf', client_assertion_type };

    expect(refusalOf(() => read(undefined, form)).reason).toBe('client_assertion_malformed');
  });

  it('refuses a request that names no client with invalid_client', () => {
    expect(refusalOf(() => read(undefined))).toEqual({
      code: 'invalid_client',
      reason: 'credentials_missing',
    });
    expect(refusalOf(() => read(undefined, { client_secret: 's' })).code).toBe('invalid_client');
  });
});
