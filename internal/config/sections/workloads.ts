// Platforms that give the programs which run on them a name: Kubernetes clusters and SPIFFE trust domains.

import * as z from 'zod';
import { isTrustDomain } from '../../protocol/spiffe-id.ts';
import { DAY } from '../../protocol/time.ts';
import { duration } from '../duration.ts';
import { fileName, later, section, text, textWith } from '../fields.ts';
import { findKeyUriProblem } from './assertion.ts';

const common = {
  audience: text().optional().meta({
    description: 'The only audience of its tokens; left out: the issuer',
  }),
  ca_file: fileName().optional().meta({
    description: 'Certificates that prove its server, in PEM; left out: those of Node',
  }),
  max_lifetime: duration({ min: 60, max: DAY })
    .prefault('1h')
    .meta({ description: 'How long one of its tokens may still be good for' }),
};

const cluster = () =>
  section({
    issuer: text().meta({ description: 'Who signs, exactly as in iss of its tokens' }),
    jwks_uri: textWith(findKeyUriProblem).optional().meta({ description: 'URL of its JWK Set' }),
    jwks_file: fileName().optional().meta({ description: 'File with its JWK Set' }),
    token_file: fileName().optional().meta({
      description: 'File with a bearer token for its API, read for each question',
    }),
    token_review: section({
      url: textWith(findKeyUriProblem).meta({
        description: 'URL of its TokenReview API, asked each time a client authenticates',
      }),
    })
      .optional()
      .meta({ description: 'Asks whether the pod of a token still exists' }),
    ...common,
  }).superRefine(({ jwks_uri, jwks_file, token_file, token_review }, context) => {
    requireOne(context, { jwks_uri, jwks_file });
    if (token_review !== undefined && token_file === undefined) {
      const message = 'is missing; token_review asks the API in the name of a service account';
      context.addIssue({ code: 'custom', path: ['token_file'], message });
    }
  });

export const kubernetes = () =>
  z
    .array(later(cluster))
    .default([])
    .superRefine((clusters, context) =>
      refuseTwins(
        context,
        'issuer',
        clusters.map(({ issuer }) => issuer),
      ),
    )
    .meta({
      description: 'Clusters whose service accounts may be clients',
      examples: [
        [
          {
            issuer: 'https://kubernetes.default.svc.cluster.local',
            jwks_uri: 'https://kubernetes.default.svc/openid/v1/jwks',
            ca_file: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
            token_file: '/var/run/secrets/kubernetes.io/serviceaccount/token',
          },
        ],
      ],
    });

const trustDomain = () =>
  section({
    trust_domain: textWith((value) =>
      isTrustDomain(value) ? undefined : 'has to be a trust domain, as in example.org',
    ).meta({ description: 'Its name, as in spiffe://NAME/…' }),
    bundle_uri: textWith(findKeyUriProblem).optional().meta({ description: 'URL of its bundle' }),
    bundle_file: fileName().optional().meta({
      description: 'File with its bundle, read again when it changes',
    }),
    ...common,
  }).superRefine(({ bundle_uri, bundle_file }, context) =>
    requireOne(context, { bundle_uri, bundle_file }),
  );

export const spiffe = () =>
  z
    .array(later(trustDomain))
    .default([])
    .superRefine((domains, context) =>
      refuseTwins(
        context,
        'trust_domain',
        domains.map(({ trust_domain }) => trust_domain),
      ),
    )
    .meta({
      description: 'Trust domains whose workloads may be clients',
      examples: [[{ trust_domain: 'example.org', bundle_file: '/run/spire/bundle.json' }]],
    });

type Context = Pick<z.core.$RefinementCtx, 'addIssue'>;

function requireOne(context: Context, given: Readonly<Record<string, string | undefined>>): void {
  const [first = '', second = ''] = Object.keys(given);
  const count = Object.values(given).filter((value) => value !== undefined).length;
  if (count === 1) return;
  const message =
    count === 0
      ? `is missing; add it or ${second}`
      : `cannot be combined with ${second}; remove one of the two`;
  context.addIssue({ code: 'custom', path: [first], message });
}

function refuseTwins(context: Context, key: string, names: readonly string[]): void {
  names.forEach((name, index) => {
    if (names.indexOf(name) === index) return;
    context.addIssue({ code: 'custom', path: [index, key], message: 'is named twice; remove one' });
  });
}
