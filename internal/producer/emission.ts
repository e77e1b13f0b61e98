// What the app hears about somebody: the one place where a preset's names, a product's ways and an
// End-User come together.

import { toSubject } from '../protocol/ids.ts';
import type { Clock } from '../protocol/time.ts';
import { listHeaders } from '../upstream/options.ts';
import { PRESETS } from '../upstream/presets/table.ts';
import type { SignedIn } from './end-user.ts';
import { isSendable, type Line, plainLines } from './plain.ts';
import type { Product } from './product.ts';
import { PRODUCTS, type ProductName } from './products/table.ts';
import { makeAssertion, resolveSigned, type SignedTerms, type Told } from './signed.ts';
import { createSigner, type Signer } from './signer.ts';

export type Said = {
  readonly lines: readonly Line[];
  /** `name=value` of a cookie in which the app gets the assertion as well. */
  readonly cookie: string | undefined;
};

export type Emission = {
  readonly name: ProductName;
  readonly product: Product;
  /** Headers that say who is signed in. */
  readonly names: readonly string[];
  /** Header names that nobody but the producer sets, also where it says nothing. */
  readonly owned: readonly string[];
  readonly say: (who: SignedIn) => Said;
  /** How it signs; undefined where it does not. */
  readonly signed: { readonly terms: SignedTerms; readonly signer: Signer } | undefined;
};

/** @param origin as people call the producer. */
export async function createEmission(
  name: ProductName,
  told: Told,
  origin: string,
  now: Clock,
): Promise<Emission> {
  const product = PRODUCTS[name];
  const { source } = PRESETS[name];
  const signed = await openSigned(name, product, told, origin);
  const assert = (who: SignedIn): string =>
    signed === undefined || product.signing === undefined
      ? ''
      : makeAssertion(who, signed.terms, product.signing, signed.signer, now());
  const own = (who: SignedIn, assertion: string): readonly Line[] => {
    if (source.kind === 'headers') {
      return plainLines(source.headers, who, product.sendsEmpty === true);
    }
    const { header = '', scheme } = source.assertion;
    return [[header, scheme === 'bearer' ? `Bearer ${assertion}` : assertion]];
  };
  return {
    name,
    product,
    names: [...new Set([...readNames(name), ...besideNames(product)])],
    owned: [...readNames(name), ...ownNames(product)],
    signed,
    say(who) {
      const assertion = assert(who);
      const lines = [...own(who, assertion), ...(product.beside?.(who, assertion) ?? [])];
      const { assertionCookie } = product;
      return {
        lines: lines.filter(isSendable),
        cookie: assertionCookie === undefined ? undefined : `${assertionCookie}=${assertion}`,
      };
    },
  };
}

async function openSigned(
  name: ProductName,
  { signing }: Product,
  told: Told,
  origin: string,
): Promise<Emission['signed']> {
  if (signing === undefined) return undefined;
  const { source, example } = PRESETS[signing.as ?? name];
  if (source.kind !== 'assertion') return undefined;
  const terms = resolveSigned({ source, example }, signing, told, origin);
  const signer = await createSigner(terms.alg, terms.alb === undefined ? 'jwk' : 'uuid');
  return { terms, signer };
}

/** What the preset reads. */
function readNames(name: ProductName): readonly string[] {
  const { source } = PRESETS[name];
  return source.kind === 'headers'
    ? listHeaders(source.headers).map(({ field }) => field.name)
    : [source.assertion.header ?? ''];
}

const NOBODY: SignedIn = { subject: toSubject('nobody'), claims: {}, since: 0, sid: '' };

const besideNames = ({ beside }: Product): readonly string[] =>
  beside?.(NOBODY, '').map(([name]) => name) ?? [];

/** Its own also where it says nothing under them, and the switch of the producer for tools. */
const ownNames = ({ owns = [], forwarding, ...product }: Product): readonly string[] => [
  ...besideNames({ forwarding, ...product }),
  ...owns,
  ...Object.keys(forwarding),
  'X-Asteroid-*',
];
