// Coming and going: /login, /callback, /logout, and the issuer's word that somebody has gone.

import express, { type Router } from 'express';
import type { Issuer } from './issuer.ts';
import { toLogLine } from './problem.ts';
import type { Sessions } from './sessions.ts';
import { beginSignIn, finishSignIn } from './sign-in.ts';
import { findSignOut, readLogoutToken } from './sign-out.ts';

export function createAccount(
  issuer: Issuer,
  sessions: Sessions,
  log: (line: string) => void,
): Router {
  const account = express.Router();

  account.get('/login', async (request, response) => {
    const { target, attempt } = await beginSignIn(issuer);
    // A page of ours, and none that a link from elsewhere could name.
    const returnTo = request.query['return_to'] === '/profile' ? '/profile' : '/';
    sessions.begin(request, response, { kind: 'signing-in', attempt, returnTo });
    response.redirect(303, target.href);
  });

  account.get('/callback', async (request, response) => {
    const session = sessions.find(request);
    // What this browser did not ask for may be an answer for somebody else (login CSRF).
    if (session?.kind !== 'signing-in') return response.redirect(303, '/');
    sessions.end(request, response);
    const callback = new URL(request.originalUrl, issuer.url);
    const user = await finishSignIn(issuer, callback, session.attempt);
    sessions.begin(request, response, { kind: 'signed-in', user });
    response.redirect(303, session.returnTo);
  });

  account.post('/logout', async (request, response) => {
    const user = sessions.findUser(request);
    sessions.end(request, response);
    response.redirect(303, user === undefined ? '/' : (await findSignOut(issuer, user)).href);
  });

  const readForm = express.urlencoded({ extended: false, limit: '32kb' });
  account.post('/backchannel-logout', readForm, async (request, response) => {
    try {
      sessions.endWhere(await readLogoutToken(issuer, String(request.body?.logout_token)));
      response.status(200).end();
    } catch (error) {
      log(toLogLine(error, 'back-channel logout'));
      response.status(400).json({ error: 'invalid_request' });
    }
  });

  return account;
}
