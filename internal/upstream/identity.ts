// Values → identity, the same for headers and for claims: the subject, every attribute, what is
// required, then the subject's name.

import type { Identity } from '../protocol/identity.ts';
import type { Attribute, Draft } from './attributes.ts';
import { createPlaceholderTest, type Fault, type Reader } from './fields.ts';
import type { CommonOptions } from './options.ts';
import { createNaming } from './subject.ts';

type Unusable = {
  readonly kind: 'unusable';
  readonly status: 400 | 401 | 403;
  readonly reason: Fault | 'attribute_missing' | 'subject_denied';
  /** The header or claim at fault. */
  readonly origin: string;
};

type Reason = Unusable['reason'];

type Read =
  | { readonly kind: 'identified'; readonly identity: Identity }
  /** Nobody, whatever else was sent: an email alone never names an End-User. */
  | { readonly kind: 'nobody' }
  | Unusable;

const NOBODY: Read = { kind: 'nobody' };

const unusable = (status: Unusable['status'], reason: Reason, origin: string): Unusable => ({
  kind: 'unusable',
  status,
  reason,
  origin,
});

export type IdentityParts<Part> = {
  readonly subject: { readonly read: Reader<string, Part>; readonly origin: string };
  readonly attributes: readonly Attribute<Part>[];
};

/** The answer is a function of the parts, which are asked for by what carries them. */
export function createIdentityReader<Part>(
  { subject: naming = {}, required = [], rejectValues }: CommonOptions,
  { subject, attributes }: IdentityParts<Part>,
): (partOf: (origin: string) => Part) => Read {
  const nameSubject = createNaming(naming, createPlaceholderTest(rejectValues));
  const readAttributes = createAttributesReader(attributes, new Set(required));

  return (partOf) => {
    const said = subject.read(partOf(subject.origin));
    if (said.kind === 'absent') return NOBODY;
    if (said.kind === 'invalid') return unusable(400, said.fault, subject.origin);
    const draft: Draft = { claims: new Map(), members: {} };
    const missing = readAttributes(partOf, draft);
    if (missing !== undefined) return missing;
    const named = nameSubject(said.value);
    if (named.kind === 'invalid') {
      const status = named.reason === 'subject_denied' ? 403 : 400;
      return unusable(status, named.reason, subject.origin);
    }
    // fromEntries defines members, so that no name reaches a setter of Object.prototype.
    const claims = Object.fromEntries(draft.claims);
    return {
      kind: 'identified',
      identity: { subject: named.subject, ...draft.members, claims },
    };
  };
}

/** Fills the draft; the refusal of the first fault, or else of the first that is missing. */
function createAttributesReader<Part>(
  attributes: readonly Attribute<Part>[],
  required: ReadonlySet<string>,
): (partOf: (origin: string) => Part, draft: Draft) => Unusable | undefined {
  return (partOf, draft) => {
    let missing: string | undefined;
    for (const attribute of attributes) {
      const { name, origin } = attribute;
      const outcome = attribute.take(partOf(origin), draft);
      if (outcome === 'absent') {
        if (required.has(name)) missing ??= origin;
      } else if (outcome !== 'taken') {
        return unusable(400, outcome satisfies Fault, origin);
      }
    }
    return missing === undefined ? undefined : unusable(401, 'attribute_missing', missing);
  };
}
