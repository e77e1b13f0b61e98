// Applications as their authors would write them: express with the two middlewares that most use to
// sign people in. Each says at `/me` who is signed in.

import http from 'node:http';
import express, { type Express } from 'express';
import openid from 'express-openid-connect';
import session from 'express-session';
import passport from 'passport';
import { Strategy } from 'passport-openidconnect';
import { findFreePorts } from '../support/free-port.ts';
import { onCleanUp } from './rig.ts';

export type Application = {
  readonly origin: string;
  /** One entry of clients.yaml. */
  readonly metadata: string;
  /** Where an End-User who wants to sign in goes. */
  readonly start: string;
  readonly connect: (issuer: string) => Promise<void>;
};

const SECRET = 'a client secret of an application that nobody guesses';

type Terms = { readonly issuer: string; readonly origin: string; readonly clientId: string };
type Build = (terms: Terms) => Express;

/** @param callback below the origin: the middleware's own choice. */
async function createApplication(
  clientId: string,
  { callback, method }: { readonly callback: string; readonly method: string },
  build: Build,
): Promise<Application> {
  const [port = 0] = await findFreePorts(1);
  const origin = `http://localhost:${port}`;
  return {
    origin,
    start: `${origin}/me`,
    metadata: `  - client_id: ${clientId}
    client_secret: ${SECRET}
    redirect_uris: ["${origin}${callback}"]
    token_endpoint_auth_method: ${method}
    post_logout_redirect_uris: ["${origin}"]
    id_token_signed_response_alg: RS256
    scope: openid profile email
`,
    async connect(issuer) {
      const server = http.createServer(build({ issuer, origin, clientId }));
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      onCleanUp(() => {
        server.closeAllConnections();
        server.close();
      });
    },
  };
}

/** express-openid-connect, with the code flow and PKCE. */
export const startExpressOpenidConnect = (): Promise<Application> =>
  createApplication(
    'express-openid-connect',
    { callback: '/callback', method: 'client_secret_basic' },
    ({ issuer, origin, clientId }) => {
      const app = express();
      app.use(
        openid.auth({
          issuerBaseURL: issuer,
          baseURL: origin,
          clientID: clientId,
          clientSecret: SECRET,
          secret: 'a secret for cookies that is long enough for everybody',
          authRequired: false,
          idpLogout: true,
          authorizationParams: { response_type: 'code', scope: 'openid profile email' },
        }),
      );
      app.get('/', (request, response) => {
        response.json({ signedIn: request.oidc.isAuthenticated() });
      });
      app.get('/me', openid.requiresAuth(), async (request, response) => {
        response.json({ idToken: request.oidc.user, userinfo: await request.oidc.fetchUserInfo() });
      });
      return app;
    },
  );

/** passport-openidconnect: discovers nothing, and sends its secret in the form. */
export const startPassport = (): Promise<Application> =>
  createApplication(
    'passport-openidconnect',
    { callback: '/cb', method: 'client_secret_post' },
    ({ issuer, origin, clientId }) => {
      const authenticator = new passport.Passport();
      authenticator.use(
        'openidconnect',
        new Strategy(
          {
            issuer,
            authorizationURL: `${issuer}/authorize`,
            tokenURL: `${issuer}/token`,
            userInfoURL: `${issuer}/userinfo`,
            clientID: clientId,
            clientSecret: SECRET,
            callbackURL: `${origin}/cb`,
            scope: ['profile', 'email'],
          },
          (_issuer: string, profile: passport.Profile, done: Done) => done(null, profile),
        ),
      );
      authenticator.serializeUser((user, done) => done(null, user));
      authenticator.deserializeUser<Express.User>((user, done) => done(null, user));
      const app = express();
      app.use(session({ secret: 'for cookies', resave: false, saveUninitialized: false }));
      app.use(authenticator.session());
      app.get('/cb', authenticator.authenticate('openidconnect', { successRedirect: '/me' }));
      app.get('/me', (request, response) => {
        if (request.user === undefined) response.redirect('/login');
        else response.json({ user: request.user });
      });
      app.get('/login', authenticator.authenticate('openidconnect'));
      return app;
    },
  );

type Done = (error: null, user: passport.Profile) => void;
