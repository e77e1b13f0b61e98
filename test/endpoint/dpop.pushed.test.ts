import { describe, expect, it } from 'vitest';
import { proveDpopJkt } from '../../internal/oidc/dpop/jkt.ts';
import { makeClient } from '../support/clients.ts';
import { createHolder, type Holder } from '../support/dpop.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { makeRequest, toParams } from '../support/requests.ts';

const URL_OF_PAR = `${ISSUER}/par`;

const proofOf = (holder: Holder): Promise<string> => holder.prove({ claims: { htu: URL_OF_PAR } });

const push = (
  dpop_jkt: string | undefined,
  dpop: string | undefined,
  { deps } = createTestIssuer(),
  client = makeClient('conf'),
) =>
  proveDpopJkt(
    {
      params: toParams({ dpop_jkt }),
      request: makeRequest({ headers: dpop === undefined ? {} : { dpop } }),
      client,
      urls: [URL_OF_PAR],
    },
    deps,
  );

describe('the key of a pushed request (RFC 9449 §10.1; DP-2)', () => {
  it('is that of its proof, of its dpop_jkt, or of both if they agree', async () => {
    const holder = await createHolder();

    expect(await push(undefined, await proofOf(holder))).toBe(holder.jkt);
    expect(await push(holder.jkt, undefined)).toBe(holder.jkt);
    expect(await push(holder.jkt, await proofOf(holder))).toBe(holder.jkt);
    expect(await push(undefined, undefined)).toBeUndefined();
  });

  it('is none where they do not agree', async () => {
    const [holder, other] = [await createHolder(), await createHolder()];

    await expect(push(other.jkt, await proofOf(holder))).rejects.toMatchObject({
      code: 'invalid_dpop_proof',
      reason: 'jkt_mismatch',
    });
  });

  it('is none of a proof for another endpoint, or of what is no thumbprint', async () => {
    const holder = await createHolder();

    await expect(push(undefined, await holder.prove())).rejects.toMatchObject({
      reason: 'dpop_proof_uri',
    });
    await expect(push('short', await proofOf(holder))).rejects.toMatchObject({
      code: 'invalid_request',
      reason: 'dpop_jkt_malformed',
    });
  });

  it('is proven once with one proof', async () => {
    const test = createTestIssuer();
    const holder = await createHolder();
    const dpop = await proofOf(holder);

    expect(await push(undefined, dpop, test)).toBe(holder.jkt);
    await expect(push(undefined, dpop, test)).rejects.toMatchObject({
      reason: 'dpop_proof_replayed',
    });
    expect(await push(undefined, await proofOf(holder), test)).toBe(holder.jkt);
  });

  it('is not remembered of a public client, in whose name anybody may push', async () => {
    const test = createTestIssuer();
    const holder = await createHolder();
    const spa = makeClient('spa', { tokenEndpointAuthMethod: 'none' });

    expect(await push(undefined, await proofOf(holder), test, spa)).toBe(holder.jkt);
    expect(test.weather.calls).toEqual([]);
  });
});
