import { describe, expect, it } from 'vitest';
import { claimsOf, shapeClaims } from '../../internal/oidc/shaping.ts';
import type { Claims, JsonValue } from '../../internal/protocol/claims.ts';
import type { ClaimMapping, UsernameTransform } from '../../internal/protocol/client.ts';
import { compilePattern } from '../../internal/protocol/pattern.ts';
import { STANDARD_SCOPES } from '../../internal/protocol/scope-table.ts';
import { makeClient } from '../support/clients.ts';

const mapping = (different: Partial<ClaimMapping> = {}): ClaimMapping => ({
  claim: 'roles',
  from: 'groups',
  match: undefined,
  stripPrefix: '',
  values: undefined,
  ...different,
});

const shape = (known: Claims, ...claimMappings: readonly ClaimMapping[]): Claims =>
  shapeClaims(known, makeClient('shaped', { claimMappings }));

function username(known: JsonValue, ...preferredUsernameTransform: readonly UsernameTransform[]) {
  const client = makeClient('shaped', { preferredUsernameTransform });
  return shapeClaims({ preferred_username: known, name: 'Al@B' }, client);
}

describe('preferred_username, step by step', () => {
  for (const [steps, known, told] of [
    [['local-part'], 'alice@corp.example', 'alice'],
    [['local-part'], 'alice', 'alice'],
    [['local-part'], 'a@b@corp.example', 'a@b@corp.example'],
    [['lower'], 'ALICE-Zoë-É', 'alice-zoë-É'],
    // The Kelvin sign, which `toLowerCase` makes a k of.
    [['lower'], '\u212Aate', '\u212Aate'],
    [['slug'], 'Alice Müller', 'Alice-M-ller'],
    [['slug'], '--a -- b__c..d--', 'a-b__c..d'],
    [['slug'], '../../etc/passwd', 'etc-passwd'],
    [['slug'], 'a/./b', 'a-b'],
    [['local-part', 'lower', 'slug'], 'Alice.Müller@Corp.example', 'alice.m-ller'],
    [['slug', 'local-part'], 'a@b', 'a-b'],
    [['local-part', 'slug'], 'a@b', 'a'],
  ] as const) {
    it(`${steps.join(', ')} makes ${told} of ${known}`, () => {
      expect(username(known, ...steps)).toEqual({ preferred_username: told, name: 'Al@B' });
    });
  }

  for (const [steps, known] of [
    [['local-part'], '@corp.example'],
    [['slug'], '…'],
    [['slug'], '..'],
    [['lower'], 7],
    [['lower'], ['a']],
  ] as const) {
    it(`${steps.join(', ')} leaves out ${JSON.stringify(known)}`, () => {
      expect(username(known, ...steps)).toEqual({ name: 'Al@B' });
    });
  }

  it('is left out where nobody knows one', () => {
    const client = makeClient('shaped', { preferredUsernameTransform: ['lower'] });

    expect(shapeClaims({ name: 'A' }, client)).toEqual({ name: 'A' });
  });

  it('stays as it is without a step', () => {
    expect(username('A@B')).toEqual({ preferred_username: 'A@B', name: 'Al@B' });
  });
});

describe('claims made of claims', () => {
  const groups = ['team-admin', 'team-dev', 'administrators', 'all'];

  for (const [what, different, known, told] of [
    ['a list as a list', {}, ['a'], ['a']],
    ['text as text', {}, 'a', 'a'],
    [
      'what matches as a whole',
      { match: compilePattern('team-.') },
      ['team-a', 'team-bc', 'xteam-a'],
      ['team-a'],
    ],
    ['text that matches', { match: compilePattern('a+') }, 'aa', 'aa'],
    ['nothing of text that does not match', { match: compilePattern('a+') }, 'ab', undefined],
    ['what has the prefix, without it', { stripPrefix: 'team-' }, groups, ['admin', 'dev']],
    ['the prefix once', { stripPrefix: 'a' }, 'aab', 'ab'],
    ['no entry that is the prefix alone', { stripPrefix: 'team-' }, ['team-', 'team-x'], ['x']],
    [
      'what matched before the prefix went',
      { match: compilePattern('team-d.*'), stripPrefix: 'team-' },
      groups,
      ['dev'],
    ],
    [
      'what is listed, by its other name',
      { values: new Map([['all', 'everybody']]) },
      groups,
      ['everybody'],
    ],
    [
      'the other name of what is left',
      { stripPrefix: 'team-', values: new Map([['dev', 'D']]) },
      groups,
      ['D'],
    ],
    [
      'one name once',
      {
        values: new Map([
          ['a', 'x'],
          ['b', 'x'],
        ]),
      },
      ['a', 'b'],
      ['x'],
    ],
    ['no name that objects have', { values: new Map([['a', 'x']]) }, ['constructor', 'a'], ['x']],
    ['nothing where nothing is left', { match: compilePattern('z') }, groups, undefined],
    ['text from a list that holds more', {}, ['a', 1, null, ['b'], { c: 'd' }], ['a']],
    ['nothing of a number', {}, 5, undefined],
    ['nothing of a map', {}, { a: 'b' }, undefined],
  ] as const) {
    it(`hold ${what}`, () => {
      const claims = { groups: known as JsonValue };

      expect(shape(claims, mapping(different))).toEqual(
        told === undefined ? claims : { ...claims, roles: told },
      );
    });
  }

  it('may narrow their own source, which goes where nothing is left', () => {
    const own = mapping({ claim: 'groups', stripPrefix: 'corp:' });

    expect(shape({ groups: ['corp:a', 'b'] }, own)).toEqual({ groups: ['a'] });
    expect(shape({ groups: ['b'], name: 'B' }, own)).toEqual({ name: 'B' });
  });

  it('are made of what is known, in whatever order they stand', () => {
    const narrowed = mapping({ claim: 'groups', match: compilePattern('a') });

    const expected = { groups: ['a'], roles: ['a', 'b'] };
    expect(shape({ groups: ['a', 'b'] }, narrowed, mapping())).toEqual(expected);
    expect(shape({ groups: ['a', 'b'] }, mapping(), narrowed)).toEqual(expected);
  });

  it('replace what a backend says under their name', () => {
    expect(shape({ groups: ['a'], roles: ['root'] }, mapping())['roles']).toEqual(['a']);
    expect(shape({ roles: ['root'] }, mapping())).toEqual({});
  });

  it('are made of no member that every object has', () => {
    expect(shape({}, mapping({ from: 'toString' }))).toEqual({});
  });

  it('leave what is known untouched', () => {
    const known = Object.freeze({ groups: Object.freeze(['a']) });

    shape(known, mapping({ claim: 'groups', match: compilePattern('z') }));

    expect(known).toEqual({ groups: ['a'] });
  });

  it('are released by the scope of their source', () => {
    const client = makeClient('shaped', { claimMappings: [mapping()] });

    expect(claimsOf(['groups'], client, STANDARD_SCOPES)).toEqual(['groups', 'roles']);
    expect(claimsOf(['email', 'openid'], client, STANDARD_SCOPES)).toEqual([
      'email',
      'email_verified',
    ]);
    expect(claimsOf(['groups'], makeClient('plain'), STANDARD_SCOPES)).toEqual(['groups']);
  });
});
