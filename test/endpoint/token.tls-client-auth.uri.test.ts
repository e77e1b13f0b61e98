import { beforeEach, describe, expect, it } from 'vitest';
import { createSelfSigned } from '../support/certificates.ts';
import { toClientCertificate, toJwks } from '../support/client-certificates.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { withCertificate } from '../support/requests.ts';
import { type KeyService, startKeyService, text } from '../support/signer.ts';

const grant_type = 'client_credentials';
const OLD = createSelfSigned();
const NEW = createSelfSigned();

let service: KeyService;
let issuer: TestIssuer;

beforeEach(async () => {
  service = await startKeyService(text(toJwks(OLD.cert, { whole: true })));
  const client = makeClient('self', {
    grantTypes: [grant_type],
    tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
    secrets: [],
    keys: { kind: 'uri', uri: service.uri, writtenBy: 'client' },
  });
  issuer = createTestIssuer({ clients: [client] });
});

const ask = async ({ cert }: { readonly cert: string }) =>
  (await issuer.token({ grant_type }, withCertificate('self', toClientCertificate(cert)))).status;

describe('a certificate that is registered behind a URL (RFC 8705 §2.2.2; CA-13)', () => {
  it('is fetched once, and known from then on', async () => {
    expect(await ask(OLD)).toBe(200);
    expect(await ask(OLD)).toBe(200);
    expect(service.asked).toHaveLength(1);
  });

  it('is looked for again when another is shown, and not each time', async () => {
    expect(await ask(OLD)).toBe(200);
    expect(await ask(NEW)).toBe(401);
    service.answers(text(toJwks(NEW.cert, { whole: true })));
    expect(await ask(NEW)).toBe(401);
    expect(service.asked).toHaveLength(1);

    issuer.clock.advance(31);
    expect(await ask(NEW)).toBe(200);
    expect(await ask(OLD)).toBe(401);
    expect(service.asked).toHaveLength(2);
  });
});
