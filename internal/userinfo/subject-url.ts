// Where a remote backend is asked for one subject: a URL template in which `{sub}` is a name and
// nothing else, whatever characters a subject is made of.

import type { Subject } from '../protocol/ids.ts';

const SLOT = '{sub}';
/** Holds the place while the template is parsed: survives it unchanged in a path and in a query. */
const STAND_IN = 'subject-goes-here';

/** Throws when the template is no http(s) URL with `{sub}` in its path or query and nowhere else. */
export function parseSubjectUrl(template: string): (subject: Subject) => string | undefined {
  const href = normalise(template);
  return (subject) => {
    const named = encodeSubject(subject);
    if (named === undefined) return undefined;
    const url = href.replaceAll(STAND_IN, () => named);
    // A subject `..` would climb to the parent, and no encoding of dots prevents it (URL §4.4):
    // what cannot be asked for is unknown.
    return new URL(url).href === url ? url : undefined;
  };
}

function normalise(template: string): string {
  const text = template.replaceAll(SLOT, STAND_IN);
  if (!URL.canParse(text)) throw refused('is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused('is not http or https');
  if (url.username !== '' || url.password !== '') throw refused('has credentials in it');
  if (url.hash !== '') throw refused('has a fragment');
  if (!`${url.pathname}${url.search}`.includes(STAND_IN) || url.host.includes(STAND_IN)) {
    throw refused('needs {sub} in its path or query, and nowhere else');
  }
  return url.href;
}

const refused = (problem: string): Error =>
  new Error(`the URL of the http userinfo backend ${problem}`);

/** Percent-encodes everything but unreserved characters (RFC 3986 §2.3). */
function encodeSubject(subject: Subject): string | undefined {
  // A lone surrogate has no UTF-8; an empty name would ask for the whole collection.
  if (subject === '' || /\p{Surrogate}/u.test(subject)) return undefined;
  return encodeURIComponent(subject).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
