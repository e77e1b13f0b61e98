// From the subject header to `sub`. Two End-Users never get one subject, and nobody gets the name
// of somebody the operator keeps for themselves.

import { lowerAscii } from '../protocol/ascii.ts';
import type { Subject } from '../protocol/ids.ts';
import { toSubject } from '../protocol/ids.ts';
import { createTextReader, type Fault, type Reader, type Shape } from './fields.ts';
import type { SubjectOptions, Transform, UpstreamOptions } from './options.ts';

/** Without a comma, which an earlier hop puts between two headers that it joins. */
const SUBJECT = /^[A-Za-z0-9._@+|:=/-]{1,255}$/;

/** What a subject may be where the operator says nothing. */
export const SUBJECT_SHAPE: Shape = { pattern: SUBJECT, maxLength: 255 };

/** Whatever the operator's pattern allows (OIDC Core §2): ASCII, at most 255, and still no comma. */
export const SUBJECT_CHARACTERS = /^[!-+\--~]{1,255}$/;

/** The subject as the upstream says it; the transform comes after every other attribute. */
export function createSubjectReader(
  field: SubjectOptions,
  isPlaceholder: (text: string) => boolean,
): Reader<string> {
  const read = createTextReader({ field, ...SUBJECT_SHAPE, isPlaceholder });
  return (lines) => {
    const reading = read(lines);
    return reading.kind === 'read' && !SUBJECT_CHARACTERS.test(reading.value)
      ? { kind: 'invalid', fault: 'header_value' }
      : reading;
  };
}

export type Named =
  | { readonly kind: 'named'; readonly subject: Subject }
  | { readonly kind: 'invalid'; readonly reason: Fault | 'subject_denied' };

/** Transform, namespace, deny list: in this order. */
export function createNaming(
  { namespace = '', transform = 'none', deny = [] }: NonNullable<UpstreamOptions['subject']>,
  isPlaceholder: (text: string) => boolean,
): (said: string) => Named {
  const denied = new Set(deny.map(lowerAscii));
  return (said) => {
    const name = applyTransform(transform, said);
    if (name === undefined) return { kind: 'invalid', reason: 'header_value' };
    if (name !== said && isPlaceholder(name)) return { kind: 'invalid', reason: 'placeholder' };
    if (denied.size > 0 && denied.has(lowerAscii(name)))
      return { kind: 'invalid', reason: 'subject_denied' };
    const subject = namespace + name;
    if (!SUBJECT_CHARACTERS.test(subject)) return { kind: 'invalid', reason: 'header_value' };
    return { kind: 'named', subject: toSubject(subject) };
  };
}

function applyTransform(transform: Transform, said: string): string | undefined {
  if (transform === 'none') return said;
  return transform === 'lowercase-ascii'
    ? lowerAscii(said)
    : stripDomain(said, transform.stripDomain);
}

/**
 * Other domains keep theirs. Undefined without exactly one `@`: `alice` and `alice@corp.example`
 * would become one subject, and so would `bob@other@corp.example` and `bob@other`.
 */
function stripDomain(said: string, domain: string): string | undefined {
  const [local = '', host = '', ...rest] = said.split('@');
  if (local === '' || host === '' || rest.length > 0) return undefined;
  return lowerAscii(host) === lowerAscii(domain) ? local : said;
}
