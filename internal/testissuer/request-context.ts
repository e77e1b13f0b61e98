// The request that is being answered, for whoever is called on the way without being told: the signing of
// tokens, the record of what happened.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { FaultName, StepName } from './api.ts';

export type RequestContext = {
  readonly step: StepName;
  /** Whoever has its way with this request says so here. */
  readonly faults: FaultName[];
  /** What the domain put on record about it. */
  client?: string | undefined;
  user?: string | undefined;
  error?: string | undefined;
  reason?: string | undefined;
};

const contexts = new AsyncLocalStorage<RequestContext>();

/** Undefined where no request is being answered: what `issue` makes, what is sent by itself. */
export const currentRequest = (): RequestContext | undefined => contexts.getStore();

/** Everything that is called from here on is a part of this request. */
export const inRequest = <Result>(context: RequestContext, work: () => Result): Result =>
  contexts.run(context, work);
