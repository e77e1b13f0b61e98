import { describe, expect, it } from 'vitest';
import { toAuthorizationId } from '../../internal/protocol/ids.ts';
import { createSessions } from '../../internal/store/memory/sessions.ts';
import { CLIENT } from '../support/authorizations.ts';

const entry = (id: string, until: number) => ({
  member: { id: toAuthorizationId(id), clientId: CLIENT, offline: false },
  until,
});

describe('the sessions of the memory store: what they count (N7)', () => {
  it('counts a session that is over no longer when it is entered anew before anybody swept', () => {
    const sessions = createSessions();
    sessions.enter('sid', entry('a', 10), 0);
    sessions.enter('sid', entry('b', 10), 0);
    expect(sessions.size()).toBe(2);

    sessions.enter('sid', entry('c', 30), 20);

    expect(sessions.size()).toBe(1);
    sessions.sweep(30, 8);
    expect(sessions.size()).toBe(0);
  });

  it('lets go of members that are over while others stay, and counts one that comes back once', () => {
    const sessions = createSessions();
    sessions.enter('sid', entry('a', 10), 0);
    sessions.enter('sid', entry('b', 50), 0);
    sessions.enter('sid', entry('b', 60), 5);
    expect(sessions.size()).toBe(2);

    sessions.enter('sid', entry('c', 30), 20);

    expect(sessions.size()).toBe(2);
    expect(sessions.end('sid', 90, 40).map(({ id }) => id)).toEqual(['b']);
  });
});
