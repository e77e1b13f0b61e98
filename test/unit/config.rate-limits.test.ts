import { describe, expect, it } from 'vitest';
import { CONFIG, createFolder, loadFolder, problemsOf, warningsOf } from './loader.fixture.ts';

const folderWith = (limits: string, clients?: string) =>
  createFolder({
    'asteroid.yaml': `${CONFIG}rate_limits: ${limits}\n`,
    ...(clients === undefined ? {} : { 'clients.yaml': clients }),
  });

const rules = (...all: readonly string[]) => `{ rules: [${all.join(', ')}] }`;
const rule = (more = '', on = 'token', by = 'client', limit = '100/1m') =>
  `{ name: a, on: [${on}], by: ${by}, limit: ${limit}${more} }`;

describe('rate_limits', () => {
  it('is off by default', async () => {
    expect((await loadFolder(await createFolder())).config.rate_limits).toBeUndefined();
  });

  it('is rules with a budget each', async () => {
    const { config } = await loadFolder(await folderWith(rules(rule())));

    expect(config.rate_limits).toEqual({
      proxies: {},
      max_keys: 50_000,
      rules: [
        {
          ...{ name: 'a', on: ['token'], by: 'client', limit: { limit: 100, window: 60 } },
          exempt: { clients: [], subjects: [], networks: [] },
        },
      ],
    });
  });

  for (const [limits, problem] of [
    [rules(rule('', 'token', 'client', '100')), 'rate_limits.rules[0].limit'],
    [rules(rule('', 'token', 'client', '0/1m')), 'as in 100/1m'],
    [rules(rule('', 'token', 'client', '5/0s')), 'between 1s and 1d'],
    [rules(rule('', 'token', 'client', '5/2d')), 'between 1s and 1d'],
    [rules(rule('', 'token', 'client', '1001/1s')), 'is more than 1000 a second'],
    [rules(rule('', 'authorize')), 'cannot be counted by client, which nobody has proven there'],
    [rules(rule('', 'client_authentication_failed')), 'cannot be counted by client'],
    [rules(rule('', 'token', 'subject')), 'cannot be counted by subject'],
    [rules(rule(), rule()), 'rate_limits.rules[1].name: is the name of another rule'],
    [rules(rule(', exempt: { subjects: [alice] }')), 'means nothing for a rule by client'],
    [
      rules(rule(', exempt: { clients: [a] }', 'token', 'peer')),
      'means nothing for a rule by peer',
    ],
    [rules(rule(', exempt: { networks: [10.0.0.1/8] }')), 'has bits set beyond its /8'],
    ['{ rules: [] }', 'rate_limits.rules'],
    [`{ store: redis, rules: [${rule()}] }`, 'needs store.driver: redis'],
  ] as const) {
    it(`that is ${limits} is refused`, async () => {
      expect((await problemsOf(await folderWith(limits))).join('\n')).toContain(problem);
    });
  }

  it('by peer about pages is warned of where no proxy says who is there', async () => {
    const page = rule('', 'authorize', 'peer');
    const said = '{ peers: [10.0.0.0/24], header: x-forwarded-for }';
    const warned = async (limits: string) =>
      (await warningsOf(await folderWith(limits))).filter((line) => line.includes('rate_limits'));

    expect((await warned(rules(page))).join()).toContain('takes everybody behind a proxy for one');
    expect(await warned(`{ proxies: ${said}, rules: [${page}] }`)).toEqual([]);
    expect(await warned(rules(rule('', 'token', 'peer')))).toEqual([]);
  });
});

describe('rate_limit of a client', () => {
  const clients = (limit: string) =>
    `clients:\n  - { client_id: a, token_endpoint_auth_method: none, redirect_uris: [https://a.example/cb], rate_limit: ${limit} }\n`;
  const budgetsOf = async (limit: string) => {
    const folder = await folderWith(rules(rule()), clients(limit));
    return (await loadFolder(folder)).clients.get('a')?.rateLimits;
  };

  it('is one for every rule about clients, or one for each by its name', async () => {
    expect(await budgetsOf('5/1h')).toEqual(new Map([['*', { limit: 5, window: 3600 }]]));
    expect(await budgetsOf('unlimited')).toEqual(new Map([['*', 'unlimited']]));
    expect(await budgetsOf('{ a: 7/1s }')).toEqual(new Map([['a', { limit: 7, window: 1 }]]));
  });

  it('for a rule that does not exist is warned of', async () => {
    const folder = await folderWith(rules(rule()), clients('{ b: 7/1s }'));

    expect((await warningsOf(folder)).join('\n')).toContain('has no rule b about clients');
  });

  it('that is none is refused', async () => {
    const folder = await folderWith(rules(rule()), clients('many'));

    expect((await problemsOf(folder)).join('\n')).toContain('rate_limit');
  });
});
