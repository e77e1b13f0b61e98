import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommands } from '../../internal/store/redis/connection/commands.ts';
import {
  type Connection,
  openConnection,
} from '../../internal/store/redis/connection/connection.ts';
import { Late } from '../../internal/store/redis/connection/errors.ts';
import { toSlot } from '../../internal/store/redis/connection/slots.ts';
import { run } from '../../internal/store/redis/run.ts';
import { MARK } from '../../internal/store/redis/scripts.ts';
import { unique } from '../support/authorizations.ts';
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts';

const DEADLINE_MS = 2000;
const HOURS_MS = 3 * 3_600_000;

/** Of a cluster whose nodes have clocks that do not agree: what one has taught says nothing of another. */
describe('the clocks of a cluster (F-12)', () => {
  let cluster: RedisCluster;
  let connection: Connection;
  beforeAll(async () => {
    cluster = await startCluster();
    connection = await openConnection(
      {
        ...{ url: 'redis://', cluster: { nodes: cluster.nodes } },
        ...{ issuer: 'https://issuer.example', maxPending: 1 },
      },
      DEADLINE_MS,
    );
  });
  afterAll(async () => {
    await connection.close();
    await cluster.stop();
  });

  const mark = (key: string) =>
    run(createCommands(connection), MARK, [key], [performance.now() + DEADLINE_MS, 60_000, 1], []);

  /** The clock of the node of this key is believed to be hours behind what it says. */
  const mistake = (key: string) =>
    connection.at(key, async (node) => {
      node.learnTime(node.toRedisTime(performance.now()) - HOURS_MS);
      return node;
    });

  const keysOfTwoNodes = () =>
    ['{b}', '{foo}'].map((tag) => `${tag}:${unique()}`) as [string, string];

  it('are learned of each by itself, also from an answer that says it was late', async () => {
    const [mistaken, other] = keysOfTwoNodes();
    const [node, rightNode] = [await mistake(mistaken), await connection.at(other, async (n) => n)];
    expect(node).not.toBe(rightNode);

    await expect(mark(mistaken)).rejects.toBeInstanceOf(Late);
    expect(await mark(other)).toEqual(['marked']);
    expect(await mark(mistaken)).toEqual(['marked']);
    expect(Math.abs(node.toRedisTime(0) - rightNode.toRedisTime(0))).toBeLessThan(HOURS_MS / 2);
  });

  it('are those of the node that executes, not of the one that was asked first', async () => {
    const [moving, other] = keysOfTwoNodes();
    const [slot, target] = [toSlot(moving), await cluster.ownerOf(toSlot(other))];
    await mistake(moving);
    await cluster.moveSlot(slot, await cluster.ownerOf(slot), target);

    expect(await mark(moving)).toEqual(['marked']);
  });

  it('are learned anew by a question whether all of it is there', async () => {
    const [mistaken] = keysOfTwoNodes();
    await mistake(mistaken);

    await connection.probe('probe');

    expect(await mark(mistaken)).toEqual(['marked']);
  });
});
