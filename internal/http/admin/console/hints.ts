// What somebody should look at now, in the order of how bad it is: a decision over numbers, no more.

import type { Answers } from '../../../admin/api/answers.ts';
import { addBuckets, findQuantile, type Minute } from '../../../telemetry/minutes.ts';
import { type Html, html } from '../../pages/html.ts';
import { printMs } from './hour.ts';
import { address, NOTHING, value } from './parts.ts';

export type HintFacts = {
  readonly status: Pick<Answers['readStatus'], 'ready' | 'dependencies'>;
  readonly configuration: Pick<Answers['readConfiguration'], 'outdated' | 'restart_needed'>;
  readonly keys: readonly Pick<Answers['listKeys']['keys'][number], 'state' | 'alg'>[];
  readonly minutes: readonly Minute[] | undefined;
  readonly now: number;
};

export type Hint = {
  readonly tone: 'problem' | 'warning';
  readonly text: Html;
  readonly to: string | undefined;
};

const RECENT = 10;
/** Above what is common where everything is well. */
const SLOW = { requests: 1, store: 0.25 };
const MANY_REFUSALS = 0.2;
const FEW_REQUESTS = 20;

export function findHints(facts: HintFacts): readonly Hint[] {
  const { status, configuration, keys, minutes = [] } = facts;
  const { outdated, restart_needed: waiting } = configuration;
  const missing = status.dependencies.filter(({ ready }) => !ready).map(({ name }) => name);
  return [
    ...(status.ready
      ? []
      : [
          problem(
            html`Not ready: ${value(missing.join(', ') || 'a stop was asked for', 200)}. Load balancers send nobody here.`,
            undefined,
          ),
        ]),
    ...(outdated
      ? [
          problem(
            html`The files of the configuration say something else than is in force, and could not be taken.`,
            '/configuration',
          ),
        ]
      : []),
    ...(keys.length > 0 && !keys.some(({ state }) => state === 'signing')
      ? [problem(html`No key signs.`, '/keys')]
      : []),
    ...(waiting.length === 0
      ? []
      : [
          warning(
            html`Options wait for a restart: ${value(waiting.join(', '), 300)}.`,
            '/configuration',
          ),
        ]),
    ...findRecent(minutes.slice(-RECENT)),
  ];
}

function findRecent(minutes: readonly Minute[]): readonly Hint[] {
  const sum = (of: (minute: Minute) => readonly number[]): readonly number[] =>
    minutes.map(of).reduce(addBuckets, []);
  const requests = sum(({ requests: some }) => some);
  const count = requests.reduce((total, some) => total + some, 0);
  const refused = minutes
    .flatMap(({ refusals }) => Object.values(refusals))
    .reduce((a, b) => a + b, 0);
  const slowest = findQuantile(requests, 0.99) ?? 0;
  const store =
    findQuantile(
      sum(({ store: some }) => some),
      0.99,
    ) ?? 0;
  return [
    ...(count >= FEW_REQUESTS && refused / count > MANY_REFUSALS
      ? [
          warning(
            html`Of ${String(count)} requests of the last minutes, ${String(refused)} were refused.`,
            '/audit',
          ),
        ]
      : []),
    ...(slowest > SLOW.requests
      ? [
          warning(
            html`One of a hundred requests takes ${printMs(slowest * 1000)} ms or longer.`,
            undefined,
          ),
        ]
      : []),
    ...(store > SLOW.store
      ? [
          warning(
            html`One of a hundred verbs of the store takes ${printMs(store * 1000)} ms or longer.`,
            undefined,
          ),
        ]
      : []),
  ];
}

const problem = (text: Html, to: string | undefined): Hint => ({ tone: 'problem', text, to });
const warning = (text: Html, to: string | undefined): Hint => ({ tone: 'warning', text, to });

export const drawHints = (hints: readonly Hint[]): Html =>
  hints.length === 0
    ? html``
    : html`<ul class="hints" role="list" aria-label="What to look at">
${hints.map(({ tone, text, to }) => html`<li class="${tone}">${text}${to === undefined ? NOTHING : html` <a href="${address(to)}">Look at it</a>`}</li>\n`)}</ul>
`;
