// A filter in which a subject is a value and nothing else (RFC 7644 §3.4.2.2).

/**
 * `attribute eq "value"`. The value is a string of JSON: a subject `" or userName pr or id eq "` stays
 * inside of its quotes, and a backslash at its end does not free it.
 */
export const equals = (attribute: string, value: string): string =>
  `${attribute} eq ${JSON.stringify(value)}`;
