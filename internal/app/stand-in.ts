// `asteroid dev` without a proxy: the chooser stands in for its sign-in, its sign-out and its word.

import { type ChoiceCookie, createChoiceCookie } from '../chooser/choice.ts';
import { createChooser } from '../chooser/endpoint.ts';
import type { CheckUser } from '../chooser/entry.ts';
import { createChosenUpstream } from '../chooser/upstream.ts';
import { createEnteredUserinfo } from '../chooser/userinfo.ts';
import { AGAIN, SIGN_OUT } from '../chooser/visit.ts';
import type { Config } from '../config/config.ts';
import { readUsers } from '../config/users.ts';
import type { KeyRing } from '../keys/keys.ts';
import { createWaiting } from '../oidc/authorize/waiting.ts';
import type { Deps } from '../oidc/deps.ts';
import type { Endpoint } from '../oidc/endpoint.ts';
import { endpointUrl, pageUrl } from '../oidc/paths.ts';
import { toSubject } from '../protocol/ids.ts';
import type { Clock } from '../protocol/time.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { Userinfo } from '../userinfo/backend.ts';
import type { OpenedUserinfo } from '../userinfo/open.ts';
import { toBases } from './policy.ts';
import { isUnproven, type ResolvedUpstream } from './upstream-options.ts';

export type StandIn = {
  readonly urls: ResolvedUpstream['urls'];
  readonly userinfo: Userinfo;
  readonly upstream: (upstream: Upstream) => Upstream;
  readonly choose: (deps: Deps) => Endpoint;
};

type Parts = {
  readonly keys: KeyRing;
  readonly userinfo: OpenedUserinfo;
  readonly now: Clock;
  /** Decides which choices count; absent: all. */
  readonly decorate?: ((cookie: ChoiceCookie) => ChoiceCookie) | undefined;
};

export function createStandIn(config: Config, { keys, userinfo, now, decorate }: Parts): StandIn {
  const bases = toBases(config);
  const page = pageUrl(bases, 'choose');
  const sealed = createChoiceCookie({
    name: 'asteroid-choice',
    url: config.issuer,
    seal: keys.seal,
    unseal: keys.unseal,
  });
  const cookie = decorate?.(sealed) ?? sealed;
  const own = {
    base: bases.browser.replace(/\/$/, ''),
    authorize: endpointUrl(bases, 'authorization_endpoint'),
  };
  const { listUsers } = userinfo;
  return {
    urls: toUrls(page, config.policy.acr_values_supported),
    userinfo: createEnteredUserinfo(userinfo),
    upstream: (upstream) =>
      createChosenUpstream(upstream, { find: cookie.find, isOpen: isUnproven(config.upstream) }),
    choose: (deps) =>
      createChooser({
        cookie,
        own,
        page,
        listUsers,
        check: checkUser,
        waiting: createWaiting(deps),
        now,
      }),
  };
}

/** Where it is said which `acr` there are, an unmet wish is worth a sign-in; else it stays a wish. */
function toUrls(page: string, acrValues: readonly string[]): ResolvedUpstream['urls'] {
  const back = slot('url');
  const acr = acrValues.length === 0 ? '' : `&acr_values=${slot('acr_values')}`;
  return {
    loginUrl: `${page}?rd=${back}`,
    reauthenticateUrl: `${page}?${AGAIN}=1${acr}&rd=${back}`,
    logoutUrl: `${page}?${SIGN_OUT}=1&rd=${slot('post_logout_redirect_uri')}`,
  };
}

const slot = (name: string): string => `\${${name}}`;

/** By the rules of users.yaml. */
export const checkUser: CheckUser = (entry) => {
  const { users, problems } = readUsers({ users: [entry] });
  return {
    claims: users.get(toSubject(String(entry['sub'] ?? ''))),
    problems: problems.map(({ path, problem }) => {
      const [, , claim, ...rest] = path;
      return { claim: String(claim), path: [claim, ...rest].join('.'), problem };
    }),
  };
};
