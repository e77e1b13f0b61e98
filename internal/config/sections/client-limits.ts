// How often one client may, where rules of `rate_limits` are about clients.

import type { z } from 'zod';
import { type Budget, type ClientBudgets, EVERY_RULE } from '../../protocol/budget.ts';
import { later } from '../fields.ts';
import { clientRateLimit } from './rate-limits.ts';

/** Keys of a client's metadata. */
export const clientLimits = {
  rate_limit: later(clientRateLimit)
    .optional()
    .meta({
      description:
        'Its own limit in place of that of rules about clients, unlimited, or one for each by name of rule',
      examples: ['1000/1m'],
    }),
};

type Given = z.output<ReturnType<typeof clientRateLimit>>;

export const toClientBudgets = (given: Given | undefined): ClientBudgets | undefined => {
  if (given === undefined) return undefined;
  const isOne = (value: Given): value is Budget | 'unlimited' =>
    value === 'unlimited' || typeof (value as Budget).limit === 'number';
  return new Map(isOne(given) ? [[EVERY_RULE, given]] : Object.entries(given));
};
