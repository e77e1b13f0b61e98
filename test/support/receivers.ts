import { randomBytes } from 'node:crypto';
import { OutboundError, type OutboundRequest } from '../../internal/outbound/outbound.ts';
import { createQueue, type Queue } from '../../internal/outbound/queue.ts';

/** Where deliveries go: the real outbox, and behind it answers that a test chooses. */
export type Receivers = {
  readonly queue: Queue;
  /** In the order they were sent. */
  readonly requests: OutboundRequest[];
  /** A status, or `undefined` for a receiver that cannot be reached. */
  answer: (request: OutboundRequest) => number | undefined | Promise<number | undefined>;
};

export function createReceivers(): Receivers {
  const requests: OutboundRequest[] = [];
  const receivers: Receivers = {
    requests,
    answer: () => 200,
    queue: createQueue({
      random: (bytes) => randomBytes(bytes).toString('base64url'),
      backOff: [0.001, 0.002],
      async send(request) {
        requests.push(request);
        const status = await receivers.answer(request);
        if (status === undefined) throw new OutboundError('unreachable', 'could not be reached');
        return { status, headers: {}, body: new Uint8Array() };
      },
    }),
  };
  return receivers;
}
