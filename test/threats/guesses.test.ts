import { describe, expect, it } from 'vitest';
import { hashSecret } from '../../internal/config/secret-hash.ts';
import { CLIENT_SECRET, type Metadata, REDIRECT_URI, startProgram } from '../support/program.ts';
import { basic } from '../support/requests.ts';
import { ask, HOST, submit } from './threats.fixture.ts';

const GUESSES = 60;

describe('guesses at a secret whose hash is slow (DO-5, CA-12)', () => {
  it('keep nobody else waiting, and all but a few are told to come back', async () => {
    const slow: Metadata = {
      client_id: 'slow',
      client_secret_hash: await hashSecret(CLIENT_SECRET),
      redirect_uris: [REDIRECT_URI],
    };
    const program = await startProgram({ clients: [slow] });
    const present = (secret: string) =>
      submit(
        program.public,
        '/token',
        { grant_type: 'authorization_code', code: 'x', redirect_uri: REDIRECT_URI },
        `Authorization: ${basic('slow', secret)}`,
      );
    let open = GUESSES;
    const guesses = Array.from({ length: GUESSES }, async (_, index) => {
      const { status } = await present(`guess-${index}`);
      open -= 1;
      return status;
    });
    const overlapped: number[] = [];
    for (let count = 0; count < 20; count += 1) {
      const { status } = await ask(program.public, ['GET /jwks.json HTTP/1.1', HOST]);
      expect(status).toBe(200);
      overlapped.push(open);
    }
    const statuses = await Promise.all(guesses);

    expect(overlapped[0]).toBeGreaterThan(0);
    expect(new Set(statuses)).toEqual(new Set([401, 503]));
    // The secret is right: it is the code that is refused.
    expect(JSON.parse((await present(CLIENT_SECRET)).body)).toMatchObject({
      error: 'invalid_grant',
    });
  });
});
