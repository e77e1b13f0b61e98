import type { Config } from '../../config/config.ts';
import type { AssertionClaims, AssertionOptions } from '../../upstream/options.ts';
import type { Tree } from './tree.ts';

/** `upstream.assertion`, resolved. @param section for the name of a file, which options do not hold. */
export function assertionTree(options: AssertionOptions, section: Config['upstream']): Tree {
  const { keys, maxAge, clockSkew } = options;
  const required = section.assertion?.required ?? [];
  return {
    header: options.header,
    scheme: options.scheme,
    algorithms: options.algorithms,
    issuer: options.issuer,
    audience: options.audience,
    jwks_uri: keys.kind === 'uri' ? keys.uri : undefined,
    jwks_file: keys.kind === 'file' ? section.assertion?.jwks_file : undefined,
    alb:
      keys.kind === 'alb'
        ? { region: keys.region, signer: keys.signer, client: keys.client }
        : undefined,
    max_age: seconds(maxAge),
    clock_skew: seconds(clockSkew),
    require: options.require,
    claims: claimsTree(options.claims),
    groups: options.groups && { ...options.groups },
    required: required.length === 1 && required[0] === 'subject' ? undefined : required,
    reject_plain_headers: options.rejectPlainHeaders,
  };
}

const seconds = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : `${value}s`;

const claimsTree = (claims: AssertionClaims): Tree => ({
  subject: claims.subject,
  email: claims.email,
  email_verified: claims.emailVerified,
  preferred_username: claims.preferredUsername,
  name: claims.name,
  groups: claims.groups,
  auth_time: claims.authTime,
  acr: claims.acr,
  amr: claims.amr,
  sid: claims.sid,
  extra: claims.extra,
});
