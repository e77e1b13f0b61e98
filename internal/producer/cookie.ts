// The cookie that remembers who was chosen. It is signed with a key that dies with the producer: other
// programs of localhost share its cookies, and one of them must not choose for us.

import { createHmac, timingSafeEqual } from 'node:crypto';

export type Stay = {
  readonly user: string;
  readonly since: number;
  readonly sid: string;
};

export type StayCookie = {
  readonly name: string;
  /** Undefined also when it was sent twice, or is nothing that we set. */
  read(header: string | undefined): Stay | undefined;
  /** A `Set-Cookie` value; undefined ends the stay. */
  print(stay: Stay | undefined): string;
};

const FLAGS = 'Path=/; HttpOnly; SameSite=Lax';

/** @param key secret bytes as text, fresh for each producer. */
export function createStayCookie(name: string, key: string): StayCookie {
  const mac = (text: string): Buffer =>
    createHmac('sha256', key).update(`${name}=${text}`).digest();
  return {
    name,
    read(header = '') {
      const values = header
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${name}=`));
      const [only, ...more] = values;
      if (only === undefined || more.length > 0) return undefined;
      const [text = '', signature = ''] = only.slice(name.length + 1).split('.');
      const presented = Buffer.from(signature, 'base64url');
      const expected = mac(text);
      if (presented.length !== expected.length || !timingSafeEqual(presented, expected)) {
        return undefined;
      }
      return parseStay(text);
    },
    print(stay) {
      if (stay === undefined) return `${name}=; Max-Age=0; ${FLAGS}`;
      const text = Buffer.from(JSON.stringify([stay.user, stay.since, stay.sid])).toString(
        'base64url',
      );
      return `${name}=${text}.${mac(text).toString('base64url')}; ${FLAGS}`;
    },
  };
}

/** Only what we signed ourselves comes this far. */
function parseStay(text: string): Stay {
  const [user, since, sid] = JSON.parse(Buffer.from(text, 'base64url').toString());
  return { user: String(user), since: Number(since), sid: String(sid) };
}
