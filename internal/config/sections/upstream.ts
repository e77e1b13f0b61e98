// The proxy: what proves it, what it says, and where it lets End-Users sign in and out.

import * as z from 'zod';
import { section, text, textWith } from '../fields.ts';
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
const AFTER_SIGN_OUT = slot('post_logout_redirect_uri');

/** A URL or a path at the issuer's host, with `slot` where the percent-encoded value belongs. */
const template = (allowed: string, required: boolean) =>
  textWith((value) => {
    const slots = value.match(/\$\{[^}]*\}?/g) ?? [];
    if (slots.some((found) => found !== allowed)) return `may contain only ${allowed}`;
    if (required && slots.length === 0) return `needs ${allowed} where the return address belongs`;
    return findTargetProblem(value.replaceAll(allowed, 'x'));
  });

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
    login_url: template(RETURN, true)
      .optional()
      .meta({
        description: `Where an End-User without an identity is sent, with ${RETURN} as the way back`,
        examples: [`/oauth2/start?rd=${RETURN}`],
      }),
    logout_url: template(AFTER_SIGN_OUT, false)
      .optional()
      .meta({
        description: `Where a sign-out goes on at the proxy; ${AFTER_SIGN_OUT} is the way back, without it the sign-out ends there`,
        examples: [`/oauth2/sign_out?rd=${AFTER_SIGN_OUT}`],
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
