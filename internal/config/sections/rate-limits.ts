// How often requests of one kind are answered, for whom it is counted, and whom it is not.

import * as z from 'zod';
import type { Budget } from '../../protocol/budget.ts';
import { ADDRESS_HEADERS, KEYS, OCCASIONS } from '../../protocol/limits.ts';
import { DAY } from '../../protocol/time.ts';
import { parseDuration } from '../duration.ts';
import { count, section, text, textWith } from '../fields.ts';
import { findCidrProblem, parseCidr } from './cidr.ts';

const GRAMMAR = /^([1-9]\d{0,6})\/(\d{1,9}[smhd])$/;
const HINT = 'has to be a number and a length of time, as in 100/1m or 20/10m';

/** Faster than this nobody counts. */
const MOST_PER_SECOND = 1000;

/** Reads `100/1m`. */
const budget = () =>
  z
    .string({ error: HINT })
    .regex(GRAMMAR, HINT)
    .transform((given, context): Budget => {
      const [, digits, length = ''] = GRAMMAR.exec(given) ?? [];
      const limit = Number(digits);
      const window = parseDuration(length) ?? Number.NaN;
      const problem = findProblem(limit, window);
      if (problem === undefined) return { limit, window };
      context.addIssue({ code: 'custom', message: problem });
      return z.NEVER;
    });

function findProblem(limit: number, window: number): string | undefined {
  if (!Number.isInteger(window) || window < 1 || window > DAY) {
    return 'has to be in a length of whole seconds, between 1s and 1d';
  }
  return limit > window * MOST_PER_SECOND
    ? `is more than ${MOST_PER_SECOND} a second, which no limit is needed for`
    : undefined;
}

/** Safe in headers, keys and labels as it stands. */
const ruleName = () =>
  textWith((value) =>
    /^[a-z][a-z0-9_-]{0,31}$/.test(value)
      ? undefined
      : 'has to begin with a small letter, and go on with at most 31 small letters, digits, - or _',
  );

const network = () =>
  textWith((value) =>
    parseCidr(value) === undefined
      ? 'is not an address range; write as in 10.20.0.0/16 or "fd00::/64"'
      : findCidrProblem(value),
  );

const exempt = () =>
  section({
    clients: z.array(text()).default([]).meta({ description: 'Client ids that it does not count' }),
    subjects: z
      .array(text())
      .default([])
      .meta({ description: 'Subjects that it does not count, as the proxy calls them' }),
    networks: z
      .array(network())
      .default([])
      .meta({
        description: 'Address ranges that it does not count',
        examples: [['10.20.0.0/16']],
      }),
  });

const rule = () =>
  section({
    name: ruleName().meta({ description: 'What it is called in headers, events and clients.yaml' }),
    on: z
      .array(z.enum(OCCASIONS, { error: `has to be one of ${OCCASIONS.join(', ')}` }))
      .min(1)
      .meta({ description: 'What it counts; several share one budget', examples: [['token']] }),
    by: z
      .enum(KEYS, { error: `has to be one of ${KEYS.join(', ')}` })
      .meta({ description: 'Who has a budget of their own' }),
    limit: budget().meta({
      description: 'The budget: so many at once, refilled evenly in that time',
      examples: ['100/1m'],
    }),
    exempt: exempt().prefault({}).meta({ description: 'Whom it does not count' }),
    when_store_fails: z.enum(['allow', 'refuse']).optional().meta({
      description:
        'What happens while the store cannot count; by default allow, and refuse (503) where user codes or secrets are guessed',
    }),
  });

const proxies = () =>
  section({
    peers: z
      .array(network())
      .optional()
      .meta({
        description: 'Address ranges of your proxies; left out: those of upstream.trust.peers',
        examples: [['10.0.0.0/24']],
      }),
    header: z.enum(ADDRESS_HEADERS).optional().meta({
      description:
        'Header in which they say where a request came from; left out: nobody who comes through them is counted by peer',
    }),
  });

export const rateLimits = () =>
  section({
    store: z.enum(['memory', 'redis']).optional().meta({
      description:
        'Where it is counted: memory counts in each process, redis for all of them; left out: as store.driver',
    }),
    proxies: proxies().prefault({}).meta({ description: 'Who says where requests come from' }),
    max_keys: count(100, 1_000_000).default(50_000).meta({
      description:
        'Peers that each rule keeps apart at a time, in each process; those beyond share budgets',
    }),
    rules: z
      .array(rule())
      .min(1)
      .meta({
        description: 'The limits; all that are met count',
        examples: [
          [
            { name: 'token', on: ['token'], by: 'client', limit: '600/1m' },
            {
              name: 'guesses',
              on: ['client_authentication_failed'],
              by: 'client+peer',
              limit: '20/10m',
            },
          ],
        ],
      }),
  });

/** Of `clients.yaml`: one budget for every rule about clients, or one for each by its name. */
export const clientRateLimit = () => {
  const one = z.union([z.literal('unlimited'), budget()], {
    error: 'has to be unlimited, or a number and a length of time, as in 100/1m',
  });
  return z.union([one, z.record(z.string(), one)], {
    error: 'has to be unlimited, a limit as in 100/1m, or a map from names of rules to those',
  });
};
