import { createChoiceCookie } from '../../internal/chooser/choice.ts';
import { createChooser } from '../../internal/chooser/endpoint.ts';
import type { CheckUser } from '../../internal/chooser/entry.ts';
import { createWaiting } from '../../internal/oidc/authorize/waiting.ts';
import type { Deps } from '../../internal/oidc/deps.ts';
import type { Endpoint } from '../../internal/oidc/endpoint.ts';
import type { Claims } from '../../internal/protocol/claims.ts';
import { toSubject } from '../../internal/protocol/ids.ts';

/** Whatever is said of an End-User is right. */
const anything: CheckUser = ({ sub: _sub, ...claims }) => ({ claims, problems: [] });

/** The chooser of a test issuer. */
export const chooserOf = (deps: Deps, users: ReadonlyMap<string, Claims>): Endpoint =>
  createChooser({
    cookie: createChoiceCookie({
      name: 'choice',
      url: deps.issuer,
      seal: deps.keys.seal,
      unseal: deps.keys.unseal,
    }),
    own: { base: deps.issuer, authorize: `${deps.issuer}/authorize` },
    page: `${deps.issuer}/choose`,
    listUsers: async () =>
      [...users].map(([subject, claims]) => ({
        subject: toSubject(subject),
        name: subject,
        claims,
      })),
    check: anything,
    waiting: createWaiting(deps),
    now: deps.now,
  });
