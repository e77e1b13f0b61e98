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

/** What an event says that has no such member. */
const NONE = 'none';

type Facts = {
  readonly type: AuditEvent['type'];
  readonly clientId?: string | undefined;
  readonly error?: string;
  readonly reason?: string;
  readonly grantType?: string | undefined;
  /** Absent where no request was behind it. */
  readonly requestId?: string;
};

type Count = (facts: Facts) => void;

type CountTerms = Omit<EventTerms, 'exemplarOf'> & {
  readonly exemplarOf: (requestId: string | undefined) => Exemplar | undefined;
};

function createCounts(terms: EventTerms): (event: AuditEvent) => void {
  const events = terms.numbers.counter('auditEvents');
  const exemplarOf = (requestId: string | undefined) =>
    requestId === undefined ? undefined : terms.exemplarOf(requestId);
  const refused = createRefusalCount({ ...terms, exemplarOf });
  const byType = createCountsByType({ ...terms, exemplarOf });
  return (event) => {
    events([event.type]);
    if (event.type.endsWith('.refused')) refused(event);
    else byType[event.type]?.(event);
  };
}

function createRefusalCount({ numbers, exemplarOf, isCounted }: CountTerms): Count {
  const refusals = numbers.counter('refusals');
  const ofClient = numbers.counter('clientRefusals');
  return ({ type, clientId, error = NONE, reason = NONE, requestId }) => {
    refusals([type, error, reason], requestId === undefined ? undefined : exemplarOf(requestId));
    if (clientId !== undefined && isCounted(clientId)) ofClient([clientId, error]);
  };
}

/** What is counted of those events that say more than that they were. */
function createCountsByType({ numbers, exemplarOf, isCounted }: CountTerms): {
  readonly [Type in AuditEvent['type']]?: Count;
} {
  const issued = numbers.counter('tokensIssued');
  const issuedToClient = numbers.counter('clientTokens');
  const authorizations = numbers.counter('authorizationsEnded');
  const sessions = numbers.counter('sessionsEnded');
  const deliveries = numbers.counter('logoutDeliveries');
  return {
    'token.issued': ({ clientId, grantType = NONE }) => {
      issued([grantType]);
      if (clientId !== undefined && isCounted(clientId)) issuedToClient([clientId, grantType]);
    },
    'authorization.ended': ({ reason = NONE, requestId }) =>
      authorizations([reason], requestId === undefined ? undefined : exemplarOf(requestId)),
    'session.ended': ({ reason = NONE }) => sessions([reason]),
    'logout.delivered': () => deliveries(['delivered']),
    'logout.failed': ({ reason = NONE }) => deliveries([reason]),
  };
}
