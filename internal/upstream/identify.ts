// The order of the questions. Names of headers are looked at first, then the proof, and only for
// a proven peer the values: whoever is not our proxy learns nothing about what would be accepted.

import { type Attribute, createAttributes, type Draft } from './attributes.ts';
import { createPlaceholderTest, type Fault } from './fields.ts';
import { listHeaders, type PlainOptions } from './options.ts';
import { findOptionProblems } from './problems.ts';
import { createScan } from './scan.ts';
import { createNaming, createSubjectReader } from './subject.ts';
import { createProof } from './trust.ts';
import type { Identification, Upstream } from './upstream.ts';

type Lines = ReadonlyMap<string, readonly string[]>;

const ANONYMOUS: Identification = { kind: 'anonymous' };
const NO_LINES: readonly string[] = [];

/** Never throws while identifying; throws at once when the options contradict themselves. */
export function createUpstream(options: PlainOptions): Upstream {
  const problems = findOptionProblems(options);
  if (problems.length > 0) throw new Error(problems.join('\n'));

  const { trust, headers } = options;
  const { secret } = trust;
  const secretNames = secret === undefined ? [] : [secret.header];
  const names = [...listHeaders(headers).map(({ field }) => field.name), ...secretNames];
  const scan = createScan(names, options.aliases ?? 'reject');
  const prove = createProof(trust);
  const findRepeated = createCardinality(options);
  const readIdentity = createIdentityReader(options);

  return {
    headerNames: names.map((name) => name.toLowerCase()),
    identify({ rawHeaders, peer }) {
      const { alias, hopByHop, lines } = scan(rawHeaders);
      if (alias !== undefined) return refused(400, 'header_alias', alias);
      if (hopByHop !== undefined) return refused(400, 'hop_by_hop', hopByHop);
      const unproven = prove(peer, linesOf(lines, secret?.header));
      if (unproven === 'upstream_secret') return refused(403, unproven, secret?.header);
      if (unproven !== undefined) return refused(403, unproven, undefined);
      const repeated = findRepeated(lines);
      if (repeated !== undefined) return refused(400, 'duplicate_header', repeated);
      return readIdentity(lines);
    },
  };
}

const linesOf = (lines: Lines, header = ''): readonly string[] =>
  lines.get(header.toLowerCase()) ?? NO_LINES;

const refused = (
  status: 400 | 401 | 403,
  reason: string,
  header: string | undefined,
): Identification => ({ kind: 'refused', status, reason, header });

/**
 * Finds a header that was sent twice. An earlier hop may have joined two lines with a comma
 * (RFC 9110 §5.3), so a subject or an email with one in it counts as two.
 */
function createCardinality({ headers }: PlainOptions): (lines: Lines) => string | undefined {
  const repeatable = [headers.groups, headers.amr].filter((list) => list?.format === 'repeated');
  const single = listHeaders(headers)
    .filter(({ field }) => !repeatable.includes(field))
    .map(({ attribute, field }) => ({
      header: field.name,
      key: field.name.toLowerCase(),
      isName: attribute === 'subject' || attribute === 'email',
    }));
  return (lines) =>
    single.find(({ key, isName }) => {
      const sent = lines.get(key);
      return sent !== undefined && (sent.length > 1 || (isName && sent[0]?.includes(',') === true));
    })?.header;
}

/** Values → identity: the subject, every attribute, what is required, then the subject's name. */
function createIdentityReader(options: PlainOptions): (lines: Lines) => Identification {
  const { headers, rejectValues, required = [] } = options;
  const isPlaceholder = createPlaceholderTest(rejectValues);
  const readSubject = createSubjectReader(headers.subject, isPlaceholder);
  const nameSubject = createNaming(options.subject ?? {}, isPlaceholder);
  const readAttributes = createAttributesReader(
    createAttributes(headers, isPlaceholder),
    new Set(required),
  );
  const subjectHeader = headers.subject.name;

  return (lines) => {
    const said = readSubject(linesOf(lines, subjectHeader));
    // Nobody, whatever else was sent: an email alone never names an End-User.
    if (said.kind === 'absent') return ANONYMOUS;
    if (said.kind === 'invalid') return refused(400, said.fault, subjectHeader);
    const draft: Draft = { claims: new Map(), members: {} };
    const missing = readAttributes(lines, draft);
    if (missing !== undefined) return missing;
    const named = nameSubject(said.value);
    if (named.kind === 'invalid') {
      return refused(named.reason === 'subject_denied' ? 403 : 400, named.reason, subjectHeader);
    }
    const { subject } = named;
    // fromEntries defines members, so that no name reaches a setter of Object.prototype.
    const claims = Object.fromEntries(draft.claims);
    return { kind: 'identified', identity: { subject, ...draft.members, claims } };
  };
}

/** Fills the draft; the refusal of the first fault, or else of the first that is missing. */
function createAttributesReader(
  attributes: readonly Attribute[],
  required: ReadonlySet<string>,
): (lines: Lines, draft: Draft) => Identification | undefined {
  const keyed = attributes.map((attribute) => ({
    attribute,
    key: attribute.header.toLowerCase(),
    isRequired: required.has(attribute.name),
  }));
  return (lines, draft) => {
    let missing: string | undefined;
    for (const { attribute, key, isRequired } of keyed) {
      const outcome = attribute.take(lines.get(key) ?? NO_LINES, draft);
      if (outcome === 'absent') {
        if (isRequired) missing ??= attribute.header;
      } else if (outcome !== 'taken') {
        return refused(400, outcome satisfies Fault, attribute.header);
      }
    }
    return missing === undefined ? undefined : refused(401, 'attribute_missing', missing);
  };
}
