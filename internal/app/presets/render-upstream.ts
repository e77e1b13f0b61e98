// Resolved options → the `upstream` section of asteroid.yaml, with everything written out that the
// preset fills in. Read again, it comes to the same options.

import { type Config, configSchema } from '../../config/config.ts';
import type { AnyField, HeaderOptions } from '../../upstream/options.ts';
import { PRESETS } from '../../upstream/presets/table.ts';
import type { ResolvedUpstream } from '../upstream-options.ts';
import { assertionTree } from './render-assertion.ts';
import { printTree, type Tree } from './tree.ts';

type Section = Config['upstream'];

/** `upstream:` in block style, two blanks a level; it ends with a line end. */
export function renderUpstream(section: Section, { options, urls }: ResolvedUpstream): string {
  const { headers, assertion } = options;
  const own = PRESETS[section.preset].urls ?? {};
  // Left out, the preset would fill it in again.
  const url = (value: string | undefined, preset: string | undefined) =>
    value ?? (preset === undefined ? undefined : null);
  const told = commonTree(section.headers);
  return printTree({
    upstream: {
      preset: section.preset,
      trust: trustTree(section.trust),
      headers: headers === undefined ? told : { ...headersTree(headers, section), ...told },
      assertion: assertion === undefined ? undefined : assertionTree(assertion, section),
      login_url: url(urls.loginUrl, own.loginUrl),
      logout_url: url(urls.logoutUrl, own.logoutUrl),
      reauthenticate_url: url(urls.reauthenticateUrl, own.reauthenticateUrl),
      subject: subjectTree(section.subject),
    },
  });
}

const trustTree = ({ peers, allow_wide, secret, unix_socket, mtls }: Section['trust']): Tree => ({
  peers: peers.length === 0 ? undefined : peers,
  allow_wide: allow_wide ? true : undefined,
  secret,
  unix_socket: unix_socket ? true : undefined,
  mtls: mtls && {
    ca_file: mtls.ca_file,
    dns_sans: mtls.dns_sans.length === 0 ? undefined : mtls.dns_sans,
    uri_sans: mtls.uri_sans.length === 0 ? undefined : mtls.uri_sans,
  },
});

/** A field that the preset has and nobody reads is `null`: left out, the preset would fill it in. */
function headersTree(headers: HeaderOptions, { preset, headers: given }: Section): Tree {
  const { source } = PRESETS[preset];
  const base = source.kind === 'headers' && source.scrubs ? source.headers : undefined;
  const field = (
    own: AnyField | undefined,
    usual: AnyField | undefined,
  ): Tree | null | undefined =>
    own === undefined ? (usual === undefined ? undefined : null) : fieldTree(own);
  const { email } = headers;
  return {
    subject: fieldTree(headers.subject),
    email:
      email === undefined
        ? field(email, base?.email)
        : { ...fieldTree(email), verified: email.verified },
    preferred_username: field(headers.preferredUsername, base?.preferredUsername),
    name: field(headers.name, base?.name),
    groups: field(headers.groups, base?.groups),
    auth_time: field(headers.authTime, base?.authTime),
    acr: field(headers.acr, base?.acr),
    amr: field(headers.amr, base?.amr),
    sid: field(headers.sid, base?.sid),
    extra: Object.fromEntries(
      Object.entries(headers.extra ?? {}).map(([claim, one]) => [claim, fieldTree(one)]),
    ),
    required: unlessUsual(given.required, DEFAULTS.headers.required),
  };
}

const fieldTree = (field: AnyField): Tree => ({
  name: field.name,
  encoding: field.encoding,
  pattern: field.pattern,
  on_invalid: field.onInvalid,
  format: field.format,
  allow: field.allow,
  prefix: field.prefix,
  type: field.type,
});

const DEFAULTS = configSchema.parse({}).upstream;

function unlessUsual<Value>(value: Value, usual: Value): Value | undefined {
  return JSON.stringify(value) === JSON.stringify(usual) ? undefined : value;
}

const commonTree = ({ reject_values, aliases }: Section['headers']): Tree => ({
  reject_values: unlessUsual(reject_values, DEFAULTS.headers.reject_values),
  aliases: unlessUsual(aliases, DEFAULTS.headers.aliases),
});

const subjectTree = ({ namespace, transform, deny }: Section['subject']): Tree => ({
  namespace: namespace === '' ? undefined : namespace,
  transform:
    typeof transform === 'object'
      ? `strip-domain:${transform.stripDomain}`
      : unlessUsual(transform, 'none'),
  deny: deny.length === 0 ? undefined : deny,
});
