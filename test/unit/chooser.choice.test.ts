import { describe, expect, it } from 'vitest';
import { createChoiceCookie } from '../../internal/chooser/choice.ts';
import { createEphemeralKeys } from '../../internal/keys/ephemeral.ts';
import { identify } from '../support/requests.ts';

const keys = createEphemeralKeys({ now: () => 1_800_000_000 });
const cookieOf = (url: string) =>
  createChoiceCookie({ name: 'choice', url, seal: keys.seal, unseal: keys.unseal });

const [here, there] = [cookieOf('http://localhost:8880'), cookieOf('http://localhost:8890')];
const printed = here.print(identify('alice', { authTime: 7 })) ?? '';
const [pair = ''] = printed.split(';');

describe('a choice in a cookie', () => {
  it('is read as it was written', () => {
    expect(here.find(pair)).toEqual(identify('alice', { authTime: 7 }));
    expect(here.find(`${here.forget.split(';')[0]}`)).toBeUndefined();
    expect(here.find(undefined)).toBeUndefined();
  });

  it('is none at another issuer, not even one that shares the keys', () => {
    const [name] = (there.print(identify('bob')) ?? '').split('=');
    const [, sealed] = pair.split('=');

    expect(there.find(pair)).toBeUndefined();
    expect(there.find(`${name}=${sealed}`)).toBeUndefined();
  });

  it('is not written where a browser would drop it', () => {
    const large = identify('alice', { claims: { text: 'x'.repeat(4000) } });

    expect(here.print(large)).toBeUndefined();
    expect(here.print(identify('alice', { claims: { text: 'x'.repeat(2000) } }))).toBeDefined();
  });

  it('goes only where https is, with the flags of https', () => {
    const secure = cookieOf('https://sso.test');

    expect(secure.print(identify('alice'))).toMatch(
      /^__Host-choice=.*; Path=\/; Secure; HttpOnly; SameSite=None$/,
    );
    expect(printed).toMatch(/^choice-[\w-]{8}=.*; Path=\/; HttpOnly; SameSite=Lax$/);
  });
});
