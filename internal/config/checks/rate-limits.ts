import { KEYS_OF } from '../../protocol/limits.ts';
import type { Config } from '../config.ts';
import type { Path } from '../finding.ts';
import { type Check, problem, type Remark, warning } from './remark.ts';

type Rule = NonNullable<Config['rate_limits']>['rules'][number];

/** A limit that means nothing protects nobody, and one that means everybody locks everybody out. */
export const rateLimitCheck: Check = {
  reads: ['rate_limits', 'store', 'upstream'],
  find({ rate_limits: limits, store, upstream }) {
    if (limits === undefined) return [];
    const names = limits.rules.map(({ name }) => name);
    return [
      ...(limits.store === 'redis' && store.driver !== 'redis'
        ? [problem(['rate_limits', 'store'], 'needs store.driver: redis; or leave it out')]
        : []),
      ...limits.rules.flatMap((rule, index) => [
        ...findProblems(rule, ['rate_limits', 'rules', index]),
        ...(names.indexOf(rule.name) < index
          ? [problem(['rate_limits', 'rules', index, 'name'], 'is the name of another rule')]
          : []),
      ]),
      ...findUnknowable(limits, upstream.trust.peers),
    ];
  },
};

function findProblems({ on, by, exempt }: Rule, path: Path): readonly Remark[] {
  const remarks: Remark[] = [];
  for (const [index, occasion] of on.entries()) {
    const keys: readonly string[] = KEYS_OF[occasion];
    if (keys.includes(by)) continue;
    const text = `cannot be counted by ${by}, which nobody has proven there; by ${keys.join(' or ')}`;
    remarks.push(problem([...path, 'on', index], text));
  }
  const idle = (name: string) =>
    problem([...path, 'exempt', name], `means nothing for a rule by ${by}; remove it`);
  if (exempt.clients.length > 0 && !by.startsWith('client')) remarks.push(idle('clients'));
  if (exempt.subjects.length > 0 && by !== 'subject') remarks.push(idle('subjects'));
  return remarks;
}

/** Pages are asked for through the proxy, and nobody is counted of whom it does not say where they are. */
const BEHIND_PROXY: ReadonlySet<string> = new Set(['authorize', 'user_code', 'identity_refused']);

function findUnknowable(
  { rules, proxies }: NonNullable<Config['rate_limits']>,
  trusted: readonly string[],
): readonly Remark[] {
  if (proxies.header !== undefined) {
    return (proxies.peers ?? trusted).length > 0
      ? []
      : [
          warning(
            ['rate_limits', 'proxies', 'header'],
            'is believed from a Unix socket alone; name the proxy in rate_limits.proxies.peers',
          ),
        ];
  }
  return rules.flatMap(({ on, by }, index) =>
    by === 'peer' && on.some((occasion) => BEHIND_PROXY.has(occasion))
      ? [
          warning(
            ['rate_limits', 'rules', index, 'by'],
            'takes everybody behind a proxy for one, or for nobody; set rate_limits.proxies',
          ),
        ]
      : [],
  );
}

/** A client's own limit for a rule that does not exist limits nothing, and nobody would notice. */
export function findUnknownRules(
  limits: Config['rate_limits'],
  clients: ReadonlyMap<string, { readonly rateLimits?: ReadonlyMap<string, unknown> | undefined }>,
) {
  const names = new Set([
    '*',
    ...(limits?.rules.flatMap(({ name, by }) => (by.startsWith('client') ? [name] : [])) ?? []),
  ]);
  return [...clients].flatMap(([id, { rateLimits }]) =>
    [...(rateLimits?.keys() ?? [])]
      .filter((name) => !names.has(name))
      .map((name) => ({
        path: limits === undefined ? [] : ['rate_limits', 'rules'],
        problem: `has no rule ${name} about clients, for which the client ${id} has a rate_limit`,
      })),
  );
}
