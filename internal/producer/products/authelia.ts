import { autheliaService } from '../../upstream/lines/auth/authelia.ts';
import { linesAsHeaders } from '../checked.ts';
import { groupsOf, textOf } from '../end-user.ts';
import { json, type Product, UNAUTHORIZED, type Visit } from '../product.ts';

const rd = ({ url }: Visit): string | undefined => url.searchParams.get('rd') ?? undefined;

/** It has a host of its own, or a path (`server.address: tcp://:9091/authelia`), as here. */
const PORTAL = '/authelia';

export const authelia: Product = {
  host: 'kept',
  forwarding: {
    'X-Forwarded-For': 'peer',
    'X-Forwarded-Host': 'host',
    'X-Forwarded-Proto': 'proto',
  },
  nobody: 'ask',
  // Somebody without groups has an empty header of them.
  sendsEmpty: true,
  owns: ['Remote-*'],
  doors: {
    [`${PORTAL}/`]: (visit) => ({ kind: 'choose', back: rd(visit) }),
    [`${PORTAL}/logout`]: (visit) => ({ kind: 'leave', next: rd(visit) }),
    [`${PORTAL}/api/state`]: ({ who }) =>
      json({
        status: 'OK',
        data: { username: who?.subject ?? '', authentication_level: who === undefined ? 0 : 1 },
      }),
    [`${PORTAL}/api/user/info`]: ({ who }) =>
      who === undefined
        ? UNAUTHORIZED
        : json({
            status: 'OK',
            data: {
              display_name: textOf(who, 'name'),
              emails: [textOf(who, 'email')],
              groups: groupsOf(who),
            },
          }),
    [PORTAL + autheliaService.nginx.check]: linesAsHeaders,
    [PORTAL + autheliaService.forward.traefik]: linesAsHeaders,
  },
};
