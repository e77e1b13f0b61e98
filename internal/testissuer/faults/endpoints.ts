// Around every endpoint: before the domain is asked, and after it answered.

import type { Endpoint, ProtocolResponse } from '../../oidc/endpoint.ts';
import type { Issuer } from '../../oidc/issuer.ts';
import type { StepName } from '../api.ts';
import type { ActiveFaults, Decided } from './active.ts';
import { readFields, writeFields } from './authorization-response.ts';
import type { Asked } from './entry.ts';
import type { Flows } from './flows.ts';
import { withStandIns } from './laxness.ts';
import type { Occasion } from './match.ts';

/** The request that something happens in. */
export type Visit = {
  readonly occasion: Occasion;
  readonly decided: Decided;
};

export type AroundDeps = {
  readonly active: ActiveFaults;
  readonly flows: Flows;
  /** Runs what is asked so that whoever signs in it knows where it is. */
  readonly during: <Result>(visit: Visit, run: () => Result) => Result;
};

/**
 * Members are asked for each time, as those of the domain are: one may come or go with a reload, and then a
 * request finds it as it is.
 */
export function aroundIssuer(domain: Issuer, deps: AroundDeps): Issuer {
  const members = Object.keys(domain).map((name) => [
    name,
    { enumerable: true, get: () => aroundEndpoint(name as StepName, domain, deps) },
  ]);
  // The same names, and each an endpoint wherever the domain has one.
  return Object.defineProperties({}, Object.fromEntries(members)) as Issuer;
}

function aroundEndpoint(step: StepName, domain: Issuer, deps: AroundDeps): Endpoint | undefined {
  const endpoint = domain[step];
  if (endpoint === undefined) return undefined;
  return (request) => {
    const { flow, client, user } = deps.flows.find(step, request);
    const visit: Visit = { occasion: { step, client, user }, decided: new Map() };
    const carryOut: Endpoint = async (sent) => {
      const answered = await endpoint(withStandIns(sent, flow));
      deps.flows.learn(flow, { step, client, request, sent }, answered);
      return answered;
    };
    const asked = { step, request, client, flow, carryOut, domain };
    return deps.during(visit, () => respond(asked, visit, deps.active));
  };
}

async function respond(
  asked: Asked,
  visit: Visit,
  active: ActiveFaults,
): Promise<ProtocolResponse> {
  const { occasion, decided } = visit;
  let { request } = asked;
  const before = active.happening('request', (act) => act.fits(asked), occasion, decided);
  for (const { act } of before) {
    const next = await act({ ...asked, request });
    if ('kind' in next) return next;
    request = next;
  }
  const answered = await asked.carryOut(request);
  return alter(alterFields(answered, visit, active), visit, active);
}

/** An authorization response, unless it is signed: then that is done where it is signed. */
function alterFields(
  answered: ProtocolResponse,
  { occasion, decided }: Visit,
  active: ActiveFaults,
): ProtocolResponse {
  const fields = readFields(answered);
  if (fields === undefined) return answered;
  let altered = fields;
  for (const act of active.happening(
    'authorization',
    (one) => one.fits(fields),
    occasion,
    decided,
  )) {
    altered = act.alter(altered);
  }
  return altered === fields ? answered : writeFields(answered, altered);
}

function alter(
  answered: ProtocolResponse,
  { occasion, decided }: Visit,
  active: ActiveFaults,
): ProtocolResponse {
  let altered = answered;
  for (const act of active.happening('answer', (one) => one.fits(answered), occasion, decided)) {
    altered = act.alter(altered);
  }
  return altered;
}
