// Counts what goes on record, so that a number, an event and a line are about the same thing: the labels
// are the members of the event, word for word. What names a person or an authorization is no label.

import type { Audit, AuditEvent } from '../../audit/events.ts';
import type { Exemplar } from '../families.ts';
import type { Numbers } from '../numbers.ts';

export type EventTerms = {
  readonly numbers: Numbers;
  /** How an increment names the request behind it. */
  readonly exemplarOf: (requestId: string) => Exemplar;
  /** Whether it is to have series of its own; false for whoever registered itself. */
  readonly isCounted: (clientId: string) => boolean;
};

/** Counts, and hands on. */
export function countEvents(next: Audit, terms: EventTerms): Audit {
  const count = createCounts(terms);
  return (event) => {
    count(event);
    next(event);
  };
}

type Facts = {
  readonly type: AuditEvent['type'];
  readonly clientId?: string | undefined;
  readonly error?: string;
  readonly reason?: string;
  readonly grantType?: string | undefined;
};

function createCounts({ numbers, exemplarOf, isCounted }: EventTerms) {
  const events = numbers.counter('auditEvents');
  const refusals = numbers.counter('refusals');
  const issued = numbers.counter('tokensIssued');
  const clientIssued = numbers.counter('clientTokens');
  const clientRefusals = numbers.counter('clientRefusals');
  const authorizations = numbers.counter('authorizationsEnded');
  const sessions = numbers.counter('sessionsEnded');
  const deliveries = numbers.counter('logoutDeliveries');
  return (event: AuditEvent): void => {
    const facts: Facts = event;
    const { type, clientId, error = 'none', reason = 'none', grantType = 'none' } = facts;
    events([type]);
    const isOfClient = clientId !== undefined && isCounted(clientId);
    if (type === 'token.issued') {
      issued([grantType]);
      if (isOfClient) clientIssued([clientId, grantType]);
    } else if (type.endsWith('.refused')) {
      refusals([type, error, reason], exemplarOf(event.requestId));
      if (isOfClient) clientRefusals([clientId, error]);
    } else if (type === 'authorization.ended') {
      authorizations([reason], exemplarOf(event.requestId));
    } else if (type === 'session.ended') {
      sessions([reason]);
    } else if (type === 'logout.delivered' || type === 'logout.failed') {
      deliveries([type === 'logout.failed' ? reason : 'delivered']);
    }
  };
}
