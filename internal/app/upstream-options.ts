// From the words of asteroid.yaml to what `upstream/` decides by: names converted once, the preset's
// defaults filled in, and every contradiction found before anything listens.

import type { Config } from '../config/config.ts';
import type { AssertionKeys, UpstreamOptions } from '../upstream/options.ts';
import { type PresetInput, type Resolution, resolvePreset } from '../upstream/presets/resolve.ts';

export type UpstreamTerms = {
  /** The secrets' raw bytes; the same array until they change. */
  readonly secrets: () => readonly Uint8Array[];
  /** What is in `assertion.jwks_file`. */
  readonly assertionKeys: () => string;
  /** Without a trust entry, any program of this machine may name the End-User: `asteroid dev`. */
  readonly trustsLoopback: boolean;
};

/** A configuration that contradicts itself; `message` has a line for each problem. */
export class AssemblyError extends Error {}

export type ResolvedUpstream = Extract<Resolution, { readonly kind: 'resolved' }>;

/** Throws `AssemblyError` with every contradiction. */
export function resolveUpstream(
  { preset, trust, headers, assertion, subject, ...urls }: Config['upstream'],
  terms: UpstreamTerms,
): ResolvedUpstream {
  const resolution = resolvePreset(preset, {
    trust: toTrust(trust, terms),
    headers: toHeaders(headers),
    assertion: assertion && toAssertion(assertion, terms.assertionKeys),
    required: (assertion ?? headers).required,
    rejectValues: headers.reject_values,
    aliases: headers.aliases,
    subject,
    urls: {
      loginUrl: urls.login_url,
      logoutUrl: urls.logout_url,
      reauthenticateUrl: urls.reauthenticate_url,
    },
  });
  if (resolution.kind === 'refused') throw new AssemblyError(resolution.problems.join('\n'));
  return resolution;
}

/** Nothing is configured that could prove a proxy. */
export const isUnproven = ({
  trust: { peers, secret, unix_socket: unixSocket, mtls },
}: Pick<Config['upstream'], 'trust'>): boolean =>
  peers.length === 0 && !unixSocket && secret === undefined && mtls === undefined;

// On one's own machine all of these are the same thing, and people type any of them.
export function loopbackHosts({ issuer }: Config): readonly string[] {
  const { port } = new URL(issuer);
  const suffix = port === '' ? '' : `:${port}`;
  return ['localhost', '127.0.0.1', '[::1]'].map((host) => `${host}${suffix}`);
}

/** Every program of this machine, and nothing else. */
export const LOOPBACK = ['127.0.0.0/8', '::1/128'];

function toTrust(
  trust: Config['upstream']['trust'],
  { secrets, trustsLoopback }: UpstreamTerms,
): UpstreamOptions['trust'] {
  const { peers, secret, unix_socket: unixSocket, mtls } = trust;
  return {
    peers: trustsLoopback && isUnproven({ trust }) ? LOOPBACK : peers,
    unixSocket,
    secret: secret === undefined ? undefined : { header: secret.header, secrets },
    mtls: mtls === undefined ? undefined : { dnsSans: mtls.dns_sans, uriSans: mtls.uri_sans },
  };
}

type Assertion = NonNullable<Config['upstream']['assertion']>;

function toAssertion(
  { jwks_uri, jwks_file, alb, max_age, clock_skew, reject_plain_headers, ...said }: Assertion,
  text: () => string,
): PresetInput['assertion'] {
  const { header, scheme, algorithms, issuer, audience, require, groups, claims } = said;
  const { email_verified, preferred_username, auth_time, ...named } = claims;
  return {
    header,
    scheme,
    algorithms,
    issuer,
    audience,
    require,
    groups,
    keys: toKeys({ jwks_uri, jwks_file, alb }, text),
    maxAge: max_age,
    clockSkew: clock_skew,
    rejectPlainHeaders: reject_plain_headers,
    claims: {
      ...named,
      emailVerified: email_verified,
      preferredUsername: preferred_username,
      authTime: auth_time,
    },
  };
}

/** Undefined where the operator leaves it to the preset. */
function toKeys(
  { jwks_uri, jwks_file, alb }: Pick<Assertion, 'jwks_uri' | 'jwks_file' | 'alb'>,
  text: () => string,
): AssertionKeys | undefined {
  if (alb !== undefined) return { kind: 'alb', ...alb };
  if (jwks_file !== undefined) return { kind: 'file', text };
  return jwks_uri === undefined ? undefined : { kind: 'uri', uri: jwks_uri };
}

type Headers = Config['upstream']['headers'];

/** Undefined when the operator said nothing about any header, which leaves it all to the preset. */
function toHeaders(headers: Headers): PresetInput['headers'] {
  const {
    required: _required,
    reject_values: _values,
    aliases: _aliases,
    extra,
    ...said
  } = headers;
  if (Object.keys(said).length === 0 && Object.keys(extra).length === 0) return undefined;
  const { preferred_username, auth_time, subject, email, name, groups, acr, amr, sid } = headers;
  return {
    subject,
    email: withOnInvalid(email),
    preferredUsername: withOnInvalid(preferred_username),
    name: withOnInvalid(name),
    groups,
    authTime: auth_time,
    acr,
    amr,
    sid,
    extra: Object.fromEntries(
      Object.entries(extra).map(([claim, { on_invalid: onInvalid, ...field }]) => [
        claim,
        { ...field, onInvalid },
      ]),
    ),
  };
}

/** `null` stays null: it says that the preset's header is not read. */
function withOnInvalid<Field extends { readonly on_invalid?: 'drop' | 'reject' | undefined }>(
  field: Field | null | undefined,
) {
  if (field === null || field === undefined) return field;
  const { on_invalid: onInvalid, ...rest } = field;
  return { ...rest, onInvalid };
}
