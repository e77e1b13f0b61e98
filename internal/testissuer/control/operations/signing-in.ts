// Sign-in without a page, and tokens without a browser.

import { operation } from '../operation.ts';
import * as shapes from '../shapes/signing-in.ts';

export const SIGNING_IN = [
  operation({
    id: 'signIn',
    method: 'PUT',
    path: '/issuers/{issuer_id}/sign-in',
    says: 'from here on every browser of this issuer is this End-User',
    body: shapes.signIn,
    run: ({ issuers, names, body }) => issuers.find(names.issuer_id).issuer.signIn(body.user),
  }),
  operation({
    id: 'signOut',
    method: 'DELETE',
    path: '/issuers/{issuer_id}/sign-in',
    says: 'from here on nobody is signed in: browsers are asked who they are',
    run: ({ issuers, names }) => issuers.find(names.issuer_id).issuer.signOut(),
  }),
  operation({
    id: 'issueTokens',
    method: 'POST',
    path: '/issuers/{issuer_id}/tokens',
    says: 'straight to tokens, made by the code of the token endpoint',
    body: shapes.issue,
    answer: shapes.tokens,
    run: async ({ issuers, names, body }) => ({
      ...(await issuers.find(names.issuer_id).issuer.issue(body)),
    }),
  }),
];
