import { traefikForwardauth } from '../../upstream/presets/traefik-forwardauth.ts';
import { groupsOf, type SignedIn, textOf } from '../end-user.ts';
import { isSendable, type Line, plainLines } from '../plain.ts';
import { type Doors, json, type Reply, UNAUTHORIZED, type Visit } from '../product.ts';

const back = ({ url }: Visit): string | undefined => url.searchParams.get('rd') ?? undefined;
const choose = (visit: Visit): Reply => ({ kind: 'choose', back: back(visit) });

/** Its `rd` is where to go afterwards; where it sends people to sign out, the preset says. */
export const OAUTH2_DOORS: Doors = {
  '/oauth2/sign_in': choose,
  '/oauth2/start': choose,
  '/oauth2/userinfo': ({ who }) =>
    who === undefined
      ? UNAUTHORIZED
      : json({
          user: who.subject,
          email: textOf(who, 'email'),
          ...(groupsOf(who).length === 0 ? {} : { groups: groupsOf(who) }),
          ...(textOf(who, 'preferred_username') === ''
            ? {}
            : { preferredUsername: textOf(who, 'preferred_username') }),
        }),
  '/oauth2/auth': ({ who }) =>
    who === undefined
      ? UNAUTHORIZED
      : { kind: 'answer', status: 202, headers: Object.fromEntries(authRequestLines(who)) },
};

/** What it answers a proxy with --set-xauthrequest, which Traefik passes on as it is. */
const authRequestLines = (who: SignedIn): readonly Line[] =>
  traefikForwardauth.source.kind === 'headers'
    ? plainLines(traefikForwardauth.source.headers, who, false).filter(isSendable)
    : [];
