import { oauth2ProxyService } from '../../upstream/lines/auth/oauth2-proxy.ts';
import { attributeOf, groupsOf, textOf } from '../end-user.ts';
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
  // As with --set-xauthrequest.
  '/oauth2/auth': ({ who }) =>
    who === undefined
      ? UNAUTHORIZED
      : {
          kind: 'answer',
          status: 202,
          headers: Object.fromEntries(
            Object.entries(oauth2ProxyService.answers).flatMap(([attribute, name]) => {
              const value = attributeOf(who, attribute);
              return value === undefined
                ? []
                : [[name, Buffer.from(String(value), 'utf8').toString('latin1')]];
            }),
          ),
        },
};
