// From a draft to a token: the only place where something is signed that the issuer itself would not sign.

import { createHmac, createPublicKey } from 'node:crypto';
import type { Forge } from '../../keys/forge.ts';
import type { KeyRing, PublicJwk } from '../../keys/keys.ts';
import { parseMembers } from '../../protocol/jwt.ts';
import type { Draft } from './draft.ts';

/** The issuer's own keys, and some that nobody published. */
export type Signers = {
  readonly keys: Pick<KeyRing, 'sign' | 'publicKeys'>;
  readonly forge: Forge;
  readonly unpublished: () => Pick<KeyRing, 'sign'>;
};

const encode = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');

/** A compact JWS that is as wrong as the draft wants it. */
export async function forgeJwt(
  draft: Draft,
  { keys, forge, unpublished }: Signers,
): Promise<string> {
  const { alg, typ, claims, signature } = draft;
  const signer = signature === 'unpublished' ? unpublished() : keys;
  // Signed once for its header: which key it is that signs now, only the keys know.
  const own = await signer.sign(alg, typ, claims);
  const [encoded = '', payload = '', made = ''] = own.split('.');
  const genuine = parseMembers(Buffer.from(encoded, 'base64url')) ?? {};
  // As they were signed, and with them what says that the token is that of a test.
  const said = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const header = withKid({ ...genuine }, draft.kid);
  switch (signature) {
    case 'own':
      return draft.kid.kind === 'own' ? own : forge(alg, header, said);
    case 'unpublished':
      return own;
    case 'corrupt':
      return `${encode(header)}.${payload}.${damage(made)}`;
    case 'none':
      return `${encode({ ...header, alg: 'none' })}.${payload}.`;
    case 'hmac': {
      const input = `${encode({ ...header, alg: 'HS256' })}.${payload}`;
      const secret = publicPem(keys.publicKeys(), String(genuine['kid']));
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    }
    default:
      return signature satisfies never;
  }
}

const withKid = (
  { kid: own, ...header }: { readonly [name: string]: unknown },
  kid: Draft['kid'],
): object => {
  if (kid.kind === 'missing') return header;
  return { ...header, kid: kid.kind === 'own' ? own : kid.kid };
};

/** Six bits of its first byte are others. */
const damage = (signature: string): string =>
  `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;

/** The text that people copy into settings: what a confused verifier has for a secret. */
function publicPem(published: readonly PublicJwk[], kid: string): string {
  const key = published.find((jwk) => jwk.kid === kid);
  if (key === undefined) throw new Error('the key that signs is not published');
  return createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
}
