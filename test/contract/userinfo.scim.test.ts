import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toSubject } from '../../internal/protocol/ids.ts';
import { type Opened, openBackend } from '../support/backends.ts';
import {
  type ScimContent,
  type ScimResource,
  type ScimServer,
  startScim,
} from '../support/scim-server.ts';

const ALICE = toSubject('alice');

/** The full user of RFC 7643 §8.2, in part. */
const alice: ScimResource = {
  id: '2819c223-7f76-453a-919d-413861904646',
  userName: 'alice',
  name: { formatted: 'Ms. Alice Jensen', familyName: 'Jensen', givenName: 'Alice' },
  displayName: 'Alice J.',
  nickName: 'Al',
  profileUrl: 'https://login.example.com/alice',
  emails: [
    { value: 'alice@example.test', type: 'work', primary: true },
    { value: 'al@home.test', type: 'home' },
  ],
  phoneNumbers: [{ value: 'tel:+1-201-555-0123', type: 'work' }],
  photos: [{ value: 'https://photos.example.com/alice.jpg', type: 'photo' }],
  addresses: [
    {
      type: 'work',
      streetAddress: '100 Universal City Plaza',
      locality: 'Hollywood',
      region: 'CA',
      postalCode: '91608',
      country: 'US',
      primary: true,
    },
  ],
  locale: 'en-US',
  timezone: 'America/Los_Angeles',
  active: true,
  groups: [
    { value: 'g1', display: 'staff' },
    { value: 'g2', display: 'admins' },
  ],
  meta: { resourceType: 'User', lastModified: '2026-05-13T04:42:34Z' },
};
const bob: ScimResource = { id: 'b-2', userName: 'bob', active: true };
const CONTENT: ScimContent = { users: [alice, bob], groups: [] };

let server: ScimServer;
beforeAll(async () => {
  server = await startScim(CONTENT);
});
afterAll(() => server.close());
beforeEach(() => server.serve(CONTENT));

const open = (more: Readonly<Record<string, unknown>> = {}): Promise<Opened> =>
  openBackend({ type: 'scim', url: server.url, cache_ttl: '0s', timeout: '30s', ...more });

const find = async (subject: string, more: Readonly<Record<string, unknown>> = {}) =>
  (await open(more)).find(toSubject(subject), {});

const withUsers = (...users: readonly ScimResource[]) => server.serve({ ...CONTENT, users });

const failure = (why: string) => ({
  name: 'Unavailable',
  message: 'userinfo did not answer: ask the scim backend',
  cause: { message: why },
});

describe('userinfo scim: claims (RFC 7643 §4.1)', () => {
  it('are those of the core schema under the names of OpenID Connect', async () => {
    expect(await find('alice')).toEqual({
      name: 'Ms. Alice Jensen',
      family_name: 'Jensen',
      given_name: 'Alice',
      nickname: 'Al',
      preferred_username: 'alice',
      profile: 'https://login.example.com/alice',
      picture: 'https://photos.example.com/alice.jpg',
      email: 'alice@example.test',
      phone_number: '+1-201-555-0123',
      locale: 'en-US',
      zoneinfo: 'America/Los_Angeles',
      updated_at: 1_778_647_354,
      address: {
        street_address: '100 Universal City Plaza',
        locality: 'Hollywood',
        region: 'CA',
        postal_code: '91608',
        country: 'US',
      },
      groups: ['staff', 'admins'],
    });
  });

  it('take the display name where there is no formatted one', async () => {
    await withUsers({ ...bob, displayName: 'Bob B.', name: { familyName: 'B' } });

    expect(await find('bob')).toMatchObject({ name: 'Bob B.', family_name: 'B' });
  });

  it('take the only address, and none of several of which none is primary', async () => {
    await withUsers({ ...alice, emails: [{ value: 'one@example.test' }] });
    expect(await find('alice')).toMatchObject({ email: 'one@example.test' });

    await withUsers({ ...alice, emails: [{ value: 'one@e.test' }, { value: 'two@e.test' }] });
    expect(await find('alice')).not.toHaveProperty('email');
  });

  it('have what the operator says of everybody, unless the service says otherwise', async () => {
    const constants = { email_verified: true, locale: 'nl' };

    expect(await find('alice', { constants })).toMatchObject({
      email_verified: true,
      locale: 'en-US',
    });
  });

  it('have further attributes by their paths, those of extensions as well', async () => {
    const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
    const attributes = { job: 'title', mails: 'emails.value' };
    await withUsers({ ...alice, title: 'Guide', [urn]: { department: 'Tours' } });

    expect(await find('alice', { attributes })).toMatchObject({
      job: 'Guide',
      mails: ['alice@example.test', 'al@home.test'],
    });
  });
});

describe('userinfo scim: who is found', () => {
  it('does not know whoever is inactive', async () => {
    await withUsers({ ...alice, active: false });

    expect(await find('alice')).toBeUndefined();
  });

  it('does not know a name in another case, and does where the operator says so', async () => {
    expect(await find('ALICE')).toBeUndefined();

    await withUsers({ ...alice, userName: 'Alice' });
    expect(await find('alice')).toBeUndefined();
    expect(await find('alice', { ignore_case: true })).toMatchObject({ nickname: 'Al' });
  });

  it('fails for two resources of one subject instead of choosing', async () => {
    await withUsers(alice, { ...bob, userName: 'alice' });

    await expect(find('alice')).rejects.toMatchObject(failure('more than one resource is found'));
  });

  it('asks by id where the subject is one (RFC 7644 §3.4.1)', async () => {
    expect(await find(alice.id, { lookup: 'id' })).toMatchObject({ nickname: 'Al' });
    expect(await find('nobody', { lookup: 'id' })).toBeUndefined();
    expect(await find('..', { lookup: 'id' })).toBeUndefined();
  });

  it('asks by another attribute, in lists as well', async () => {
    const lookup = 'emails.value';

    expect(await find('al@home.test', { lookup })).toMatchObject({ nickname: 'Al' });
    expect(await find('alice', { lookup })).toBeUndefined();
  });
});

describe('userinfo scim: a subject is a value (RFC 7644 §3.4.2.2)', () => {
  const ATTACKS = [
    '" or userName pr or userName eq "',
    'alice" or "1" eq "1',
    'x\\" or userName pr or userName eq \\"',
    'alice\\',
    '*',
    'alice"',
    ') or (userName pr',
    '&count=100&filter=userName pr',
    'alice\u0000',
    'alice\n',
  ];
  for (const attack of ATTACKS) {
    it(`finds nobody with ${JSON.stringify(attack)}, and whoever has it as a name`, async () => {
      expect(await find(attack)).toBeUndefined();

      await withUsers({ ...bob, userName: attack, nickName: 'odd' });
      expect(await find(attack)).toMatchObject({ nickname: 'odd' });
    });
  }

  it('finds names that are not ASCII', async () => {
    await withUsers({ ...bob, userName: 'jürgen 🚲', nickName: 'J' });

    expect(await find('jürgen 🚲')).toMatchObject({ nickname: 'J' });
  });
});

describe('userinfo scim: groups', () => {
  const member = { value: alice.id, display: 'alice' };
  const groups: readonly ScimResource[] = [
    { id: 'g1', displayName: 'staff', members: [member] },
    { id: 'g2', displayName: 'ops', members: [member, { value: bob.id }] },
    { id: 'g3', displayName: 'others', members: [{ value: bob.id }] },
  ];

  it('are the ids where the operator says so, and none where none are wanted', async () => {
    expect(await find('alice', { group_name: 'value' })).toMatchObject({ groups: ['g1', 'g2'] });
    expect(await find('alice', { groups: 'none' })).not.toHaveProperty('groups');
  });

  it('are those whose members have the id, by a search', async () => {
    await server.serve({ users: [alice, bob], groups });

    expect(await find('alice', { groups: 'search' })).toMatchObject({ groups: ['staff', 'ops'] });
    expect((await server.asked()).at(-1)).toContain(`members.value eq "${alice.id}"`);
  });

  it('are a failure where one has no name', async () => {
    await withUsers({ ...alice, groups: [{ value: 'g1' }] });

    await expect(find('alice')).rejects.toMatchObject(
      failure('a group of the user has no display'),
    );
  });

  it('are a failure where there are more than a thousand', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ value: `${index}`, display: `g${index}` }));
    await withUsers({ ...alice, groups: many(1000) });
    expect((await find('alice'))?.['groups']).toHaveLength(1000);

    await withUsers({ ...alice, groups: many(1001) });
    await expect(find('alice')).rejects.toMatchObject(failure('more than 1000 groups'));
  });
});

it('is asked about nobody to find problems, and says them', async () => {
  expect(await (await open()).findProblems?.()).toEqual([]);

  const wrong = await open({ url: `${server.url}/wrong` });
  expect(await wrong.findProblems?.()).toMatchObject([failure('answered with status 404')]);
  await expect(wrong.find(ALICE, {})).rejects.toMatchObject(failure('answered with status 404'));
});
