import { describe, expect, it } from 'vitest';
import type { Client } from '../../internal/protocol/client.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { identify, sentTo } from '../support/requests.ts';

const allowing = (subjects: readonly string[], groups: readonly string[]): Client =>
  makeClient('picky', { allow: { subjects: subjects.map(toSubject), groups, emailDomains: [] } });

const denied = {
  to: 'https://rp.example/callback',
  error: 'access_denied',
  state: 'state-1',
  iss: ISSUER,
};

describe('authorization endpoint: who may sign in', () => {
  for (const [what, client, subject, expected] of [
    ['everyone where nothing is said', makeClient('picky'), 'bob', 'code'],
    ['a listed subject', allowing(['bob'], []), 'bob', 'code'],
    ['a member of a listed group', allowing([], ['admins']), 'alice', 'code'],
    ['one match of two', allowing(['bob'], ['admins']), 'alice', 'code'],
    ['nobody by a group they are not in', allowing([], ['admins']), 'bob', 'error'],
    ['nobody by a subject that differs in case', allowing(['Bob'], []), 'bob', 'error'],
    ['nobody by a part of a group name', allowing([], ['admin', 'admins,']), 'alice', 'error'],
    ['nobody where both lists are empty', allowing([], []), 'alice', 'error'],
  ] as const) {
    it(`lets in ${what}`, async () => {
      const { authorize } = createTestIssuer({ clients: [client] });

      const { params } = await authorize({ client_id: 'picky' }, identify(subject));

      expect(params.has(expected)).toBe(true);
    });
  }

  it('answers access_denied with state and iss, and puts the reason on record only', async () => {
    const { authorize, events } = createTestIssuer({ clients: [allowing([], ['admins'])] });

    const answer = await authorize({ client_id: 'picky' }, identify('bob'));

    expect(sentTo(answer)).toEqual(denied);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'authorization.refused',
        clientId: 'picky',
        subject: 'bob',
        error: 'access_denied',
        reason: 'subject_not_allowed',
      }),
    ]);
  });

  it('believes the backends, not the groups that the request itself carries', async () => {
    const { authorize } = createTestIssuer({ clients: [allowing([], ['admins'])] });
    const identity = identify('bob', { claims: { groups: ['admins'] } });

    expect(sentTo(await authorize({ client_id: 'picky' }, identity))).toEqual(denied);
  });

  it('reads groups from a list only', async () => {
    const { authorize, users } = createTestIssuer({ clients: [allowing([], ['admins'])] });
    users.set('bob', { groups: 'admins' });

    expect(sentTo(await authorize({ client_id: 'picky' }, identify('bob')))).toEqual(denied);
  });
});

describe('authorization endpoint: End-Users who do not exist', () => {
  it('answers a subject that no backend knows with access_denied', async () => {
    const { authorize, events } = createTestIssuer();

    expect(sentTo(await authorize({}, identify('mallory')))).toEqual(denied);
    expect(events.at(-1)).toMatchObject({ reason: 'subject_unknown' });
  });

  it('answers a subject that is the name of a client acting for itself with access_denied (TK-5)', async () => {
    const { authorize, users, events } = createTestIssuer();
    users.set('svc', {});
    users.set('conf', {});

    expect(sentTo(await authorize({}, identify('svc')))).toEqual(denied);
    expect(events.at(-1)).toMatchObject({ reason: 'subject_is_a_client' });
    expect((await authorize({}, identify('conf'))).params.has('code')).toBe(true);
  });

  it('refuses an identity that says more than can be kept', async () => {
    const { authorize } = createTestIssuer();
    const saying = (bio: string) => identify('alice', { claims: { bio } });

    const tooMuch = await authorize({}, saying('é'.repeat(4096)));

    expect(tooMuch.params.get('error')).toBe('invalid_request');
    expect((await authorize({}, saying('é'.repeat(4000)))).params.has('code')).toBe(true);
  });
});
