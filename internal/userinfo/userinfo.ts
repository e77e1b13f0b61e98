// All configured backends as one. Decides whether an End-User exists and whose word counts for each
// claim; knows nothing of files, networks or headers.

import { type Claims, type JsonValue, RESERVED_CLAIMS } from '../protocol/claims.ts';
import type { Backend, Userinfo } from './backend.ts';
import { isEmpty } from './clean.ts';

/**
 * Asks in the order given. Whatever one backend throws is thrown, even when an earlier one knew the
 * subject: an answer with claims silently missing looks like an End-User who lost their groups.
 */
export function createUserinfo(backends: readonly Backend[]): Userinfo {
  const provesExistence = backends.some((backend) => backend.provesExistence);

  return {
    provesExistence,
    get remote() {
      return backends.some((backend) => backend.remote);
    },
    async find(subject, snapshot) {
      const merged: Record<string, JsonValue> = {};
      let exists = !provesExistence;
      for (const backend of backends) {
        const claims = await backend.find(subject, snapshot);
        if (claims === undefined) continue;
        if (backend.provesExistence) exists = true;
        mergeInto(merged, claims);
      }
      return exists ? merged : undefined;
    },
    async close() {
      await Promise.all(backends.map((backend) => backend.close()));
    },
  };
}

/** Claims that say something about the value of another one (OIDC Core §5.1). */
const ABOUT: ReadonlyMap<string, string> = new Map([
  ['email_verified', 'email'],
  ['phone_number_verified', 'phone_number'],
]);

function mergeInto(merged: Record<string, JsonValue>, claims: Claims): void {
  for (const [name, value] of Object.entries(claims)) {
    if (RESERVED_CLAIMS.has(name) || isEmpty(value) || Object.hasOwn(merged, name)) continue;
    if (isAboutAnother(merged, claims, name)) continue;
    merged[name] = value;
  }
}

// A "verified" of one backend beside the address of another would be a forged proof: whoever may
// choose their e-mail in the first could take over the account of anybody whom the second verified.
function isAboutAnother(merged: Claims, claims: Claims, name: string): boolean {
  const target = ABOUT.get(name);
  if (target === undefined) return false;
  const said = claims[target];
  return isEmpty(said) || (Object.hasOwn(merged, target) && merged[target] !== said);
}
