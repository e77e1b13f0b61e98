import { describe, expect, it } from 'vitest';
import { CLIENT_SECRET, startProgram } from '../support/program.ts';
import { openRaw } from '../support/raw-http.ts';
import { scrape } from '../support/scrape.ts';
import {
  ALICE,
  ask,
  authorize,
  codeOf,
  FORM,
  HOST,
  honest,
  redeem,
  SECRET,
} from './threats.fixture.ts';

const HEALTH = { listen: { public: { port: 0 }, admin: { port: 0 }, health: { port: 0 } } };

describe('/metrics', () => {
  it('says on both listeners of the operator what a sign-in took', async () => {
    const program = await startProgram({ config: HEALTH });
    const code = codeOf(await ask(program.public, honest())) ?? '';
    await redeem(program.public, code);
    await redeem(program.public, code);

    for (const listener of ['admin', 'health'] as const) {
      const { status, contentType, value } = await scrape(program.at(listener));

      expect(status).toBe(200);
      expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
      const token = { endpoint: 'token', method: 'POST' };
      expect(value('asteroid_http_requests_total', { ...token, status: '2xx' })).toBe(1);
      expect(value('asteroid_http_requests_total', { ...token, status: '4xx' })).toBe(1);
      expect(value('asteroid_http_request_duration_seconds_count', { endpoint: 'token' })).toBe(2);
      expect(value('asteroid_tokens_issued_total', { grant_type: 'authorization_code' })).toBe(1);
      expect(value('asteroid_audit_events_total', { type: 'token.issued' })).toBe(1);
      expect(value('asteroid_authorizations_ended_total', { reason: 'code_replayed' })).toBe(1);
      expect(
        value('asteroid_refusals_total', { type: 'token.refused', error: 'invalid_grant' }),
      ).toBe(1);
      expect(value('asteroid_store_operation_duration_seconds_count', { verb: 'redeem' })).toBe(2);
      expect(value('asteroid_signature_duration_seconds_count', { alg: 'ES256' })).toBe(2);
      expect(
        value('asteroid_userinfo_request_duration_seconds_count', { backend: 'headers' }),
      ).toBeGreaterThan(0);
      expect(value('asteroid_http_requests_in_flight')).toBe(0);
      expect(value('asteroid_ready', { dependency: 'store' })).toBe(1);
      expect(value('asteroid_clients')).toBe(1);
      expect(value('asteroid_signing_key_age_seconds', { alg: 'ES256' })).toBeGreaterThanOrEqual(0);
      expect(value('asteroid_published_keys', { alg: 'ES256' })).toBe(1);
      expect(value('asteroid_build_info')).toBe(1);
      expect(value('asteroid_processes')).toBe(1);
      expect(value('process_resident_memory_bytes')).toBeGreaterThan(0);
    }
  });

  it('is not there for clients', async () => {
    const program = await startProgram();

    expect((await scrape(program.public)).status).toBe(404);
  });

  it('is not there where nothing is measured', async () => {
    const program = await startProgram({ config: { ...HEALTH, metrics: { enabled: false } } });

    expect((await scrape(program.at('health'))).status).toBe(404);
    expect((await scrape(program.at('admin'))).status).toBe(404);
    expect((await ask(program.public, honest())).status).toBe(303);
  });

  it('says that a configuration is in force, and that the files say another one', async () => {
    const program = await startProgram();
    await program.folder.writeClients([]);
    await program.reload();
    const refused = await scrape(program.at('admin'));
    const kept = [
      {
        client_id: 'app',
        redirect_uris: ['https://rp.example/new'],
        client_secret: CLIENT_SECRET,
      },
    ];
    await program.folder.writeClients(kept);
    await program.reload();
    const taken = await scrape(program.at('admin'));

    expect(refused.value('asteroid_configuration_outdated')).toBe(1);
    expect(refused.value('asteroid_configuration_reloads_total')).toBe(0);
    expect(taken.value('asteroid_configuration_outdated')).toBe(0);
    expect(taken.value('asteroid_configuration_reloads_total')).toBe(1);
  });

  it('tells clients of clients.yaml apart where that is asked for, and nobody else', async () => {
    const program = await startProgram({ config: { metrics: { clients: true } } });
    await ask(program.public, [
      authorize({ client_id: 'app', scope: 'nothing' }),
      HOST,
      SECRET,
      ALICE,
    ]);
    await ask(program.public, [authorize({ client_id: 'stranger' }), HOST, SECRET, ALICE]);
    await redeem(program.public, codeOf(await ask(program.public, honest())) ?? '');

    const { value, text } = await scrape(program.at('admin'));

    expect(value('asteroid_client_tokens_issued_total', { client_id: 'app' })).toBe(1);
    expect(text).not.toContain('stranger');
  });

  it('tells no client apart otherwise', async () => {
    const program = await startProgram();
    await redeem(program.public, codeOf(await ask(program.public, honest())) ?? '');

    expect((await scrape(program.at('admin'))).text).not.toContain('client_id=');
  });
});

describe('whoever sends what nobody ever sent (DO-1)', () => {
  it('adds no series by methods, paths, clients, grants, errors or headers', async () => {
    const program = await startProgram({ config: { metrics: { clients: true } } });
    const connection = await openRaw(program.public);
    const strange = async (stranger: number): Promise<void> => {
      const form = `grant_type=g${stranger}&client_id=c${stranger}&code=ac_${stranger}`;
      for (const [line, body] of [
        [`GET /path-${stranger}?q=${stranger} HTTP/1.1`, ''],
        [`M${stranger} /token HTTP/1.1`, ''],
        [
          `GET /authorize?client_id=c${stranger}&redirect_uri=https://r${stranger}.example HTTP/1.1`,
          '',
        ],
        ['POST /token HTTP/1.1', form],
      ] as const) {
        const type = body === '' ? [] : [FORM, `Content-Length: ${body.length}`];
        connection.write(
          `${[line, HOST, `User-Agent: u${stranger}`, `X-R${stranger}: 1`, ...type].join('\r\n')}\r\n\r\n${body}`,
        );
        await connection.next().catch(() => undefined);
      }
    };
    const series = async () =>
      (await scrape(program.at('admin'))).lines.filter((line) => line.startsWith('asteroid'))
        .length;

    for (let stranger = 0; stranger < 5; stranger += 1) await strange(stranger);
    const before = await series();
    for (let stranger = 5; stranger < 250; stranger += 1) await strange(stranger);

    expect(await series()).toBe(before);
    connection.destroy();
  });
});

describe('one refused spoof', () => {
  it('is found as a line, an event and a number from each other by the id of its request', async () => {
    const program = await startProgram();
    const spoof = await ask(program.public, [authorize(), HOST, 'X-Authenticated-User: root']);
    const requestId = spoof.headers['x-request-id'];

    const { text } = await scrape(program.at('admin'), 'application/openmetrics-text');
    const about = program.logged().filter(({ request_id }) => request_id === requestId);
    const event = about.find(({ audit }) => audit === true);
    const line = about.find(({ msg }) => msg === 'request');

    expect(spoof.status).toBe(403);
    expect(event).toMatchObject({ msg: 'identity.refused', peer: '127.0.0.1' });
    expect(line).toMatchObject({ status: 403, reason: event?.['reason'] });
    // From the number to the request, and from the event to the number.
    const labels = `type="identity.refused",error="none",reason="${event?.['reason']}"`;
    expect(text).toContain(`asteroid_refusals_total{${labels}} 1 # {request_id="${requestId}"} 1 `);
  });

  it('is told from a sign-in that the proxy vouches for', async () => {
    const program = await startProgram();
    const honestly = await ask(program.public, honest());

    const { value } = await scrape(program.at('admin'));

    expect(honestly.status).toBe(303);
    expect(value('asteroid_audit_events_total', { type: 'identity.refused' })).toBe(0);
    expect(value('asteroid_audit_events_total', { type: 'authorization.granted' })).toBe(1);
  });
});
