// Genuine signatures under headers that we never write, so that a client can be shown one. Keys that
// anybody relies on have no such thing.

import type { SigningAlg } from '../protocol/names.ts';
import { ALGORITHMS } from './algorithms.ts';
import { encodeSegment } from './header.ts';
import type { JwtClaims } from './keys.ts';
import type { SigningKey } from './material.ts';

/** A compact JWS by the key that signs now, whatever the header says; it has to have been prepared. */
export type Forge = (alg: SigningAlg, header: object, claims: JwtClaims) => Promise<string>;

export const createForge =
  (signer: (alg: SigningAlg) => SigningKey | undefined): Forge =>
  async (alg, header, claims) => {
    const key = signer(alg);
    if (key === undefined) throw new Error(`there is no ${alg} key yet`);
    const input = `${encodeSegment(JSON.stringify(header))}.${encodeSegment(JSON.stringify(claims))}`;
    const signature = await ALGORITHMS[alg].sign(Buffer.from(input, 'latin1'), key.privateKey);
    return `${input}.${signature.toString('base64url')}`;
  };
