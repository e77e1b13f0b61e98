// What was asked of an issuer and what became of it: a decorator around every endpoint. It sees what the
// client sees, faults included, and decides nothing.

import type { Audit, AuditEvent } from '../audit/events.ts';
import { toFailure } from '../http/errors.ts';
import type { Deps } from '../oidc/deps.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from '../oidc/endpoint.ts';
import type { Issuer } from '../oidc/issuer.ts';
import { present } from '../protocol/present.ts';
import type { Step, StepName } from './api.ts';
import { findConcerned } from './concerned.ts';
import { type Outcome, toOutcome } from './outcome.ts';
import { toShown } from './redact.ts';
import { currentRequest, inRequest, type RequestContext } from './request-context.ts';

export type Recorder = {
  readonly issuer: (issuer: Issuer, deps: Deps) => Issuer;
  readonly audit: (audit: Audit) => Audit;
  readonly flows: () => readonly Step[];
};

/** So many are kept: of more than that, no test asks for the first. */
const MAX_STEPS = 1000;

export function createRecorder(): Recorder {
  const steps: Step[] = [];
  const keep = (step: Step): void => {
    steps.push(step);
    if (steps.length > MAX_STEPS) steps.shift();
  };
  return {
    issuer: (issuer, deps) =>
      aroundEvery(issuer, (step, endpoint) => (request) => {
        const context: RequestContext = { step, faults: [] };
        return inRequest(context, () => observe(context, endpoint, request, deps, keep));
      }),
    audit: (audit) => (event) => {
      const context = currentRequest();
      if (context !== undefined) note(context, event);
      audit(event);
    },
    flows: () => [...steps],
  };
}

async function observe(
  context: RequestContext,
  endpoint: Endpoint,
  request: ProtocolRequest,
  deps: Deps,
  keep: (step: Step) => void,
): Promise<ProtocolResponse> {
  // Before: what this request ends says nothing afterwards of whose it was.
  const concerned = await findConcerned(context.step, request, deps);
  const tell = ({ status, error }: Outcome, reason: string | undefined): void =>
    keep({
      step: context.step,
      ...present({
        client: context.client ?? concerned.client,
        user: context.user ?? concerned.user,
      }),
      request: toShown(request.params, deps.issuer),
      status,
      ...present({
        error,
        reason,
        faults: context.faults.length === 0 ? undefined : context.faults,
      }),
    });
  try {
    const response = await endpoint(request);
    const outcome = toOutcome(response, context.error);
    tell(outcome, outcome.error === undefined ? undefined : context.reason);
    return response;
  } catch (error) {
    const { status, code, reason } = toFailure(error, request.requestId);
    tell({ status, error: code }, reason);
    throw error;
  }
}

/** What the domain puts on record about the request itself, and not about others that it ends. */
const ABOUT_REQUEST: ReadonlySet<AuditEvent['type']> = new Set([
  'authorization.granted',
  'authorization.refused',
  'token.issued',
  'token.refused',
  'consent.given',
  'consent.denied',
  'client.registered',
  'client.changed',
  'client.deleted',
  'registration.refused',
  'user_code.refused',
  'session.ended',
  'sign_out.asked',
]);

function note(context: RequestContext, event: AuditEvent): void {
  if (!ABOUT_REQUEST.has(event.type)) return;
  if ('clientId' in event) context.client ??= event.clientId;
  // A client that acts for itself is no End-User.
  if ('subject' in event && !('grantType' in event && event.subject === event.clientId)) {
    context.user ??= event.subject;
  }
  if ('error' in event) context.error = event.error;
  if ('reason' in event) context.reason = event.reason;
}

/**
 * The same issuer with something around each endpoint that it has. By getters: with a reload an endpoint
 * may come or go.
 */
function aroundEvery(
  issuer: Issuer,
  around: (step: StepName, endpoint: Endpoint) => Endpoint,
): Issuer {
  const names = Object.keys(issuer) as (keyof Issuer)[];
  const members = names.map((name) => {
    const get = () => {
      const endpoint = issuer[name];
      return endpoint && around(name, endpoint);
    };
    return [name, { enumerable: true, get }] as const;
  });
  // Every name of an issuer, and for each what it has under that name.
  return Object.defineProperties({}, Object.fromEntries(members)) as Issuer;
}
