// A key file says by its name when it begins to sign: `20261122T021500Z.ES256.pem`. ISO 8601's basic
// form, because colons are not allowed everywhere and the names then sort by time.

import { SIGNING_ALGS, type SigningAlg } from '../protocol/names.ts';

export type KeyKind = SigningAlg | 'seal';

export type KeyFileName = { readonly kind: KeyKind; readonly activeFrom: number };

const NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.(?:(.+)\.pem|seal\.key)$/;

export const KEY_KINDS: readonly KeyKind[] = [...SIGNING_ALGS, 'seal'];

/** `@param seconds` since 1970. */
const toUtcStamp = (seconds: number): string =>
  new Date(seconds * 1000)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '');

export const toKeyFileName = ({ kind, activeFrom }: KeyFileName): string =>
  `${toUtcStamp(activeFrom)}.${kind === 'seal' ? 'seal.key' : `${kind}.pem`}`;

/** Whether somebody meant this to be a key: a misnamed key has to be an error, not ignored. */
export const isKeyFile = (name: string): boolean =>
  !name.startsWith('.') && /\.(pem|key)$/i.test(name);

/** Undefined unless the name is exactly what `toKeyFileName` writes. */
export function parseKeyFileName(name: string): KeyFileName | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, alg] = match;
  const activeFrom = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) / 1000;
  const kind = KEY_KINDS.find((known) => known === (alg ?? 'seal'));
  if (kind === undefined || Number.isNaN(activeFrom)) return undefined;
  // The 30th of February parses as a day in March.
  return toKeyFileName({ kind, activeFrom }) === name ? { kind, activeFrom } : undefined;
}
