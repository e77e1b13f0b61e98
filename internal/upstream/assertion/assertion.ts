// Who a signed assertion names. The proof of the proxy comes first all the same: an assertion can be
// captured, and whoever is not the proxy learns nothing about what would be accepted. Plain headers are
// never read beside it, whatever becomes of it.

import type { UriKeysDeps } from '../../jwks/uri-keys.ts';
import { createAttributes } from '../attributes.ts';
import { createPlaceholderTest, isBlank } from '../fields.ts';
import { createGate, linesOf, refused } from '../gate.ts';
import { createIdentityReader } from '../identity.ts';
import { listClaims, type SignedOptions } from '../options.ts';
import { findOptionProblems } from '../problems.ts';
import { createScan } from '../scan.ts';
import { SUBJECT_SHAPE } from '../subject.ts';
import type { Upstream, Verdict } from '../upstream.ts';
import { createClaimReaders, createClaimText } from './claim-readers.ts';
import type { Detail } from './detail.ts';
import { createFindKey } from './keys.ts';
import { createTokenReader } from './token.ts';
import { createVerify } from './verify.ts';

/** Throws when the options contradict themselves. */
export function createAssertionUpstream(options: SignedOptions, deps: UriKeysDeps): Upstream {
  const problems = findOptionProblems(options);
  if (problems.length > 0) throw new Error(problems.join('\n'));

  const { header, rejectPlainHeaders = [] } = options.assertion;
  const gate = createGate([header], options);
  const findPlain = createPlainSearch(rejectPlainHeaders);
  const judge = createJudge(options, deps);

  return {
    headerNames: [...gate.headerNames, ...rejectPlainHeaders.map((name) => name.toLowerCase())],
    identify(request) {
      const passed = gate.pass(request);
      if (passed.kind === 'refused') return passed;
      const plain = findPlain(request.rawHeaders);
      if (plain !== undefined) return refused(400, 'plain_header', plain);
      const lines = linesOf(passed.lines, header);
      if (lines.length > 1) return refused(400, 'duplicate_header', header);
      const [line = ''] = lines;
      return isBlank(line)
        ? { kind: 'anonymous' }
        : { kind: 'asserted', verify: () => judge(line) };
    },
  };
}

/** A header that the proxy should have removed, under its own name or one that others take for it. */
function createPlainSearch(
  names: readonly string[],
): (rawHeaders: readonly string[]) => string | undefined {
  if (names.length === 0) return () => undefined;
  const scan = createScan(names, 'reject');
  return (rawHeaders) => {
    const { alias, lines } = scan(rawHeaders);
    return alias ?? names.find((name) => lines.has(name.toLowerCase()));
  };
}

function createJudge(options: SignedOptions, deps: UriKeysDeps) {
  const { assertion } = options;
  const readToken = createTokenReader(assertion);
  const findKey = createFindKey(assertion.keys, deps);
  const verify = createVerify(assertion, { findKey, now: deps.now });
  const readIdentity = createClaimsReader(options);

  return async (line: string): Promise<Verdict> => {
    const refuse = (detail: Detail): Verdict => ({
      ...refused(401, 'assertion_invalid', assertion.header),
      detail,
    });
    const token = readToken(line);
    if (typeof token === 'string') return refuse(token);
    const verified = await verify(token);
    if (verified.kind === 'invalid') return refuse(verified.detail);
    const reading = readIdentity((claim) => verified.claims[claim]);
    if (reading.kind === 'identified') return reading;
    // It was signed, and names nobody: a token of a machine, or of another kind.
    if (reading.kind === 'nobody') return refuse('subject');
    const { status, reason, origin } = reading;
    return { ...refused(status, reason, assertion.header), detail: origin };
  };
}

function createClaimsReader(options: SignedOptions) {
  const { claims, groups = {} } = options.assertion;
  const isPlaceholder = createPlaceholderTest(options.rejectValues);
  const declared = listClaims(claims)
    .filter(({ attribute }) => attribute !== 'subject')
    .map(({ attribute, claim }) => ({
      name: attribute,
      origin: claim,
      field: attribute === 'groups' ? groups : {},
    }));
  return createIdentityReader<unknown>(options, {
    subject: { read: createClaimText(SUBJECT_SHAPE, isPlaceholder), origin: claims.subject },
    attributes: createAttributes(
      declared,
      createClaimReaders(isPlaceholder),
      typeof claims.emailVerified === 'boolean' ? claims.emailVerified : undefined,
    ),
  });
}
