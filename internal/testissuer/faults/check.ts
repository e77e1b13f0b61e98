// Whether a fault can be added: everything that somebody could get wrong has an error that says what to do.

import { findNearest } from '../../config/nearest.ts';
import type { Fault, FaultName, StepName } from '../api.ts';
import { Misuse } from '../misuse.ts';
import type { FaultEntry } from './entry.ts';
import { checkGiven, type Shape, type Values } from './parameters.ts';
import { FAULT_NAMES, FAULTS, isFaultName } from './table.ts';

type Members = { readonly [name: string]: unknown };

/** What may be said, and what there is to say it about. */
const MEMBERS = ['do', 'when', 'with', 'times'];
const CONDITIONS = ['client', 'user', 'step', 'nth'];

/** Anybody may read these, and nobody says who it is. */
const OF_NO_CLIENT: ReadonlySet<StepName> = new Set(['discovery', 'jwks']);
/** No End-User is concerned, or not known yet. */
const OF_NO_USER: ReadonlySet<StepName> = new Set([
  'discovery',
  'jwks',
  'push',
  'deviceAuthorization',
]);

export type Checked = { readonly entry: FaultEntry; readonly values: Values<Shape> };

/** Throws an error that says what is wrong, and what would be right. */
export function checkFault(fault: Fault): Checked {
  checkMembers(fault, MEMBERS, 'a fault');
  const name = checkName(fault.do);
  const entry = FAULTS[name];
  const { when = {}, times } = fault;
  checkMembers(when, CONDITIONS, 'when');
  checkStep(name, entry, when.step);
  checkParties(name, when, when.step === undefined ? entry.steps : [when.step]);
  checkCount('when.nth', when.nth);
  checkCount('times', times);
  return { entry, values: checkGiven(name, entry.with, fault.with ?? {}) };
}

function checkName(name: string): FaultName {
  if (isFaultName(name)) return name;
  const nearest = findNearest(name, FAULT_NAMES);
  const [group = ''] = name.split('.');
  const related = FAULT_NAMES.filter((known) => known.startsWith(`${group}.`));
  const hint = nearest === undefined ? listed(related) : ` Did you mean ${nearest}?`;
  throw new Misuse(`there is no fault ${name}.${hint} All of them are in docs/faults.md`);
}

const listed = (names: readonly string[]): string =>
  names.length === 0 ? '' : ` There are: ${names.join(', ')}.`;

function checkMembers(given: Members, known: readonly string[], where: string): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw new Misuse(`${where} has no member ${name}; there are: ${known.join(', ')}`);
  }
}

function checkStep(name: FaultName, { steps }: FaultEntry, step: StepName | undefined): void {
  if (step === undefined || steps.includes(step)) return;
  const possible =
    steps.length === 0
      ? 'nobody asks for what it is about: leave out when.step'
      : `it has to do with: ${steps.join(', ')}`;
  throw new Misuse(`the fault ${name} never happens at the step ${step}; ${possible}`);
}

// Else the fault would wait for ever, and the test would show nothing.
function checkParties(
  name: FaultName,
  { client, user }: NonNullable<Fault['when']>,
  steps: readonly StepName[],
): void {
  const never = (of: ReadonlySet<StepName>): boolean =>
    steps.length > 0 && steps.every((step) => of.has(step));
  if (client !== undefined && never(OF_NO_CLIENT)) {
    throw new Misuse(
      `the fault ${name} cannot be for one client: nobody says who reads that document; leave out when.client`,
    );
  }
  if (user !== undefined && never(OF_NO_USER)) {
    throw new Misuse(
      `the fault ${name} cannot be for one End-User: none is known at that step; leave out when.user`,
    );
  }
}

function checkCount(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value >= 1)) return;
  throw new Misuse(`${name} has to be a whole number, 1 or more`);
}
