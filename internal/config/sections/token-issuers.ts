// Others whose tokens are taken, and which subject of ours each of theirs is.

import * as z from 'zod';
import { OWN_TOKENS } from '../../protocol/client-grants.ts';
import { ASYMMETRIC_ALGS } from '../../protocol/names.ts';
import { findPatternProblem } from '../../protocol/pattern.ts';
import { DAY } from '../../protocol/time.ts';
import { duration } from '../duration.ts';
import { fileName, section, text, textWith } from '../fields.ts';
import { findKeyUriProblem } from './assertion.ts';

const name = () =>
  textWith((value) => {
    if (value === OWN_TOKENS) return 'stands for tokens of our own; use another name';
    return /^[a-z0-9][a-z0-9._-]{0,62}$/.test(value)
      ? undefined
      : 'has to be small letters, digits, dots, dashes and underscores';
  });

const subjects = () =>
  section({
    claim: text().default('sub').meta({ description: 'The claim that names the subject' }),
    match: textWith(findPatternProblem)
      .optional()
      .meta({
        description: 'Regular expression that it has to match as a whole',
        examples: ['system:serviceaccount:payments:[a-z0-9-]+'],
      }),
    same: z.literal(true).optional().meta({
      description: 'true: it names subjects of ours, so that its alice is our alice',
    }),
    prefix: text()
      .optional()
      .meta({
        description: 'Put before what it says, so that it names nobody of ours',
        examples: ['k8s:'],
      }),
    map: z
      .record(text(), text().meta({ description: 'The subject of ours' }))
      .optional()
      .meta({ description: 'What it says → subject of ours; everybody else is refused' }),
    must_exist: z.boolean().default(true).meta({
      description:
        'A userinfo backend has to know the subject; false for workloads, only with prefix',
    }),
  });

const FORMS = ['same', 'prefix', 'map'] as const;

const issuer = () =>
  section({
    issuer: text().meta({
      description: 'Its iss, byte for byte',
      examples: ['https://kubernetes.default.svc.cluster.local'],
    }),
    jwks_uri: textWith(findKeyUriProblem)
      .optional()
      .meta({
        description: 'URL of its JWK Set',
        examples: ['https://kubernetes.default.svc/openid/v1/jwks'],
      }),
    jwks_file: fileName().optional().meta({
      description: 'File with its JWK Set, read again when it changes',
    }),
    algorithms: z
      .array(
        z.enum(ASYMMETRIC_ALGS, { error: `has to be asymmetric: ${ASYMMETRIC_ALGS.join(', ')}` }),
      )
      .min(1)
      .meta({ description: 'What it signs with, and nothing else', examples: [['RS256']] }),
    audience: z
      .array(text())
      .min(1)
      .optional()
      .meta({
        description:
          'One of them has to be in aud; left out: our issuer identifier or token endpoint',
        examples: [['https://sso.example.com']],
      }),
    max_lifetime: duration({ min: 1, max: 366 * DAY })
      .prefault('1h')
      .meta({ description: 'A token that is good for longer, from now on, is refused' }),
    clock_skew: duration({ min: 0, max: 300 })
      .prefault('30s')
      .meta({ description: 'By how much its clock may be ahead of ours' }),
    require: z
      .record(
        text(),
        z
          .union([z.string(), z.number(), z.boolean()])
          .meta({ description: 'The value it has to have' }),
      )
      .default({})
      .meta({ description: 'Claims with exactly this value', examples: [{ tenant: 'corp' }] }),
    subjects: subjects().meta({ description: 'Which subject of ours one of its subjects is' }),
  }).superRefine(({ jwks_uri, jwks_file, subjects: { must_exist, ...given } }, context) => {
    const say = (path: readonly string[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    if ((jwks_uri === undefined) === (jwks_file === undefined)) {
      say([], 'has to have exactly one of jwks_uri and jwks_file');
    }
    const forms = FORMS.filter((form) => given[form] !== undefined);
    if (forms.length !== 1) say(['subjects'], `has to have exactly one of ${FORMS.join(', ')}`);
    // Whoever was deleted here would live on there.
    if (!must_exist && given.prefix === undefined) {
      say(['subjects', 'must_exist'], 'may be false only with prefix; remove it');
    }
  });

export const tokenIssuers = () =>
  z.record(name(), issuer().meta({ description: 'One issuer, by the name that clients use' }));
