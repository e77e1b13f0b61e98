import { istioLines } from '../lines/istio.ts';
import { anyProof, type Preset, SECRET_EXAMPLE } from './preset.ts';

export const istioJwt: Preset = {
  about: 'An Istio mesh that passes the original JWT on',
  source: {
    kind: 'assertion',
    // Not what Istio makes of it: outputClaimToHeaders cannot carry a list of more than one entry, and
    // a route without the policy lets a client's copy through.
    assertion: {
      header: 'Authorization',
      scheme: 'bearer',
      algorithms: ['RS256'],
      maxAge: 3600,
      claims: { emailVerified: 'email_verified', authTime: 'auth_time', acr: 'acr', amr: 'amr' },
    },
    needs: {
      issuer: 'name who signs the JWT, the issuer of the RequestAuthentication',
      audience: 'name what is in aud of the JWT, the audiences of the RequestAuthentication',
      keys: 'is missing; it is the jwksUri of the RequestAuthentication',
    },
  },
  proof: anyProof,
  example: {
    trust: SECRET_EXAMPLE,
    assertion: {
      issuer: 'https://idp.example.com',
      audience: ['asteroid'],
      jwks_uri: 'https://idp.example.com/jwks',
    },
  },
  lines: { istio: istioLines },
};
