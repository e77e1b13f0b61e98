// Who plain headers name. Names of headers are looked at first, then the proof, and only for a proven
// peer the values.

import { createAttributes } from './attributes.ts';
import { createPlaceholderTest } from './fields.ts';
import { createGate, refused } from './gate.ts';
import { createHeaderReaders } from './header-readers.ts';
import { createIdentityReader } from './identity.ts';
import { listHeaders, type PlainOptions } from './options.ts';
import { findOptionProblems } from './problems.ts';
import { createSubjectReader } from './subject.ts';
import type { Identification, Upstream } from './upstream.ts';

type Lines = ReadonlyMap<string, readonly string[]>;

const ANONYMOUS: Identification = { kind: 'anonymous' };
const NO_LINES: readonly string[] = [];

/** Never throws while identifying; throws at once when the options contradict themselves. */
export function createHeaderUpstream(options: PlainOptions): Upstream {
  const problems = findOptionProblems(options);
  if (problems.length > 0) throw new Error(problems.join('\n'));

  const names = listHeaders(options.headers).map(({ field }) => field.name);
  const gate = createGate(names, options);
  const findRepeated = createCardinality(options);
  const readIdentity = createLinesReader(options);

  return {
    headerNames: gate.headerNames,
    identify(request) {
      const passed = gate.pass(request);
      if (passed.kind === 'refused') return passed;
      const repeated = findRepeated(passed.lines);
      if (repeated !== undefined) return refused(400, 'duplicate_header', repeated);
      return readIdentity(passed.lines);
    },
  };
}

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

function createLinesReader(options: PlainOptions): (lines: Lines) => Identification {
  const { headers, rejectValues } = options;
  const isPlaceholder = createPlaceholderTest(rejectValues);
  const declared = listHeaders(headers)
    .filter(({ attribute }) => attribute !== 'subject')
    .map(({ attribute, field }) => ({
      name: attribute,
      origin: field.name,
      field,
      onInvalid: field.onInvalid,
    }));
  const verified = headers.email?.verified;
  const read = createIdentityReader(options, {
    subject: {
      read: createSubjectReader(headers.subject, isPlaceholder),
      origin: headers.subject.name,
    },
    attributes: createAttributes(
      declared,
      createHeaderReaders(isPlaceholder),
      typeof verified === 'boolean' ? verified : undefined,
    ),
  });
  const keys = new Map(
    listHeaders(headers).map(({ field: { name } }) => [name, name.toLowerCase()]),
  );

  return (lines) => {
    const reading = read((header) => lines.get(keys.get(header) ?? header) ?? NO_LINES);
    if (reading.kind === 'nobody') return ANONYMOUS;
    if (reading.kind === 'identified') return reading;
    return refused(reading.status, reading.reason, reading.origin);
  };
}
