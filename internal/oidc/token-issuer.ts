// Others whose tokens are taken, each by a word of the operator's: what they sign is verified here, and
// becomes a subject of ours by a rule that says which. Whom a foreign issuer calls alice is not our
// alice unless the operator says so.

import type { Awaitable } from '../protocol/awaitable.ts';
import type { Client } from '../protocol/client.ts';
import { type Subject, toSubject } from '../protocol/ids.ts';
import {
  findJwtProblem,
  type JwtProblem,
  type Members,
  parseJwt,
  type UnverifiedJwt,
} from '../protocol/jwt.ts';
import type { KeySource } from '../protocol/key-source.ts';
import { matchesPattern } from '../protocol/pattern.ts';
import type { Userinfo } from '../userinfo/backend.ts';
import type { Deps } from './deps.ts';
import { type EndUser, findEndUser } from './end-user.ts';
import { endpointUrl } from './paths.ts';
import type { LiveAccessToken } from './token/access-token.ts';

export type TokenIssuer = {
  /** How clients' metadata calls it. */
  readonly name: string;
  /** Its `iss`, byte for byte. */
  readonly issuer: string;
  readonly keys: KeySource;
  readonly algorithms: readonly string[];
  /** Its tokens have to name one of them; undefined: us. */
  readonly audience: readonly string[] | undefined;
  /** Seconds. */
  readonly maxLifetime: number;
  readonly clockSkew: number;
  /** Claims that have to have exactly this value. */
  readonly require: ReadonlyMap<string, string | number | boolean>;
  readonly subjects: SubjectRule;
};

/** Which subject of ours one of theirs is. */
export type SubjectRule = {
  readonly claim: string;
  /** What does not match as a whole is nobody; undefined: all match. */
  readonly match: RegExp | undefined;
  readonly as:
    | { readonly kind: 'same' }
    | { readonly kind: 'prefixed'; readonly prefix: string }
    | { readonly kind: 'mapped'; readonly subjects: ReadonlyMap<string, string> };
  /** A userinfo backend has to know them, as it has to know whoever signs in. */
  readonly mustExist: boolean;
};

/** What is wrong with a token of somebody else. */
export type Fault =
  | 'token_issuer_not_allowed'
  | 'foreign_token_type'
  | 'foreign_token_signature'
  | 'foreign_token_audience'
  | 'foreign_token_claims'
  | 'foreign_token_expired'
  | 'foreign_token_not_yet_valid'
  | 'foreign_token_lives_too_long'
  | 'foreign_token_requirement'
  | 'foreign_subject';

const FAULTS: { readonly [Problem in JwtProblem]: Fault } = {
  issuer: 'token_issuer_not_allowed',
  audience: 'foreign_token_audience',
  claims_malformed: 'foreign_token_claims',
  expired: 'foreign_token_expired',
  not_yet_valid: 'foreign_token_not_yet_valid',
  issued_ahead: 'foreign_token_not_yet_valid',
  lives_too_long: 'foreign_token_lives_too_long',
};

export type ForeignToken = {
  readonly issuer: TokenIssuer;
  /** As we name them; whether they exist and may use the client is asked by `admitForeign`. */
  readonly subject: Subject;
  readonly claims: Members;
  readonly expiresAt: number;
};

type ForeignDeps = Pick<Deps, 'foreignKeys' | 'policy' | 'issuer' | 'bases' | 'now'>;

export type ForeignTerms = {
  /** Names of the issuers that count here. */
  readonly issuers: readonly string[];
  /** What its header may say it is. */
  readonly isType: (typ: string | undefined) => boolean;
};

/**
 * The token, or what is wrong with it. Throws `Unavailable` when the keys cannot be had. Nobody's keys
 * are asked for before it is clear that the caller may use tokens of that issuer.
 */
export async function readForeignToken(
  text: string,
  { issuers, isType }: ForeignTerms,
  deps: ForeignDeps,
): Promise<ForeignToken | Fault> {
  const jwt = parseJwt(text);
  const issuer = deps
    .policy()
    .tokenIssuers.find(
      ({ name, issuer: iss }) => iss === jwt?.claims['iss'] && issuers.includes(name),
    );
  if (jwt === undefined || issuer === undefined) return 'token_issuer_not_allowed';
  if (!isType(jwt.typ)) return 'foreign_token_type';
  return verify(jwt, issuer, deps);
}

async function verify(
  jwt: UnverifiedJwt,
  issuer: TokenIssuer,
  { foreignKeys, issuer: self, bases, now }: ForeignDeps,
): Promise<ForeignToken | Fault> {
  const claims = await foreignKeys.verify(jwt, issuer.keys, issuer.algorithms);
  if (claims === undefined) return 'foreign_token_signature';
  const audience = issuer.audience ?? [self, endpointUrl(bases, 'token_endpoint')];
  const problem = findJwtProblem(claims, { ...issuer, audience }, now());
  if (problem !== undefined) return FAULTS[problem];
  const expiresAt = Math.floor(Number(claims['exp']));
  // Within the skew it is one, and nothing could be made of it that lives.
  if (expiresAt <= now()) return 'foreign_token_expired';
  for (const [name, value] of issuer.require) {
    if (claims[name] !== value) return 'foreign_token_requirement';
  }
  const subject = nameSubject(claims, issuer.subjects);
  return subject === undefined ? 'foreign_subject' : { issuer, subject, claims, expiresAt };
}

/** Letters, digits and signs (OIDC Core §2: 255 ASCII characters), nothing that one cannot see. */
const SUBJECT = /^[!-~]{1,255}$/;

function nameSubject(claims: Members, { claim, match, as }: SubjectRule): Subject | undefined {
  const known = claims[claim];
  if (typeof known !== 'string' || !SUBJECT.test(known)) return undefined;
  if (match !== undefined && !matchesPattern(match, known)) return undefined;
  const named =
    as.kind === 'mapped'
      ? as.subjects.get(known)
      : `${as.kind === 'prefixed' ? as.prefix : ''}${known}`;
  return named === undefined || !SUBJECT.test(named) ? undefined : toSubject(named);
}

/** Knows everybody, and nothing about them. */
const EVERYBODY: Userinfo = {
  provesExistence: false,
  remote: false,
  find: async (_subject, snapshot) => snapshot,
  close: async () => undefined,
};

/** Whether whom a token of ours names by the word of somebody else is still somebody. */
export async function isStillNamed(
  { subject, subjectIssuer }: Pick<LiveAccessToken, 'subject' | 'subjectIssuer'>,
  client: Client,
  deps: Pick<Deps, 'userinfo' | 'findClient' | 'policy'>,
): Promise<boolean> {
  if (subjectIssuer === undefined) return true;
  const issuer = deps.policy().tokenIssuers.find(({ issuer: iss }) => iss === subjectIssuer);
  // Whom the operator no longer believes has named nobody.
  if (issuer === undefined) return false;
  return (await admitForeign({ issuer, subject }, client, deps)).kind === 'admitted';
}

/** Whether the subject exists and may use the client; one that has the name of a client never does. */
export const admitForeign = (
  { issuer, subject }: Pick<ForeignToken, 'issuer' | 'subject'>,
  client: Client,
  { userinfo, findClient }: Pick<Deps, 'userinfo' | 'findClient'>,
): Awaitable<EndUser> =>
  findEndUser(subject, {}, client, {
    userinfo: issuer.subjects.mustExist ? userinfo : EVERYBODY,
    findClient,
  });
