// The proxy: what proves it, what it says, and where it lets End-Users sign in and out.

import * as z from 'zod';
import { section, text, textWith } from '../fields.ts';
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

const WANTED = [slot('max_age'), slot('acr_values'), slot('login_hint')];

/** A URL or a path at the issuer's host, with slots where percent-encoded values belong. */
const template = (optional: readonly string[] = []) =>
  textWith((value) => {
    const slots: readonly string[] = value.match(/\$\{[^}]*\}?/g) ?? [];
    const allowed = [RETURN, ...optional];
    if (slots.some((found) => !allowed.includes(found))) {
      return `may contain only ${allowed.join(', ')}`;
    }
    if (!slots.includes(RETURN)) return `needs ${RETURN} where the return address belongs`;
    const target = allowed.reduce((text, found) => text.replaceAll(found, 'x'), value);
    return findHostProblem(value) ?? findTargetProblem(target);
  });

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
    preset: z
      .enum(['custom', 'oauth2-proxy'])
      .default('custom')
      .meta({ description: 'Fills in the header names of a well-known proxy' }),
    trust: trust().prefault({}).meta({
      description: 'What proves that a request comes from the proxy; every entry has to pass',
    }),
    headers: headers().prefault({}).meta({ description: 'What the proxy says about the End-User' }),
    assertion: assertion().optional().meta({
      description: 'What the proxy hands over signed, in place of plain headers',
    }),
    login_url: template()
      .optional()
      .meta({
        description: `Where an End-User without an identity is sent, with ${RETURN} as the way back`,
        examples: [`/oauth2/start?rd=${RETURN}`],
      }),
    reauthenticate_url: template(WANTED)
      .optional()
      .meta({
        description: `Where an End-User signs in anew, with ${RETURN} as the way back; also ${WANTED.join(', ')}`,
        examples: [`/oauth2/start?prompt=login&rd=${RETURN}`],
      }),
    logout_url: template()
      .optional()
      .meta({
        description: `Where the proxy forgets who is signed in, with ${RETURN} as where to go then`,
        examples: [`/oauth2/sign_out?rd=${RETURN}`],
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
