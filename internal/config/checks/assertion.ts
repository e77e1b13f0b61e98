// A signed assertion beside plain headers, and what it cannot do without.

import type { Config } from '../config.ts';
import { unknownKey } from '../issues.ts';
import { CLAIM_ATTRIBUTES } from '../sections/assertion.ts';
import { ATTRIBUTE_NAMES } from '../sections/headers.ts';
import { type Check, problem, type Remark } from './remark.ts';

const AT = ['upstream', 'assertion'] as const;

export const assertionCheck: Check = {
  reads: ['upstream.headers', 'upstream.assertion', 'upstream.preset'],
  find({ upstream }) {
    const { assertion, headers, preset } = upstream;
    if (assertion === undefined) return [];
    return [
      ...findBoth(headers),
      ...findUnknownRequired(assertion),
      // A preset of a product knows most of it; what is left is found once it is filled in.
      ...(preset === 'custom' ? findMissing(assertion) : []),
    ];
  },
};

type Assertion = NonNullable<Config['upstream']['assertion']>;

/** Nobody could tell which of the two an End-User was taken from. */
function findBoth({
  extra,
  required,
  ...headers
}: Config['upstream']['headers']): readonly Remark[] {
  const given = ATTRIBUTE_NAMES.filter((name) => name in headers);
  if (Object.keys(extra).length > 0) given.push('extra');
  if (required.some((name) => name !== 'subject')) given.push('required');
  return given.map((name) =>
    problem(
      ['upstream', 'headers', name],
      'cannot be combined with assertion: plain headers are not read beside it; remove one of the two',
    ),
  );
}

function findMissing({ algorithms, alb, ...given }: Assertion): readonly Remark[] {
  const missing = (key: string, text: string) => problem([...AT, key], `is missing; ${text}`);
  const remarks: Remark[] = [];
  if (given.header === undefined) remarks.push(missing('header', 'name the header'));
  if (algorithms === undefined) {
    remarks.push(missing('algorithms', 'name what the signer uses, for example [ES256]'));
  }
  if (alb !== undefined) return remarks;
  if (given.jwks_uri === undefined && given.jwks_file === undefined) {
    remarks.push(problem(AT, 'has no keys; name jwks_uri, jwks_file or alb'));
  }
  if (given.issuer === undefined) remarks.push(missing('issuer', 'name who signs, as in iss'));
  if (given.audience === undefined) {
    const text = 'the signer speaks to other applications too; name what is in aud for this issuer';
    remarks.push(missing('audience', text));
  }
  return remarks;
}

function findUnknownRequired({ required, claims }: Assertion): readonly Remark[] {
  const known = [...CLAIM_ATTRIBUTES, ...Object.keys(claims.extra)];
  return required.flatMap((name, index) =>
    known.includes(name) ? [] : [problem([...AT, 'required', index], unknownKey(name, known))],
  );
}
