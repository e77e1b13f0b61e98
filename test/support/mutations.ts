// What an attacker does to one field of a valid request. Values are as they travel, encoded.

import type { Issuer } from '../../internal/oidc/issuer.ts';
import { invalidRequest } from '../../internal/protocol/errors.ts';
import { parseParams } from '../../internal/protocol/params.ts';
import type { TestIssuer } from './issuer.ts';
import { type Answer, identify, makeRequest, type Query, settle } from './requests.ts';

/** The values that take the place of the one valid value. */
type Mutate = (value: string, attackers: string) => readonly string[];

const everyByte = (value: string): string =>
  [...Buffer.from(decodeURIComponent(value))]
    .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
    .join('');

const swapCase = (value: string): string =>
  value.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );

/** Says what was sent, in other bytes: the request has to fare as it did before. */
const REENCODED = 'encoded throughout';
/** Presents the attacker’s own instead. */
const SWAPPED = 'swapped for the attacker’s';

const MUTATIONS: ReadonlyMap<string, Mutate> = new Map<string, Mutate>([
  ['dropped', () => []],
  ['emptied', () => ['']],
  ['doubled', (value) => [value, value]],
  [SWAPPED, (_, attackers) => [attackers]],
  ['with the attacker’s before it', (value, attackers) => [attackers, value]],
  ['with the attacker’s behind it', (value, attackers) => [value, attackers]],
  [REENCODED, (value) => [everyByte(value)]],
  ['encoded twice', (value) => [encodeURIComponent(value)]],
  ['in the other case', (value) => [swapCase(value)]],
  ['cut short', (value) => [value.slice(0, -1)]],
  ['with a space behind it', (value) => [`${value}%20`]],
  ['with a space before it', (value) => [`+${value}`]],
  ['with a line break behind it', (value) => [`${value}%0d%0a`]],
  ['with NUL behind it', (value) => [`${value}%00`]],
  ['with invalid UTF-8 behind it', (value) => [`${value}%ff`]],
  ['with a broken escape behind it', (value) => [`${value}%`]],
  ['with an equals sign behind it', (value) => [`${value}=`]],
  ['made long', (value) => [value + 'a'.repeat(20_000)]],
  ['replaced by a prototype', () => ['__proto__']],
  ['replaced by an emoji', () => ['%F0%9F%9A%80']],
  ['replaced by JSON', () => ['%7B%22a%22%3A%5B1%5D%7D']],
]);

/** A request as text: names and encoded values in order, and the Authorization header. */
export type Wire = {
  readonly pairs: ReadonlyArray<readonly [string, string]>;
  readonly authorization: string | undefined;
};

export const toWire = (query: Query, authorization?: string): Wire => ({
  pairs: Object.entries(query).map(([name, value]) => [name, encodeURIComponent(String(value))]),
  authorization,
});

/** The request with the values of one field exchanged. */
const exchange = (wire: Wire, field: string, values: readonly string[]): Wire => ({
  ...wire,
  pairs: wire.pairs.flatMap(([name, value]) =>
    name === field ? values.map((other) => [name, other] as const) : [[name, value] as const],
  ),
});

type MutateHeader = (value: string, attackers: string) => string | undefined;

/** What becomes of an Authorization header. */
const HEADER_MUTATIONS: ReadonlyMap<string, MutateHeader> = new Map<string, MutateHeader>([
  ['dropped', () => undefined],
  ['emptied', () => ''],
  [SWAPPED, (_, attackers) => attackers],
  ['joined with the attacker’s', (value, attackers) => `${value}, ${attackers}`],
  ['cut short', (value) => value.slice(0, -1)],
  ['with a space behind it', (value) => `${value} `],
  ['with a second space in it', (value) => value.replace(' ', '  ')],
  ['of another scheme', (value) => value.replace(/^\w+/, 'Digest')],
  ['of no scheme', (value) => value.replace(/^\w+ /, '')],
  ['in the other case', swapCase],
  ['of control characters', () => 'Basic \u0000\u0001'],
]);

export type Mutant = {
  /** The field and what became of it. */
  readonly what: string;
  /** It says the same in other bytes, and has to fare as the valid request does. */
  readonly same: boolean;
  /** It presents what is the attacker’s own in the place of this field. */
  readonly swapped: string | undefined;
  readonly wire: Wire;
};

/** Every mutation of every field of a valid request. */
export function* mutate(wire: Wire, attackers: Query, header?: string): Generator<Mutant> {
  for (const [field, value] of wire.pairs) {
    for (const [what, change] of MUTATIONS) {
      const theirs = encodeURIComponent(String(attackers[field] ?? 'attacker'));
      yield {
        what: `${field} ${what}`,
        same: what === REENCODED,
        swapped: what === SWAPPED ? field : undefined,
        wire: exchange(wire, field, change(value, theirs)),
      };
    }
  }
  if (wire.authorization === undefined || header === undefined) return;
  for (const [what, change] of HEADER_MUTATIONS) {
    yield {
      what: `Authorization ${what}`,
      same: false,
      swapped: what === SWAPPED ? 'Authorization' : undefined,
      wire: { ...wire, authorization: change(wire.authorization, header) },
    };
  }
}

/** Sends it as it is; text that cannot be read is refused as http/ would refuse it. */
export function send(
  { issuer }: TestIssuer,
  endpoint: Exclude<
    keyof Issuer,
    'choose' | 'check' | 'device' | 'deviceAuthorization' | 'register' | 'registeredClient'
  >,
  wire: Wire,
): Promise<Answer> {
  async function answer() {
    const text = wire.pairs.map(([name, value]) => `${name}=${value}`).join('&');
    if (text.length > 65_536) throw invalidRequest();
    const { authorization } = wire;
    return issuer[endpoint](
      makeRequest({
        method: endpoint === 'authorize' ? 'GET' : 'POST',
        params: parseParams(text),
        headers: authorization === undefined ? {} : { authorization },
        identity: endpoint === 'authorize' ? identify('alice') : undefined,
      }),
    );
  }
  return settle(answer());
}
