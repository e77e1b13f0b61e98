// The door of the console while the store is away, over the very functions that answer.

import { describe, expect, it } from 'vitest';
import { createRandom } from '../../internal/app/random.ts';
import { openArrival } from '../../internal/http/admin/console/arrival.ts';
import { createHall } from '../../internal/http/admin/console/hall.ts';
import { identifySession } from '../../internal/http/admin/console/identify.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { createUnderway } from '../../internal/telemetry/underway.ts';

function createDoor(hasLeft: () => Promise<boolean>) {
  const caller = { name: 'token:writer', role: 'write' } as const;
  const hall = createHall(
    {
      ...{ open: () => Promise.reject(new Error('not asked')), isOn: () => true, hosts: () => [] },
      ...{ lifetime: () => 3600, issuer: 'https://sso.example', audit: () => undefined },
      ...{ random: createRandom(), now: () => 1_800_000_000, calls: createUnderway() },
      findSans: () => undefined,
    },
    {
      routes: [],
      recognise: async () => ({ kind: 'absent' }),
      remembering: {
        remember: async () => ({ kind: 'absent' }),
        recall: async () => ({ kind: 'known', caller }),
      },
      seals: {
        seal: (purpose, text) => Buffer.from(JSON.stringify([purpose, text])).toString('base64url'),
        unseal: (purpose, sealed) => {
          const [of, text] = JSON.parse(Buffer.from(sealed, 'base64url').toString());
          return of === purpose ? text : undefined;
        },
      },
      leaving: { leave: async () => undefined, hasLeft },
      sources: { minutes: async () => undefined, identities: async () => [] },
    },
  );
  const session = hall.sessions.begin('x');
  const [cookie = ''] = hall.sessions.print(session, false).split(';');
  const request = { url: '/console', method: 'GET', socket: {}, rawHeaders: ['Cookie', cookie] };
  const identify = () => identifySession(openArrival(request as never, 'r'), hall);
  return { hall, session, identify };
}

describe('a sign-in to the console', () => {
  it('may what its role may while the store says that it goes on', async () => {
    const known = await createDoor(async () => false).identify();
    expect(known).toMatchObject({ caller: { role: 'write' }, isLimited: false });
  });

  it('only looks while the store does not answer, and is nobody where it ended here', async () => {
    const away = createDoor(() => Promise.reject(new Unavailable('store', 'away')));
    expect(await away.identify()).toMatchObject({ caller: { role: 'read' }, isLimited: true });
    away.hall.left.add(away.session.id);
    expect(await away.identify()).toBeUndefined();
  });

  it('is nobody once the store says that it ended', async () => {
    expect(await createDoor(async () => true).identify()).toBeUndefined();
  });
});
