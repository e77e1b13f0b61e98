import { describe, expect, it } from 'vitest';
import { createAgreement } from '../../internal/app/workers/agreement.ts';
import type { ToWorker } from '../../internal/app/workers/messages.ts';
import type { PackedSnapshot } from '../../internal/app/workers/snapshot.ts';

const SNAPSHOT = {} as PackedSnapshot;

function createMembers(count: number) {
  return Array.from({ length: count }, () => {
    const told: ToWorker[] = [];
    return {
      told,
      kinds: () => told.map(({ kind }) => kind),
      send: (message: ToWorker) => void told.push(message),
    };
  });
}
type Members = ReturnType<typeof createMembers>;

const idOf = ({ told }: Members[number]): number => {
  const message = told.at(-1);
  return message?.kind === 'prepare' ? message.id : -1;
};

const say = (member: Members[number], problem?: string) => ({
  kind: 'prepared' as const,
  id: idOf(member),
  problem,
});

describe('a configuration of several workers', () => {
  it('is taken by all, once all have opened it', async () => {
    const agreement = createAgreement();
    const members = createMembers(2);
    const preparing = agreement.prepare(SNAPSHOT, members, () => members);
    for (const member of members) agreement.answer(member, say(member));
    const { take } = await preparing;
    expect(members.map(({ kinds }) => kinds())).toEqual([['prepare'], ['prepare']]);

    take();

    expect(members.map(({ kinds }) => kinds())).toEqual([
      ['prepare', 'take'],
      ['prepare', 'take'],
    ]);
  });

  it('is taken by none where one cannot open it', async () => {
    const agreement = createAgreement();
    const members = createMembers(2);
    const preparing = agreement.prepare(SNAPSHOT, members, () => members);
    members.forEach((member, index) => {
      agreement.answer(member, say(member, index === 1 ? 'no CA' : undefined));
    });

    await expect(preparing).rejects.toThrow('no CA');
    expect(members.map(({ kinds }) => kinds())).toEqual([
      ['prepare', 'discard'],
      ['prepare', 'discard'],
    ]);
  });

  it('does not wait for a worker that is gone', async () => {
    const agreement = createAgreement();
    const members = createMembers(2);
    const [alive, gone] = members;
    const preparing = agreement.prepare(SNAPSHOT, members, () => members);
    if (alive !== undefined) agreement.answer(alive, say(alive));
    if (gone !== undefined) agreement.forget(gone);

    await expect(preparing).resolves.toBeDefined();
  });

  it('is handed as it is to a worker that began to serve meanwhile', async () => {
    const agreement = createAgreement();
    const members = createMembers(1);
    const later = createMembers(1);
    const preparing = agreement.prepare(SNAPSHOT, members, () => [...members, ...later]);
    for (const member of members) agreement.answer(member, say(member));
    (await preparing).take();

    expect(later.map(({ kinds }) => kinds())).toEqual([['replace']]);
  });

  it('hears no answer to another one', async () => {
    const agreement = createAgreement(50);
    const members = createMembers(1);
    const preparing = agreement.prepare(SNAPSHOT, members, () => members);
    for (const member of members) {
      agreement.answer(member, { kind: 'prepared', id: idOf(member) - 1, problem: undefined });
    }

    await expect(preparing).rejects.toThrow('does not say whether it can');
  });
});
