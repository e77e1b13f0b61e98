import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Claims } from '../../internal/protocol/claims.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import type { Backend } from '../../internal/userinfo/backend.ts';
import { createHeadersBackend } from '../../internal/userinfo/headers.ts';
import { createUserinfo } from '../../internal/userinfo/userinfo.ts';

const ALICE = toSubject('alice');
const NOTHING = {};

type Options = { readonly remote?: boolean; readonly onClose?: () => void };

const proving = (
  claims: Claims | undefined,
  { remote = false, onClose }: Options = {},
): Backend => ({
  type: 'fake',
  provesExistence: true,
  remote,
  find: async () => claims,
  close: async () => onClose?.(),
});

const down: Backend = {
  ...proving(undefined),
  find: async () => {
    throw new Unavailable('userinfo', 'ask');
  },
};

const UNAVAILABLE = { name: 'Unavailable', dependency: 'userinfo' };

describe('userinfo: whether an End-User exists', () => {
  it('does not know a subject that no existence-proving backend knows', async () => {
    const userinfo = createUserinfo([proving(undefined), createHeadersBackend()]);

    expect(await userinfo.find(ALICE, { name: 'Alice' })).toBeUndefined();
    expect(userinfo.provesExistence).toBe(true);
  });

  it('knows a subject that the second of two existence-proving backends knows', async () => {
    const userinfo = createUserinfo([proving(undefined), proving({ name: 'Alice' })]);

    expect(await userinfo.find(ALICE, NOTHING)).toEqual({ name: 'Alice' });
  });

  it('knows a subject of the first backend that later ones do not know', async () => {
    const userinfo = createUserinfo([proving({ name: 'Alice' }), proving(undefined)]);

    expect(await userinfo.find(ALICE, NOTHING)).toEqual({ name: 'Alice' });
  });

  it('knows a subject of whom nothing else is known', async () => {
    const userinfo = createUserinfo([proving({})]);

    expect(await userinfo.find(ALICE, NOTHING)).toEqual({});
  });

  for (const [name, backends] of [
    ['no backend', []],
    ['headers alone', [createHeadersBackend()]],
  ] as const) {
    it(`lets every subject exist with ${name}, and says so`, async () => {
      const userinfo = createUserinfo(backends);

      expect(await userinfo.find(ALICE, NOTHING)).toEqual({});
      expect(userinfo.provesExistence).toBe(false);
    });
  }

  it('is remote as soon as one backend is', () => {
    const local = createUserinfo([proving({}), createHeadersBackend()]);
    const remote = createUserinfo([proving({}), proving({}, { remote: true })]);

    expect([local.remote, remote.remote]).toEqual([false, true]);
  });
});

describe('userinfo: a backend that is down (N5)', () => {
  for (const [position, backends] of [
    ['alone', [down]],
    ['before one that knows the subject', [down, proving({})]],
    ['behind one that knows the subject', [proving({}), down]],
    ['behind one that does not know the subject', [proving(undefined), down]],
  ] as const) {
    it(`is unavailable, never unknown: ${position}`, async () => {
      await expect(createUserinfo(backends).find(ALICE, NOTHING)).rejects.toMatchObject(
        UNAVAILABLE,
      );
    });
  }
});

describe('userinfo: whose word counts for a claim', () => {
  it('merges the claims of all, the earlier backend winning whole values', async () => {
    const first = proving({ name: 'Alice', groups: ['staff'] });
    const second = proving({ name: 'Mallory', groups: ['admins'], locale: 'nl' });

    const claims = await createUserinfo([first, second]).find(ALICE, NOTHING);

    expect(claims).toEqual({ name: 'Alice', groups: ['staff'], locale: 'nl' });
  });

  it('takes from headers what no other backend said', async () => {
    const userinfo = createUserinfo([proving({ name: 'Alice' }), createHeadersBackend()]);

    const claims = await userinfo.find(ALICE, { name: 'Upstream', groups: ['staff'] });

    expect(claims).toEqual({ name: 'Alice', groups: ['staff'] });
  });

  it('lets an empty value of an earlier backend hide nothing', async () => {
    const first = proving({ name: '', locale: null, groups: [], address: {} });
    const second = proving({
      name: 'Alice',
      locale: 'nl',
      groups: ['a'],
      address: { region: 'x' },
    });

    const claims = await createUserinfo([first, second]).find(ALICE, NOTHING);

    expect(claims).toEqual({
      name: 'Alice',
      locale: 'nl',
      groups: ['a'],
      address: { region: 'x' },
    });
  });

  it('drops reserved claims even of a backend that answers them (UP-11)', async () => {
    const hostile = JSON.parse('{ "sub": "bob", "aud": "x", "__proto__": { "admin": true } }');

    const claims = await createUserinfo([proving(hostile)]).find(ALICE, NOTHING);

    expect(claims).toEqual({});
    expect(Reflect.get(claims ?? {}, 'admin')).toBeUndefined();
  });

  it('takes a claim named like a method of every object', async () => {
    const claims = await createUserinfo([proving({ toString: 'x' })]).find(ALICE, NOTHING);

    expect(Object.entries(claims ?? {})).toEqual([['toString', 'x']]);
  });
});

describe('userinfo: email_verified and phone_number_verified (UP-11, OIDC Core §5.1)', () => {
  for (const [value, flag] of [
    ['email', 'email_verified'],
    ['phone_number', 'phone_number_verified'],
  ] as const) {
    it(`does not put the ${flag} of one backend beside the ${value} of another`, async () => {
      const chosen = proving({ [value]: 'victim' });
      const verified = proving({ [flag]: true, [value]: 'own' });

      const claims = await createUserinfo([chosen, verified]).find(ALICE, NOTHING);

      expect(claims).toEqual({ [value]: 'victim' });
    });

    it(`does not take a ${flag} from a backend that has no ${value}`, async () => {
      const userinfo = createUserinfo([proving({ [flag]: true }), proving({ [value]: 'victim' })]);

      expect(await userinfo.find(ALICE, NOTHING)).toEqual({ [value]: 'victim' });
    });

    it(`takes ${flag} from the backend whose ${value} counts, in any order of members`, async () => {
      const userinfo = createUserinfo([proving({ [flag]: true, [value]: 'own' })]);

      expect(await userinfo.find(ALICE, NOTHING)).toEqual({ [value]: 'own', [flag]: true });
    });

    it(`takes ${flag} from a later backend that means the same ${value}`, async () => {
      const first = proving({ [value]: 'own' });
      const second = proving({ [value]: 'own', [flag]: true });

      const claims = await createUserinfo([first, second]).find(ALICE, NOTHING);

      expect(claims).toEqual({ [value]: 'own', [flag]: true });
    });
  }
});

describe('userinfo: close', () => {
  it('asks a backend when the one before it has answered, whether at once or later', async () => {
    const told: string[] = [];
    const backend = (name: string, takesTime: boolean): Backend => ({
      ...proving({}),
      find: () => {
        told.push(`asks ${name}`);
        if (!takesTime) return { [name]: 'known' };
        return nextTurn().then(() => {
          told.push(`${name} answers`);
          return { [name]: 'known' };
        });
      },
    });
    const backends = [backend('a', false), backend('b', true), backend('c', false)];

    const claims = await createUserinfo(backends).find(ALICE, NOTHING);
    expect(claims).toEqual({ a: 'known', b: 'known', c: 'known' });
    expect(told).toEqual(['asks a', 'asks b', 'b answers', 'asks c']);
  });

  it('answers nothing that a caller could change for the next one', async () => {
    const claims = await createUserinfo([]).find(ALICE, NOTHING);

    expect(() => Object.assign(claims ?? {}, { name: 'Mallory' })).toThrow();
    expect(await createUserinfo([]).find(ALICE, NOTHING)).toEqual({});
  });

  it('closes every backend', async () => {
    const closed: string[] = [];
    const userinfo = createUserinfo([
      proving({}, { onClose: () => closed.push('first') }),
      proving({}, { onClose: () => closed.push('second') }),
    ]);

    await userinfo.close();

    expect(closed).toEqual(['first', 'second']);
  });
});
