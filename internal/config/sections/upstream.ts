// The proxy: what proves it, what it says, and where it lets End-Users sign in and out.

import * as z from 'zod';
import { PRESET_NAMES } from '../../protocol/presets.ts';
import { later, section, text, textWith } from '../fields.ts';
import { assertion } from './assertion.ts';
import { headers } from './headers.ts';
import { isLoopbackHost } from './loopback.ts';
import { trust } from './trust.ts';

const STRIP_DOMAIN = /^strip-domain:([^@\s]+)$/;

type Transform = 'none' | 'lowercase-ascii' | { readonly stripDomain: string };

const transform = () =>
  z.string().transform((value, context): Transform => {
    if (value === 'none' || value === 'lowercase-ascii') return value;
    const [, stripDomain] = STRIP_DOMAIN.exec(value) ?? [];
    if (stripDomain !== undefined) return { stripDomain };
    const message = 'has to be none, lowercase-ascii or strip-domain:DOMAIN';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const slot = (name: string): string => `\${${name}}`;
const RETURN = slot('url');
const SIGNED_OUT = slot('post_logout_redirect_uri');
const AGAIN = ['max_age', 'acr_values', 'login_hint'].map(slot);

/** Where the value belongs, percent-encoded when it is put in. */
type Slots = {
  readonly required: readonly string[];
  readonly allowed: readonly string[];
};

/** A URL or a path at the issuer's host, with slots. `null` keeps the preset from filling one in. */
const template = ({ required, allowed }: Slots) =>
  textWith((value) => {
    const all = [...required, ...allowed];
    const found: readonly string[] = value.match(/\$\{[^}]*\}?/g) ?? [];
    if (found.some((one) => !all.includes(one))) return `may contain only ${all.join(', ')}`;
    const missing = required.find((one) => !found.includes(one));
    if (missing !== undefined) return `needs ${missing} where the return address belongs`;
    const target = all.reduce((text, one) => text.replaceAll(one, 'x'), value);
    return findHostProblem(value) ?? findTargetProblem(target);
  }).nullish();

// A value that anybody may send must not choose the host.
const findHostProblem = (value: string): string | undefined =>
  /^https?:\/\/[^/?#]*\$/.test(value) ? 'has a placeholder in its host' : undefined;

function findTargetProblem(target: string): string | undefined {
  if (!/^[!-~]+$/.test(target) || target.includes('\\'))
    return 'has blanks or characters outside ASCII in it';
  if (/^\/(?!\/)/.test(target)) return undefined;
  if (!/^https?:\/\//.test(target) || !URL.canParse(target)) {
    return 'has to be an https URL, or a path that begins with one slash';
  }
  const { protocol, hostname, username, password } = new URL(target);
  if (username !== '' || password !== '')
    return 'has user information in it; remove all up to the @';
  // A sign-in page over plain http could be replaced by anybody in between.
  return protocol === 'http:' && !isLoopbackHost(hostname) ? 'has to be https' : undefined;
}

export const upstream = () =>
  section({
    preset: z.enum(PRESET_NAMES).default('custom').meta({
      description:
        'Fills in what a well-known proxy says and where it signs in and out; asteroid preset list',
    }),
    trust: trust().prefault({}).meta({
      description: 'What proves that a request comes from the proxy; every entry has to pass',
    }),
    headers: headers().prefault({}).meta({ description: 'What the proxy says about the End-User' }),
    assertion: later(assertion).optional().meta({
      description: 'What the proxy hands over signed, in place of plain headers',
    }),
    login_url: template({ required: [RETURN], allowed: [] }).meta({
      description: `Where an End-User without an identity is sent, with ${RETURN} as the way back`,
      examples: [`/oauth2/start?rd=${RETURN}`],
    }),
    logout_url: template({ required: [], allowed: [SIGNED_OUT] }).meta({
      description: `Where the proxy ends its own session, with ${SIGNED_OUT} as the way back`,
      examples: [`/oauth2/sign_out?rd=${SIGNED_OUT}`],
    }),
    reauthenticate_url: template({ required: [RETURN], allowed: AGAIN }).meta({
      description: `Where an End-User has to sign in again, with ${RETURN} as the way back; also ${AGAIN.join(', ')}`,
      examples: [`/oauth2/start?prompt=login&rd=${RETURN}`],
    }),
    subject: section({
      namespace: textWith((value) =>
        /^[!-+\--~]*$/.test(value)
          ? undefined
          : 'has to be printable ASCII without blanks and commas',
      )
        .default('')
        .meta({ description: 'Put before every subject, as in corp:' }),
      transform: transform()
        .prefault('none')
        .meta({ description: 'none, lowercase-ascii or strip-domain:DOMAIN' }),
      deny: z
        .array(text())
        .default([])
        .meta({ description: 'Subjects that may never sign in', examples: [['root', 'admin']] }),
    })
      .prefault({})
      .meta({ description: 'From the header to the `sub` claim' }),
  });
