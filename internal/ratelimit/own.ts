// Whose budget of a rule a request takes from. Decisions alone.

import { hash } from 'node:crypto';
import { type Budget, type ClientBudgets, EVERY_RULE } from '../protocol/budget.ts';
import type { Network } from './peer.ts';
import type { Rule } from './rule.ts';

/** What is known of who asks. */
export type Who = {
  readonly network: Network | undefined;
  readonly clientId?: string | undefined;
  /** Nobody has proven to be this client: nobody can. */
  readonly isPublic?: boolean | undefined;
  readonly subject?: string | undefined;
};

export type Own = { readonly key: string; readonly budget: Budget };

/** Undefined: none, because they are exempt, or the rule is about somebody else than can be told. */
export function findOwn(
  rule: Rule,
  who: Who,
  budgetsOf: (clientId: string) => ClientBudgets | undefined,
): Own | undefined {
  const { clients, subjects, networks } = rule.exempt;
  const { clientId, subject, network } = who;
  if (clientId !== undefined && clients.has(clientId)) return undefined;
  if (subject !== undefined && subjects.has(subject)) return undefined;
  if (networks(network?.address)) return undefined;
  const key = keyOf(rule, who);
  const budget = budgetOf(rule, clientId, budgetsOf);
  return key === undefined || budget === 'unlimited' ? undefined : { key, budget };
}

function keyOf(rule: Rule, { network, clientId, isPublic, subject }: Who): string | undefined {
  switch (rule.by) {
    case 'peer':
      return network?.name;
    case 'subject':
      return subject;
    case 'client':
      return isPublic === true ? pairOf(network, clientId) : clientId;
    case 'client+peer':
      return pairOf(network, clientId);
    default:
      return rule.by satisfies never;
  }
}

/** The name may be as long as a body, and contain anything. */
const pairOf = (network: Network | undefined, clientId = ''): string | undefined =>
  network && `${network.name} ${hash('sha256', clientId, 'base64url')}`;

function budgetOf(
  { name, by, budget }: Rule,
  clientId: string | undefined,
  budgetsOf: (clientId: string) => ClientBudgets | undefined,
): Budget | 'unlimited' {
  if (clientId === undefined || (by !== 'client' && by !== 'client+peer')) return budget;
  const own = budgetsOf(clientId);
  return own?.get(name) ?? own?.get(EVERY_RULE) ?? budget;
}

/** Whether whoever wants can make as many keys as they like: others are those of who is known here. */
export const isAnybodys = ({ by }: Rule, { isPublic }: Who): boolean =>
  by === 'peer' || by === 'client+peer' || (by === 'client' && isPublic === true);

type Described = {
  readonly clientId: string | undefined;
  readonly subject: string | undefined;
  readonly peer: string | undefined;
};

/** For the trail. A name that nobody has is whatever somebody typed, and may be a secret. */
export const describe = (
  { by }: Rule,
  { clientId, subject, network }: Who,
  isClient: (clientId: string) => boolean,
): Described => ({
  clientId: clientId !== undefined && isClient(clientId) ? clientId : undefined,
  subject: by === 'subject' ? subject : undefined,
  peer: network?.address,
});
