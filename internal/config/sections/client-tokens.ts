// In what form one client is told things: signed, sealed or encrypted.

import * as z from 'zod';
import {
  ENCRYPTION_ALGS,
  ENCRYPTION_ENCS,
  type Encryption,
  type TokenForms,
} from '../../protocol/client-tokens.ts';
import { SIGNING_ALGS } from '../../protocol/names.ts';
import { type section, text } from '../fields.ts';

const signedBy = (what: string) =>
  z
    .enum(SIGNING_ALGS)
    .optional()
    .meta({ description: `Algorithm that ${what} signed with; left out: JSON` });

const encryptedBy = (what: string) => ({
  alg: z
    .enum(ENCRYPTION_ALGS)
    .optional()
    .meta({ description: `How the key of its encrypted ${what} is wrapped for it` }),
  enc: z
    .enum(ENCRYPTION_ENCS)
    .optional()
    .meta({ description: `What its encrypted ${what} is encrypted with; default: A128CBC-HS256` }),
});

const idToken = encryptedBy('ID Token');
const userinfo = encryptedBy('UserInfo');
const introspection = encryptedBy('introspection');

/** Keys of a client's metadata. */
export const clientTokens = {
  access_token_format: z.enum(['jwt', 'opaque']).default('jwt').meta({
    description: 'opaque: sealed, for resource servers that introspect',
  }),
  access_token_signing_alg: z.enum(SIGNING_ALGS).default('ES256').meta({
    description: 'Algorithm of its access tokens where they are JWTs',
  }),
  id_token_audience: z.array(text()).default([]).meta({
    description: 'Who else may take its ID Tokens; azp says then that they are its own',
  }),
  id_token_state_hash: z.boolean().default(false).meta({
    description: 'The first ID Token of a sign-in has s_hash, the hash of its state',
  }),
  userinfo_signed_response_alg: signedBy('its UserInfo is'),
  introspection_signed_response_alg: signedBy('introspection answers are, where it asks for JWTs,'),
  id_token_encrypted_response_alg: idToken.alg,
  id_token_encrypted_response_enc: idToken.enc,
  userinfo_encrypted_response_alg: userinfo.alg,
  userinfo_encrypted_response_enc: userinfo.enc,
  introspection_encrypted_response_alg: introspection.alg,
  introspection_encrypted_response_enc: introspection.enc,
};

type Given = z.output<ReturnType<typeof section<typeof clientTokens>>>;

/** From the names of the file to those of the domain. */
export const toTokenForms = (given: Given): TokenForms => ({
  accessTokenFormat: given.access_token_format,
  accessTokenSigningAlg: given.access_token_signing_alg,
  idTokenAudience: given.id_token_audience,
  idTokenStateHash: given.id_token_state_hash,
  userinfoSignedResponseAlg: given.userinfo_signed_response_alg,
  introspectionSignedResponseAlg: given.introspection_signed_response_alg,
  idTokenEncryption: toEncryption(
    given.id_token_encrypted_response_alg,
    given.id_token_encrypted_response_enc,
  ),
  userinfoEncryption: toEncryption(
    given.userinfo_encrypted_response_alg,
    given.userinfo_encrypted_response_enc,
  ),
  introspectionEncryption: toEncryption(
    given.introspection_encrypted_response_alg,
    given.introspection_encrypted_response_enc,
  ),
});

const toEncryption = (
  alg: Encryption['alg'] | undefined,
  enc: Encryption['enc'] = ENCRYPTION_ENCS[0],
): Encryption | undefined => (alg === undefined ? undefined : { alg, enc });
