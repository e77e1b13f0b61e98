// SPIFFE IDs (SPIFFE-ID §2): compared as they stand, so only the one spelling of each is taken.

const TRUST_DOMAIN = '[a-z0-9._-]{1,255}';
const SPIFFE_ID = new RegExp(`^spiffe://(${TRUST_DOMAIN})((?:/[A-Za-z0-9._-]+)+)$`);
const MAX_LENGTH = 2048;

/** Undefined when the text is no SPIFFE ID of a workload. */
export function trustDomainOf(id: string): string | undefined {
  const [, domain, path = ''] = id.length > MAX_LENGTH ? [] : (SPIFFE_ID.exec(id) ?? []);
  return path.split('/').some((segment) => /^\.\.?$/.test(segment)) ? undefined : domain;
}

export const isTrustDomain = (text: string): boolean => new RegExp(`^${TRUST_DOMAIN}$`).test(text);
