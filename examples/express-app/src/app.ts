// The application: its pages, and who may see them. Coming and going is account.ts, what programs may ask is
// api.ts.

import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { createAccount } from './account.ts';
import { createApi } from './api.ts';
import { createIssuer, type IssuerOptions } from './issuer.ts';
import { homePage, problemPage, profilePage } from './pages.ts';
import { toLogLine, toProblem } from './problem.ts';
import { createSessions } from './sessions.ts';
import { fetchProfile, refresh, SignInAgain } from './sign-in.ts';

export type AppOptions = IssuerOptions & {
  /** What access tokens for `/api` are for. */
  readonly audience: string;
  readonly log?: (line: string) => void;
};

export function createApp(options: AppOptions): Express {
  const { url, audience, log = console.error } = options;
  const issuer = createIssuer(options);
  const sessions = createSessions(url);
  const app = express().disable('x-powered-by').use(protect);

  app.get('/', (request, response) => {
    response.send(homePage(sessions.findUser(request)?.sub));
  });

  app.get('/profile', async (request, response) => {
    const user = sessions.findUser(request);
    if (user === undefined) return response.redirect(303, '/login?return_to=/profile');
    try {
      const fresh = await refresh(issuer, user);
      sessions.update(request, fresh);
      response.send(profilePage(await fetchProfile(issuer, fresh)));
    } catch (error) {
      if (!(error instanceof SignInAgain)) throw error;
      sessions.end(request, response);
      response.redirect(303, '/login?return_to=/profile');
    }
  });

  return app
    .use(createAccount(issuer, sessions, log))
    .use('/api', createApi(issuer, audience))
    .use(showProblem(log));
}

const protect: RequestHandler = (_request, response, next) => {
  response.set({
    'Content-Security-Policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  next();
};

/** The one place where errors end. Express knows it by its four parameters. */
const showProblem =
  (log: (line: string) => void): ErrorRequestHandler =>
  (error, request, response, _next) => {
    const problem = toProblem(error);
    log(toLogLine(error, problem.reference));
    if (problem.retryAfter !== undefined) response.set('Retry-After', problem.retryAfter);
    response.status(problem.status);
    if (request.path.startsWith('/api/')) response.json({ error: problem.title });
    else response.send(problemPage(problem));
  };
