import { describe, expect, it } from 'vitest';
import { decideAudience, narrowResources, readResources } from '../../internal/oidc/resource.ts';
import { makeClient } from '../support/clients.ts';
import { refusalOf } from '../support/refusal.ts';
import { toParams } from '../support/requests.ts';

const API = 'https://api.example/v1';
const FILES = 'https://files.example';
const client = makeClient('conf', { resources: [API, FILES] });

describe('resources: what may be asked for (RFC 8707 §2; AZ-14)', () => {
  it('reads several resources, each once', () => {
    expect(readResources(toParams({ resource: [FILES, API, FILES] }), client)).toEqual([
      FILES,
      API,
    ]);
  });

  for (const resource of [
    '/v1',
    'api.example',
    `${API}#part`,
    `${API}/`,
    'https://other.example',
  ]) {
    it(`refuses ${resource} with invalid_target`, () => {
      expect(
        refusalOf(() => readResources(toParams({ resource: [API, resource] }), client)),
      ).toEqual({ code: 'invalid_target', reason: 'resource_not_allowed' });
    });
  }
});

describe('resources: less at the token endpoint, never more (RFC 8707 §2.2; RT-6)', () => {
  it('keeps all that was granted when none is named', () => {
    expect(narrowResources(toParams({}), [API, FILES])).toEqual([API, FILES]);
  });

  it('takes a part of what was granted', () => {
    expect(narrowResources(toParams({ resource: FILES }), [API, FILES])).toEqual([FILES]);
  });

  it('refuses one that was not granted with invalid_target', () => {
    expect(refusalOf(() => narrowResources(toParams({ resource: FILES }), [API]))).toEqual({
      code: 'invalid_target',
      reason: 'resource_not_granted',
    });
  });
});

describe('audience of an access token (RFC 9068 §3, RFC 8707 §2; TC-2)', () => {
  const issuer = 'https://op.example';

  it('is exactly the resource that was asked for, even with openid', () => {
    expect(decideAudience(issuer, client, ['openid'], [API])).toBe(API);
    expect(decideAudience(issuer, client, ['openid'], [API, FILES])).toEqual([API, FILES]);
  });

  it('is the audience of the client, and the issuer too with openid', () => {
    const own = makeClient('conf', { audience: ['https://own.example'] });

    expect(decideAudience(issuer, own, ['email'], [])).toBe('https://own.example');
    expect(decideAudience(issuer, own, ['openid'], [])).toEqual(['https://own.example', issuer]);
  });

  it('is the issuer where nothing else is said', () => {
    expect(decideAudience(issuer, makeClient('conf'), ['openid'], [])).toBe(issuer);
  });
});
