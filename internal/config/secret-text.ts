// Whether a secret can be one. Never repeats what it judges.

/** Words that stand in examples; alone or several in a row they are nobody's secret. */
const PLACEHOLDER =
  /^(?:changeme|changethis|changeit|change|secret|client|password|passwort|passwd|replaceme|replacethis|placeholder|example|insecure|default|yours?|my|the|top|todo|foo|bar|qwerty|letmein|abc|xyz|admin)+\d{0,4}$/;
const TEMPLATE = /^(?:\$\{.*\}|\$\(.*\)|<.*>|\{\{.*\}\}|%.*%)$/;

/** The problem with a secret, for clients and for the proxy alike. */
export function findSecretProblem(text: string): string | undefined {
  if (text === '') return 'is empty; give a secret, as openssl rand -base64 32 makes them';
  if (text.trim() === '')
    return 'is nothing but blanks; give a secret, as openssl rand -base64 32 makes them';
  // RFC 6749 §A.2, and what a header can carry without changing on the way.
  if (!/^[ -~]*$/.test(text))
    return 'has control characters, line ends or characters outside ASCII in it';
  if (text.trim() !== text) return 'begins or ends with a blank; remove it';
  return isPlaceholder(text)
    ? 'is a placeholder that anybody would try first; use a random one, as openssl rand -base64 32 makes them'
    : undefined;
}

function isPlaceholder(text: string): boolean {
  const folded = text.toLowerCase().replace(/[^a-z0-9]/g, '');
  return PLACEHOLDER.test(folded) || TEMPLATE.test(text) || /^(.)\1*$/.test(text);
}

/** Too short to withstand guessing, however random it is. */
export const isShortSecret = (text: string): boolean => text.length < 16;
