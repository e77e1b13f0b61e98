// All configured backends as one. Decides whether an End-User exists and whose word counts for each
// claim; knows nothing of files, networks or headers.

import { type Awaitable, after } from '../protocol/awaitable.ts';
import { type Claims, type JsonValue, RESERVED_CLAIMS } from '../protocol/claims.ts';
import type { Subject } from '../protocol/ids.ts';
import { BARRED, type Backend, type Userinfo } from './backend.ts';
import { isEmpty } from './clean.ts';

/**
 * Asks in the order given. Whatever one backend throws is thrown, even when an earlier one knew the
 * subject: an answer with claims silently missing looks like an End-User who lost their groups.
 */
export function createUserinfo(backends: readonly Backend[]): Userinfo {
  const provesExistence = backends.some((backend) => backend.provesExistence);

  /** Each when the one before it has answered: waits only for those that take time. */
  function ask(turn: number, question: Question, known: Known): Awaitable<Known> {
    const backend = backends[turn];
    if (backend === undefined) return known;
    return after(backend.find(question.subject, question.snapshot), (claims) =>
      claims === BARRED
        ? NOBODY
        : ask(turn + 1, question, claims === undefined ? known : add(known, claims, backend)),
    );
  }

  return {
    provesExistence,
    get remote() {
      return backends.some((backend) => backend.remote);
    },
    find: (subject, snapshot) =>
      after(ask(0, { subject, snapshot }, NOBODY), ({ exists, claims }) =>
        exists || !provesExistence ? claims : undefined,
      ),
    async close() {
      await Promise.all(backends.map((backend) => backend.close()));
    },
  };
}

type Question = { readonly subject: Subject; readonly snapshot: Claims };

type Known = { readonly exists: boolean; readonly claims: Claims };

const NOBODY: Known = { exists: false, claims: Object.freeze({}) };

const add = ({ exists, claims }: Known, more: Claims, backend: Backend): Known => ({
  exists: exists || backend.provesExistence,
  claims: merge(claims, more),
});

/** Claims that say something about the value of another one (OIDC Core §5.1). */
const ABOUT: ReadonlyMap<string, string> = new Map([
  ['email_verified', 'email'],
  ['phone_number_verified', 'phone_number'],
]);

function merge(known: Claims, claims: Claims): Claims {
  const merged: Record<string, JsonValue> = { ...known };
  for (const name in claims) {
    const value = claims[name];
    if (value === undefined || isEmpty(value) || RESERVED_CLAIMS.has(name)) continue;
    if (Object.hasOwn(merged, name) || isAboutAnother(merged, claims, name)) continue;
    merged[name] = value;
  }
  return merged;
}

// A "verified" of one backend beside the address of another would be a forged proof: whoever may
// choose their e-mail in the first could take over the account of anybody whom the second verified.
function isAboutAnother(merged: Claims, claims: Claims, name: string): boolean {
  const target = ABOUT.get(name);
  if (target === undefined) return false;
  const said = claims[target];
  return isEmpty(said) || (Object.hasOwn(merged, target) && merged[target] !== said);
}
