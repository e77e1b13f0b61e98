// From the words of asteroid.yaml to whose tokens the domain takes.

import type { Config } from '../config/config.ts';
import type { Snapshot } from '../loader/load.ts';
import type { SubjectRule, TokenIssuer } from '../oidc/token-issuer.ts';
import { compilePattern } from '../protocol/pattern.ts';

type Given = Config['token_issuers'][string];

/** @param keys texts of their files, those of the moment. */
export const toTokenIssuers = (
  issuers: Config['token_issuers'],
  keys: () => Snapshot['tokenIssuerKeys'],
): readonly TokenIssuer[] =>
  Object.entries(issuers).map(([name, given]) => ({
    name,
    issuer: given.issuer,
    keys:
      given.jwks_uri === undefined
        ? { kind: 'text', text: () => keys().get(name) ?? NO_KEYS }
        : { kind: 'uri', uri: given.jwks_uri, writtenBy: 'operator' },
    algorithms: given.algorithms,
    audience: given.audience,
    maxLifetime: given.max_lifetime,
    clockSkew: given.clock_skew,
    require: new Map(Object.entries(given.require)),
    subjects: toSubjectRule(given.subjects),
  }));

/** The loader refuses a configuration whose file it cannot read. */
const NO_KEYS = '{"keys":[]}';

function toSubjectRule({ claim, match, prefix, map, must_exist }: Given['subjects']): SubjectRule {
  const rule = {
    claim,
    match: match === undefined ? undefined : compilePattern(match),
    mustExist: must_exist,
  };
  if (prefix !== undefined) return { ...rule, as: { kind: 'prefixed', prefix } };
  if (map === undefined) return { ...rule, as: { kind: 'same' } };
  return { ...rule, as: { kind: 'mapped', subjects: new Map(Object.entries(map)) } };
}
