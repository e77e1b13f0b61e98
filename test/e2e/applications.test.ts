// Middlewares that nobody here wrote, in front of an issuer that nginx brings alice to.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../support/free-port.ts';
import { type Application, startExpressOpenidConnect, startPassport } from './applications.ts';
import { openBrowser } from './browser.ts';
import { cookieOf, startAuthService, startNginx } from './nginx.ts';
import { cleanUp, startAsteroid } from './rig.ts';

const NOWHERE = 'http://nowhere.invalid/';

let issuer: string;
let middleware: Application;
let passport: Application;

beforeAll(async () => {
  middleware = await startExpressOpenidConnect();
  passport = await startPassport();
  const [listen = 0] = await findFreePorts(1);
  issuer = `http://127.0.0.1:${listen}`;
  const clients = `clients:\n${middleware.metadata}${passport.metadata}`;
  const asteroid = await startAsteroid({ issuer, clients });
  await startNginx({ listen, auth: await startAuthService(), asteroid });
  await middleware.connect(issuer);
  await passport.connect(issuer);
});
afterAll(cleanUp);

describe('express-openid-connect as a relying party', () => {
  it('signs alice in, and reads what the issuer knows of her', async () => {
    const { answer } = await openBrowser([cookieOf('alice')]).visit(middleware.start, NOWHERE);

    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({
      idToken: { sub: 'alice' },
      userinfo: { sub: 'alice', email: 'alice@example.test' },
    });
  });

  it('signs in nobody whom the proxy does not know', async () => {
    const { url, steps } = await openBrowser([cookieOf('nobody')]).visit(middleware.start, NOWHERE);

    expect(steps.some((step) => step.includes(`${issuer}/authorize?`))).toBe(true);
    expect(url.startsWith(middleware.origin), steps.join('\n')).toBe(false);
  });

  it('signs alice out here and at the issuer', async () => {
    const browser = openBrowser([cookieOf('alice')]);
    await browser.visit(middleware.start, NOWHERE);

    const { answer, steps } = await browser.visit(`${middleware.origin}/logout`, NOWHERE);

    expect(
      steps.some((step) => step.includes(`${issuer}/end_session?`)),
      steps.join('\n'),
    ).toBe(true);
    expect([answer.status, answer.body]).toEqual([200, '{"signedIn":false}']);
  });
});

describe('passport-openidconnect as a relying party', () => {
  it('signs alice in, and reads what the issuer knows of her', async () => {
    const { answer } = await openBrowser([cookieOf('alice')]).visit(passport.start, NOWHERE);

    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({
      user: { id: 'alice', emails: [{ value: 'alice@example.test' }] },
    });
  });

  it('tells bob from alice', async () => {
    const { answer } = await openBrowser([cookieOf('bob')]).visit(passport.start, NOWHERE);

    expect(JSON.parse(answer.body)).toMatchObject({ user: { id: 'bob' } });
  });
});
