// Every key Asteroid has in Redis: its name, what it holds and how long it lives. docs/storage.md is
// this list in prose. Names are shared by every replica of one issuer and by no other issuer.

import { hash } from 'node:crypto';
import type { AuthorizationId, ClientId, Subject } from '../../protocol/ids.ts';
import type { OwnSession } from '../store.ts';

/** One row for each kind of key, as an operator sees it with SCAN. */
export const KEY_KINDS = [
  {
    pattern: 'asteroid:<issuer>:a:{<authorizationId>}',
    type: 'string',
    holds: 'an authorization, or the request it will come of',
    lives: 'until the last token under it expires, and a minute',
  },
  {
    pattern: 'asteroid:<issuer>:s:{<authorizationId>}',
    type: 'string',
    holds: 'the sealed successor of the refresh token used last',
    lives: 'refresh_token_grace, or until the successor is used',
  },
  {
    pattern: 'asteroid:<issuer>:n:<hash of client and nonce>',
    type: 'string',
    holds: 'that this client used this nonce',
    lives: 'the life of the code',
  },
  {
    pattern: 'asteroid:<issuer>:o:<purpose>:<hash>',
    type: 'string',
    holds: 'that something happened which may happen once',
    lives: 'as long as it could be tried again',
  },
  {
    pattern: 'asteroid:<issuer>:t:<purpose>:<hash>',
    type: 'string',
    holds: 'how often something happened',
    lives: 'until the window ends that began with the first',
  },
  {
    pattern: 'asteroid:<issuer>:b:<rule>:<hash>',
    type: 'string',
    holds: 'when a budget of rate_limits is whole again',
    lives: 'until then, the window of its rule at most',
  },
  {
    pattern: 'asteroid:<issuer>:c:<hash of subject and client>',
    type: 'string',
    holds: 'the scope an End-User consented to, and who that is',
    lives: 'the life of the consent',
  },
  {
    pattern: 'asteroid:<issuer>:g:{<hash of subject>}',
    type: 'zset',
    holds:
      'the ids of the authorizations of an End-User, and the clients of their consents, by when they may be forgotten',
    lives: 'as long as the last of them',
  },
  {
    pattern: 'asteroid:<issuer>:i:{<hash of subject>}<hash of sid>',
    type: 'zset',
    holds: 'the authorizations of a session, by when they may be forgotten',
    lives: 'as long as the last of them, or until the session ends',
  },
  {
    pattern: 'asteroid:<issuer>:e:{<hash of subject>}<hash of sid>',
    type: 'string',
    holds: 'that this session has ended',
    lives: 'lifetimes.session',
  },
  {
    pattern: 'asteroid:<issuer>:pending',
    type: 'zset',
    holds: 'the ids of pending requests, by expiry: their budget',
    lives: 'as long as the last of them',
  },
  {
    pattern: 'asteroid:<issuer>:u:<hash of user code>',
    type: 'string',
    holds: 'the id of the device request that this user code answers',
    lives: 'the life of the user code, or until it is answered',
  },
  {
    pattern: 'asteroid:<issuer>:w:<hash of client>',
    type: 'zset',
    holds: 'the ids of the device requests of a client that wait, by expiry: its budget',
    lives: 'as long as the last of them',
  },
  {
    pattern: 'asteroid:<issuer>:r:<clientId>',
    type: 'string',
    holds: 'a registered client',
    lives: 'as long as its registration, which may be for ever',
  },
  {
    pattern: 'asteroid:<issuer>:clients',
    type: 'zset',
    holds: 'the ids of registered clients, by expiry: their budget',
    lives: 'until the last of them is removed',
  },
  {
    pattern: 'asteroid:<issuer>:p:<subject>',
    type: 'string',
    holds: 'an End-User of the userinfo backend store',
    lives: 'until they are deleted',
  },
  {
    pattern: 'asteroid:<issuer>:users',
    type: 'zset',
    holds: 'the subjects of these End-Users: their budget, and their order',
    lives: 'until the last of them is deleted',
  },
  {
    pattern: 'asteroid:<issuer>:memory:{<number>}',
    type: 'string',
    holds:
      'since when this Redis, or this part of a cluster, remembers, and when a replica was last promoted',
    lives: 'for ever',
  },
  {
    pattern: 'asteroid:<issuer>:keys',
    type: 'string',
    holds: 'the private keys of the issuer, sealed: only with keys.source: store',
    lives: 'for ever',
  },
  {
    pattern: 'asteroid:<issuer>:keys-lease',
    type: 'string',
    holds: 'which replica makes a key at this moment',
    lives: 'five seconds, or until the key is made',
  },
  {
    pattern: 'asteroid:<issuer>:audit',
    type: 'stream',
    holds: 'the audit trail: only with a sink of the type redis',
    lives: 'about as many records as max_length says',
  },
  {
    pattern: 'asteroid:<issuer>:probe',
    type: 'none',
    holds:
      'nothing: readiness deletes it to see whether Redis takes writes; in a cluster :{<number>} follows',
    lives: 'never',
  },
] as const;

export type KeyNames = {
  /** What SCAN finds authorizations and consents by. */
  readonly anyGranted: string;
  user(subject: Subject): string;
  readonly users: string;
  authorization(id: AuthorizationId): string;
  /** In the slot of its authorization, so that one script may touch both. */
  seal(id: AuthorizationId): string;
  nonce(clientId: ClientId, nonce: string): string;
  once(purpose: string, key: string): string;
  tally(purpose: string, key: string): string;
  budget(rule: string, key: string): string;
  consent(subject: Subject, clientId: ClientId): string;
  /** The index of what an End-User granted, in the slot of their sessions: one script enters both. */
  granted(subject: Subject): string;
  /** The index of a session and, in its slot, what says that it ended: whoever enters it has to see both. */
  session(session: OwnSession): readonly [index: string, ended: string];
  readonly pending: string;
  userCode(userCodeHash: string): string;
  waiting(clientId: ClientId): string;
  client(id: ClientId): string;
  readonly clients: string;
  /** So many of a cluster that each primary has some. */
  memory(number: number): string;
  readonly keys: string;
  readonly keysLease: string;
  readonly audit: string;
  readonly probe: string;
};

/** 16 bytes of SHA-256: what is looked up is found, what is secret cannot be read back. */
const digest = (...parts: readonly string[]): string =>
  hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22);

/** Issuers that share one Redis never meet: their names differ in `<issuer>`. */
export function createKeyNames(issuer: string): KeyNames {
  const prefix = `asteroid:${digest(issuer).slice(0, 8)}`;
  return {
    anyGranted: `${prefix}:[ac]:*`,
    user: (subject) => `${prefix}:p:${subject}`,
    users: `${prefix}:users`,
    authorization: (id) => `${prefix}:a:{${id}}`,
    seal: (id) => `${prefix}:s:{${id}}`,
    nonce: (clientId, nonce) => `${prefix}:n:${digest(clientId, nonce)}`,
    once: (purpose, key) => `${prefix}:o:${purpose}:${digest(key)}`,
    tally: (purpose, key) => `${prefix}:t:${purpose}:${digest(key)}`,
    budget: (rule, key) => `${prefix}:b:${rule}:${digest(key)}`,
    consent: (subject, clientId) => `${prefix}:c:${digest(subject, clientId)}`,
    granted: (subject) => `${prefix}:g:{${digest(subject)}}`,
    session: ({ sid, subject }) => {
      // Only the sessions of one End-User have to differ in it.
      const name = `{${digest(subject)}}${digest(sid).slice(0, 11)}`;
      return [`${prefix}:i:${name}`, `${prefix}:e:${name}`];
    },
    pending: `${prefix}:pending`,
    userCode: (userCodeHash) => `${prefix}:u:${digest(userCodeHash)}`,
    waiting: (clientId) => `${prefix}:w:${digest(clientId)}`,
    client: (id) => `${prefix}:r:${id}`,
    clients: `${prefix}:clients`,
    memory: (number) => `${prefix}:memory:{${number}}`,
    keys: `${prefix}:keys`,
    keysLease: `${prefix}:keys-lease`,
    audit: `${prefix}:audit`,
    probe: `${prefix}:probe`,
  };
}
