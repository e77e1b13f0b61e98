// `htu`: whether a proof was made for this endpoint (RFC 9449 §4.3). Held against what is configured,
// never against the Host of a request, which whoever sends the request chooses.

/** Without anything that a parser would repair: white space, backslashes, a missing slash. */
const HTTP_URI = /^https?:\/\/(?![/?#])[!-[\]-~]+$/i;

/** Compared without query and fragment, after normalising (RFC 3986 §6.2.2, §6.2.3). */
export function isSameEndpoint(htu: string, urls: readonly string[]): boolean {
  if (urls.includes(htu)) return true;
  const normal = normalise(htu);
  return normal !== undefined && urls.some((url) => normalise(url) === normal);
}

/** Undefined for what is no URI of an endpoint, one with a user in it among them. */
function normalise(uri: string): string | undefined {
  if (!HTTP_URI.test(uri) || !URL.canParse(uri)) return undefined;
  const { origin, pathname, username, password } = new URL(uri);
  return username === '' && password === '' ? origin + pathname : undefined;
}
