// What may be wrong with any JWT of ours: who says it, for whom, when, and who signed it. One function for
// every kind of token; which check of a client it is about differs, and is said where it is used.

import type { StepName } from '../api.ts';
import { type Alteration, type JwtKind, setting, shifted, signedBy, without } from './draft.ts';
import type { FaultEntry, Tools } from './entry.ts';
import { fault } from './entry.ts';
import { type Shape, seconds, text, type Values } from './parameters.ts';

/** Nobody can have a name of this kind (RFC 2606 §2), so that nothing is ever sent there. */
export const ELSEWHERE = 'https://issuer.invalid';

/** Which section demands each check. */
export type Sections = {
  readonly iss: string;
  readonly aud: string;
  readonly exp: string;
  readonly nbf: string;
  readonly iat: string;
  readonly signature: string;
  readonly alg: string;
  readonly kid: string;
  readonly typ: string;
};

export type Token = {
  readonly kind: JwtKind;
  /** For people. */
  readonly name: string;
  readonly steps: readonly StepName[];
};

/** A fault of one kind of token. */
export const jwtFault = <Of extends Shape>(
  { kind, steps }: Token,
  does: string,
  tests: string,
  shape: Of,
  alter: (values: Values<Of>, tools: Tools) => Alteration,
): FaultEntry =>
  fault({
    does,
    tests,
    steps,
    with: shape,
    make: (values, tools) => {
      // Asked each time: the clock goes on.
      return { kind: 'jwt', of: [kind], alter: (draft) => alter(values, tools)(draft) };
    },
  });

const forging: typeof jwtFault = (...of) => ({ ...jwtFault(...of), needsOwnKeys: true });

export const missing = (token: Token, claim: string, tests: string): FaultEntry =>
  jwtFault(token, `${token.name} has no \`${claim}\`.`, tests, {}, () => without(claim));

export const claimFaults = (token: Token, by: Sections) => ({
  'iss.wrong': jwtFault(
    token,
    `${token.name} says that another issuer made it.`,
    `\`iss\` is the issuer that was asked (${by.iss})`,
    { iss: text('what `iss` says', ELSEWHERE) },
    ({ iss }) => setting({ iss }),
  ),
  'iss.missing': missing(token, 'iss', `\`iss\` is there (${by.iss})`),
  'aud.wrong': jwtFault(
    token,
    `${token.name} is for somebody else.`,
    `\`aud\` names whoever reads it (${by.aud})`,
    { aud: text('what `aud` says', 'https://audience.invalid') },
    ({ aud }) => setting({ aud }),
  ),
  'aud.missing': missing(token, 'aud', `\`aud\` is there (${by.aud})`),
  'exp.past': jwtFault(
    token,
    `${token.name} has expired.`,
    `now is before \`exp\` (${by.exp})`,
    { seconds: seconds('for how long it has been expired', 3600) },
    ({ seconds: ago }, { now }) => setting({ exp: now() - ago }),
  ),
  'exp.missing': missing(token, 'exp', `\`exp\` is there (${by.exp})`),
  'nbf.future': jwtFault(
    token,
    `${token.name} is not valid yet.`,
    `now is not before \`nbf\` (${by.nbf})`,
    { seconds: seconds('until it is valid', 3600) },
    ({ seconds: ahead }, { now }) => setting({ nbf: now() + ahead }),
  ),
  'iat.future': jwtFault(
    token,
    `${token.name} was made in the future.`,
    `\`iat\` is not ahead of the clock (${by.iat})`,
    { seconds: seconds('how far ahead', 3600) },
    ({ seconds: ahead }) => shifted(ahead, 'iat', 'exp'),
  ),
  'iat.missing': missing(token, 'iat', `\`iat\` is there (${by.iat})`),
});

export const signatureFaults = (token: Token, by: Sections) => ({
  'kid.unknown': forging(
    token,
    `The header of ${lower(token)} names a key that nobody published; the signature is genuine.`,
    `the key is the one that \`kid\` names (${by.kid})`,
    { kid: text('what `kid` says', 'unknown-key') },
    ({ kid }) =>
      (draft) => ({ ...draft, kid: { kind: 'other', kid } }),
  ),
  'kid.missing': forging(
    token,
    `The header of ${lower(token)} names no key; the signature is genuine.`,
    `without \`kid\` a key is taken only where there is no choice (${by.kid})`,
    {},
    () => (draft) => ({ ...draft, kid: { kind: 'missing' } }),
  ),
  'alg.none': jwtFault(
    token,
    `${token.name} is not signed, and says so.`,
    `\`alg\` is one that was agreed on (${by.alg})`,
    {},
    () => signedBy('none'),
  ),
  'alg.hs256': jwtFault(
    token,
    `${token.name} is signed with HS256, the secret being the text of the public key.`,
    `\`alg\` is one that was agreed on, and fits the key (${by.alg})`,
    {},
    () => signedBy('hmac'),
  ),
  'signature.corrupt': jwtFault(
    token,
    `The signature of ${lower(token)} is damaged.`,
    `the signature is verified (${by.signature})`,
    {},
    () => signedBy('corrupt'),
  ),
  'signature.unpublished': jwtFault(
    token,
    `${token.name} is signed by a key that is not published, under the \`kid\` of that key.`,
    `keys come from \`jwks_uri\` (${by.signature})`,
    {},
    () => signedBy('unpublished'),
  ),
  'typ.wrong': jwtFault(
    token,
    `The header says that ${lower(token)} is another kind of token.`,
    `\`typ\` is looked at (${by.typ})`,
    { typ: text('what `typ` says', 'JWT+other') },
    ({ typ }) =>
      (draft) => ({ ...draft, typ }),
  ),
});

const lower = ({ name }: Token): string =>
  name.replace(/^(?:The|An?) /, (word) => word.toLowerCase());
