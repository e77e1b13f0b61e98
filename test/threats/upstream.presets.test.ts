import { describe, expect, it } from 'vitest';
import { type Metadata, startProgram } from '../support/program.ts';
import { ask, authorize, codeOf, HOST, redirected, SECRET } from './threats.fixture.ts';

const starting = (upstream: Metadata) =>
  startProgram({
    config: { upstream: { trust: { secret: { files: ['upstream'] } }, ...upstream } },
  });

const RETURN = /^\/oauth2\/start\?rd=https%3A%2F%2Fsso\.example%2Fauthorize%3F/;

describe('a program behind a preset', () => {
  it('signs in whom the headers of the product name, and nobody by those of another', async () => {
    const { public: target } = await starting({ preset: 'authelia' });

    const honest = await ask(target, [authorize(), HOST, SECRET, 'Remote-User: alice']);
    const other = await ask(target, [authorize(), HOST, SECRET, 'X-Authenticated-User: alice']);
    const unproven = await ask(target, [authorize(), HOST, 'Remote-User: alice']);

    expect(codeOf(honest)).toEqual(expect.stringMatching(/^ac_/));
    expect([other.status, codeOf(other)]).toEqual([401, undefined]);
    expect([unproven.status, codeOf(unproven)]).toEqual([403, undefined]);
  });

  it('sends nobody to where the product signs people in, and back to the very request', async () => {
    const { public: target } = await starting({ preset: 'nginx-auth-request' });

    const answer = await ask(target, [authorize(), HOST, SECRET]);
    const silent = await ask(target, [authorize({ prompt: 'none' }), HOST, SECRET]);

    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toMatch(RETURN);
    expect(redirected(silent)).toMatchObject({ error: 'login_required' });
  });

  it('sends nobody anywhere where the operator says null', async () => {
    const { public: target } = await starting({ preset: 'nginx-auth-request', login_url: null });

    expect((await ask(target, [authorize(), HOST, SECRET])).status).toBe(401);
  });
});
