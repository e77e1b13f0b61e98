// What the proxy hands over signed, and whose signature counts. What is left out comes from the preset,
// or from what the standards call it.

import * as z from 'zod';
import { RESERVED_CLAIMS } from '../../protocol/claims.ts';
import { ASYMMETRIC_ALGS } from '../../protocol/names.ts';
import { DAY, HOUR } from '../../protocol/time.ts';
import { duration } from '../duration.ts';
import { fileName, section, text, textWith } from '../fields.ts';
import { findHeaderNameProblem } from './header-name.ts';
import { OWN_CLAIMS } from './headers.ts';
import { isLoopbackHost } from './loopback.ts';

/** Whoever can change keys on their way can sign in as anybody. */
export function findUriProblem(uri: string): string | undefined {
  if (!/^https?:\/\//.test(uri) || !URL.canParse(uri)) return 'has to be an https URL';
  const { protocol, hostname, username, password, hash } = new URL(uri);
  if (username !== '' || password !== '')
    return 'has user information in it; remove all up to the @';
  if (hash !== '') return 'has a fragment; remove it';
  return protocol === 'http:' && !isLoopbackHost(hostname) ? 'has to be https' : undefined;
}

/** GovCloud and China keep their keys at other hosts and in other forms. */
const REGION = /^(?!us-gov-|us-iso|cn-)[a-z]{2,3}(?:-[a-z]{2,12}){1,2}-\d{1,2}$/;
const SIGNER = /^arn:aws:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer\/[!-~]+$/;

const alb = () =>
  section({
    region: textWith((region) =>
      REGION.test(region) ? undefined : 'is no region like eu-central-1 with keys of its own',
    ).meta({ description: 'Its region', examples: ['eu-central-1'] }),
    signer: textWith((arn) =>
      SIGNER.test(arn) ? undefined : 'has to be the ARN of the load balancer',
    ).meta({
      description: 'ARN of the load balancer: every other one signs for users of its own',
      examples: [
        'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/sso/0a1b',
      ],
    }),
    client: text().meta({ description: 'Client id of the load balancer at its identity provider' }),
  });

/** @param example what it is called where the operator says nothing, or usually. */
const claim = (description: string, example: string) =>
  text()
    .nullish()
    .meta({ description: `${description}; null: never read`, examples: [example] });

const ownClaim = () =>
  textWith((name) => {
    if (name === '') return 'is empty; name the claim';
    if (OWN_CLAIMS.includes(name)) return 'has an entry of its own under claims; use that';
    return RESERVED_CLAIMS.has(name)
      ? 'is a claim that only Asteroid may set; use another name'
      : undefined;
  });

const CLAIMS = {
  subject: text()
    .optional()
    .meta({ description: 'Who the End-User is; sub unless said otherwise', examples: ['sub'] }),
  email: claim('E-mail address; email unless said otherwise', 'email'),
  email_verified: z
    .union([z.boolean(), text()], { error: 'has to be true, false, or the name of a claim' })
    .nullish()
    .meta({
      description: 'true, false, or the claim that says it; left out: never sent',
      examples: ['email_verified'],
    }),
  preferred_username: claim(
    'Name the End-User signs in with; preferred_username unless said otherwise',
    'preferred_username',
  ),
  name: claim('Display name; name unless said otherwise', 'name'),
  groups: claim('Groups, a list of texts; groups unless said otherwise', 'groups'),
  auth_time: claim('When the End-User was authenticated, in seconds since 1970', 'auth_time'),
  acr: claim('Authentication context class', 'acr'),
  amr: claim('Authentication methods, a list of texts', 'amr'),
  sid: claim('Session id of the signer', 'sid'),
};

/** Names under which `required` may list an attribute, besides the claims of `extra`. */
export const CLAIM_ATTRIBUTES: readonly string[] = Object.keys(CLAIMS);

const claims = () =>
  section({
    ...CLAIMS,
    extra: z
      .record(ownClaim(), text().meta({ description: 'The claim that carries it' }))
      .default({})
      .meta({
        description: 'Further claims: our claim → claim of the assertion',
        examples: [{ department: 'dept' }],
      }),
  });

const KEY_SOURCES = ['jwks_uri', 'jwks_file', 'alb'] as const;

const token = {
  header: textWith(findAssertionHeaderProblem)
    .optional()
    .meta({ description: 'The header that carries it', examples: ['X-Pomerium-Jwt-Assertion'] }),
  scheme: z.enum(['raw', 'bearer']).optional().meta({
    description: 'The token alone, or after the word Bearer; raw unless the preset says',
  }),
  algorithms: z
    .array(
      z.enum(ASYMMETRIC_ALGS, { error: `has to be asymmetric: ${ASYMMETRIC_ALGS.join(', ')}` }),
    )
    .min(1)
    .optional()
    .meta({ description: 'What the signer uses, and nothing else', examples: [['ES256']] }),
};

const keys = {
  jwks_uri: textWith(findUriProblem)
    .optional()
    .meta({
      description: 'URL of the JWK Set of the signer',
      examples: ['https://sso.example.com/.well-known/pomerium/jwks.json'],
    }),
  jwks_file: fileName()
    .optional()
    .meta({
      description: 'File with the JWK Set of the signer, read again when it changes',
      examples: ['../proxy-jwks.json'],
    }),
  alb: alb().optional().meta({ description: 'The keys of an AWS Application Load Balancer' }),
};

const terms = {
  issuer: text()
    .optional()
    .meta({ description: 'Who signs, exactly as in iss', examples: ['sso.example.com'] }),
  audience: z
    .array(text())
    .min(1)
    .optional()
    .meta({ description: 'One of them has to be in aud', examples: [['sso.example.com']] }),
  max_age: duration({ min: 1, max: 30 * DAY })
    .optional()
    .meta({ description: 'How long after iat it counts; 15m, for alb 5m', examples: ['15m'] }),
  clock_skew: duration({ min: 0, max: HOUR })
    .optional()
    .meta({ description: 'By how much the clocks may differ; 60s', examples: ['60s'] }),
  require: z
    .record(
      text(),
      z
        .union([z.string(), z.number(), z.boolean()])
        .meta({ description: 'The value it has to have' }),
    )
    .optional()
    .meta({ description: 'Claims with exactly this value', examples: [{ type: 'app' }] }),
};

const taken = {
  claims: claims().prefault({}).meta({ description: 'Which claim says what' }),
  groups: section({
    allow: z
      .array(text())
      .optional()
      .meta({ description: 'The only groups that are taken over', examples: [['engineering']] }),
    prefix: text()
      .optional()
      .meta({ description: 'Put before every group', examples: ['corp:'] }),
  })
    .optional()
    .meta({ description: 'Which groups pass' }),
  required: z
    .array(text())
    .default(['subject'])
    .meta({ description: 'Attributes without which a request is refused' }),
  reject_plain_headers: z
    .array(textWith(findHeaderNameProblem))
    .optional()
    .meta({
      description: 'Plain headers that are an alarm beside it: the proxy should remove them',
      examples: [['X-Pomerium-Claim-Email']],
    }),
};

export const assertion = () =>
  section({ ...token, ...keys, ...terms, ...taken }).superRefine(
    ({ header, scheme, ...given }, context) => {
      const sources = KEY_SOURCES.filter((source) => given[source] !== undefined);
      for (const source of sources.slice(1)) {
        const message = `cannot be combined with ${sources[0]}; remove one of the two`;
        context.addIssue({ code: 'custom', path: [source], message });
      }
      if (isAuthorization(header) && scheme !== 'bearer') {
        const message = 'may be Authorization only with scheme: bearer';
        context.addIssue({ code: 'custom', path: ['header'], message });
      }
    },
  );

const isAuthorization = (header: string | undefined): boolean =>
  header?.toLowerCase() === 'authorization';

function findAssertionHeaderProblem(name: string): string | undefined {
  return isAuthorization(name) ? undefined : findHeaderNameProblem(name);
}
