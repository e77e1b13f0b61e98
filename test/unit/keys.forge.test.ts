import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEphemeralKeys } from '../../internal/keys/ephemeral.ts';
import { openKeys } from '../../internal/keys/open.ts';
import { SIGNING_ALGS } from '../../internal/protocol/names.ts';
import { START } from '../support/keys.ts';

const now = () => START;

describe('a signature under any header', () => {
  it.each(SIGNING_ALGS)(
    'of %s is genuine: with the right header the keys take it for their own',
    async (alg) => {
      const keys = createEphemeralKeys({ now });
      const own = await keys.sign(alg, 'JWT', { sub: 'alice' });
      const header = JSON.parse(Buffer.from(own.split('.')[0] ?? '', 'base64url').toString());
      const made = await keys.forge?.(alg, header, { sub: 'alice' });

      expect(await keys.verify(made ?? '')).toEqual({ typ: 'JWT', claims: { sub: 'alice' } });
    },
  );

  it('is nothing that the keys themselves believe', async () => {
    const keys = createEphemeralKeys({ now });
    const [published] = keys.publicKeys();
    const honest = { alg: 'ES256', kid: published?.kid ?? '', typ: 'JWT' };
    for (const header of [
      { ...honest, kid: 'unknown' },
      { alg: 'ES256', typ: 'JWT' },
      { ...honest, jku: 'https://a.invalid' },
    ]) {
      expect(await keys.verify((await keys.forge?.('ES256', header, {})) ?? '')).toBeUndefined();
    }
  });

  it('needs a key that is there', async () => {
    await expect(createEphemeralKeys({ now }).forge?.('EdDSA', {}, {})).rejects.toThrow(
      'there is no EdDSA key yet',
    );
  });

  it('is not to be had of keys that outlive their process', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'asteroid-forge-'));
    const keys = await openKeys({
      source: 'file',
      dir,
      now,
      publishAhead: 0,
      tokenLifetime: () => 60,
      report: () => undefined,
    });

    expect(keys.forge).toBeUndefined();
    await keys.close();
  });
});
