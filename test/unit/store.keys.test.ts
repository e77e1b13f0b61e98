import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  toAuthorizationId,
  toClientId,
  toSessionId,
  toSubject,
} from '../../internal/protocol/ids.ts';
import { createKeyNames, KEY_KINDS } from '../../internal/store/redis/keys.ts';
import { ofAlice } from '../support/authorizations.ts';

const names = createKeyNames('https://issuer.example');
const id = toAuthorizationId('an-id');

describe('names of Redis keys', () => {
  it('are those of the list of kinds, every one of them', () => {
    const made = [
      names.authorization(id),
      names.seal(id),
      names.nonce(toClientId('client'), 'nonce'),
      names.once('jti', 'key'),
      names.tally('jti', 'key'),
      names.budget('jti', 'key'),
      names.consent(toSubject('alice'), toClientId('client')),
      names.granted(toSubject('alice')),
      ...names.session(ofAlice(toSessionId('sid'))),
      names.pending,
      names.userCode('hash'),
      names.waiting(toClientId('client')),
      names.client(toClientId('a-client')),
      names.clients,
      names.user(toSubject('alice')),
      names.users,
      names.memory(7),
      names.keys,
      names.keysLease,
      names.audit,
      names.probe,
    ];

    for (const [n, { pattern }] of KEY_KINDS.entries())
      expect(made[n]).toMatch(toExpression(pattern));
    expect(made).toHaveLength(KEY_KINDS.length);
  });

  it('differ between issuers, clients, subjects, nonces and purposes', () => {
    const others = createKeyNames('https://issuer.example/');
    const [a, b] = [toClientId('a'), toClientId('b')];

    const all = [
      names.authorization(id),
      others.authorization(id),
      names.nonce(a, 'x'),
      names.nonce(b, 'x'),
      names.nonce(a, 'y'),
      names.once('jti', 'x'),
      names.once('revoked', 'x'),
      names.tally('revoked', 'x'),
      names.tally('jti', 'x'),
      names.budget('jti', 'x'),
      names.budget('jti', 'y'),
      names.budget('other', 'x'),
      names.userCode('x'),
      names.userCode('y'),
      names.waiting(a),
      names.waiting(b),
      names.client(a),
      names.client(b),
      others.client(a),
      names.clients,
      others.clients,
      names.keys,
      others.keys,
      names.keysLease,
      others.keysLease,
      names.memory(0),
      names.memory(1),
      others.memory(0),
      names.consent(toSubject('x'), a),
      names.consent(toSubject('x'), b),
      names.consent(toSubject('xa'), toClientId('')),
      ...names.session(ofAlice(toSessionId('x'))),
      ...names.session(ofAlice(toSessionId('y'))),
      ...names.session({ sid: toSessionId('x'), subject: toSubject('bob') }),
      ...others.session(ofAlice(toSessionId('x'))),
      names.granted(toSubject('alice')),
      names.granted(toSubject('bob')),
      others.granted(toSubject('alice')),
    ];

    expect(new Set(all).size).toBe(all.length);
  });

  it('are told in docs/storage.md as the list of kinds has them', async () => {
    const page = await readFile(new URL('../../docs/storage.md', import.meta.url), 'utf8');

    for (const { pattern, type, holds, lives } of KEY_KINDS) {
      expect(page).toContain(`| \`${pattern}\` | ${type} | ${holds} | ${lives} |`);
    }
  });
});

const toExpression = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace('<issuer>', '[\\w-]{8}')
      .replace('{<authorizationId>}', '\\{an-id\\}')
      .replace('{<number>}', '\\{7\\}')
      .replace('<clientId>', 'a-client')
      .replace('<subject>', 'alice')
      .replace('<purpose>', 'jti')
      .replace('<rule>', 'jti')
      .replace('{<hash of subject>}', '\\{[\\w-]{22}\\}')
      .replace('<hash of sid>', '[\\w-]{11}')
      .replace(/<hash[^>]*>/, '[\\w-]{22}')}$`,
  );
