// What is secret, and where it must not stand: in any spelling.

import type { RawAnswer } from '../support/raw-http.ts';

/** What was made in secret, and what strangers were answered meanwhile. */
export type Story = { readonly secrets: Set<string>; readonly strangers: RawAnswer[] };

/** Every way in which somebody could have written it down. */
export function spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}

/** The secrets that a text holds, in whatever spelling. */
export const found = (text: string, { secrets }: Pick<Story, 'secrets'>): readonly string[] =>
  [...secrets].filter((secret) => spellings(secret).some((spelling) => text.includes(spelling)));

/** A token, and the part of it that proves something. */
export function keep({ secrets }: Story, ...tokens: readonly (string | undefined)[]): void {
  for (const token of tokens) {
    if (token === undefined) throw new Error('a token is missing');
    secrets.add(token).add(token.split('.').at(-1) ?? token);
  }
}

export const textOf = ({ strangers }: Story): string =>
  strangers.map(({ lines, body }) => [...lines, body].join('\n')).join('\n');
