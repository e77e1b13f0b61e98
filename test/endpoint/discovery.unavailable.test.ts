import { describe, expect, it } from 'vitest';
import { createEphemeralKeys } from '../../internal/keys/ephemeral.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestIssuer } from '../support/issuer.ts';
import { makeRequest, settle } from '../support/requests.ts';

const GET = makeRequest({ method: 'GET' });

describe('metadata and JWKS while something is missing (OIDC Discovery §4; DI-7)', () => {
  it('are answered with neither store nor backends', async () => {
    const { issuer, weather, backends } = createTestIssuer();
    weather.down.add('all');
    backends.down = true;

    expect((await settle(issuer.discovery(GET))).status).toBe(200);
    expect((await settle(issuer.jwks(GET))).json['keys']).toHaveLength(1);
  });

  it('are unavailable, never an empty set, while there is no key, and recover', async () => {
    const keys = createEphemeralKeys({ now: createTestClock() });
    let loaded = false;
    const publicKeys = () => (loaded ? keys.publicKeys() : []);
    const { issuer } = createTestIssuer({ deps: { keys: { ...keys, publicKeys } } });

    await expect(issuer.jwks(GET)).rejects.toThrow(Unavailable);
    loaded = true;
    expect((await settle(issuer.jwks(GET))).json['keys']).toHaveLength(1);
  });
});
