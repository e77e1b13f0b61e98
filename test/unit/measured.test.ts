import { describe, expect, it } from 'vitest';
import { readSnapshot } from '../../internal/app/read.ts';
import { createSilentLog } from '../../internal/app/silent-log.ts';
import { openTelemetry } from '../../internal/app/telemetry.ts';
import { OutboundError, type OutboundFailure } from '../../internal/outbound/outbound.ts';
import { measureOutbound } from '../../internal/telemetry/measured/outbound.ts';
import { createNumbers } from '../../internal/telemetry/numbers.ts';
import { printFamilies } from '../../internal/telemetry/print.ts';
import { createUnderway } from '../../internal/telemetry/underway.ts';
import { makeFolder } from '../support/program.ts';

const REQUEST = { url: 'https://rp.example/', timeout: 1, maxBytes: 1 };
const FAILURES: readonly OutboundFailure[] = [
  ...(['address_forbidden', 'unreachable', 'timeout', 'too_large', 'url_unusable'] as const),
];

describe('a request to others', () => {
  for (const failure of FAILURES) {
    it(`that ends as ${failure} is counted so, and fails as before`, async () => {
      const numbers = createNumbers();
      const fail = async () => {
        throw new OutboundError(failure, 'failed');
      };
      const send = measureOutbound(fail, 'client_keys', numbers);

      await expect(send(REQUEST)).rejects.toMatchObject({ failure });

      expect(printFamilies(numbers.read()).text).toContain(
        `asteroid_outbound_requests_total{purpose="client_keys",outcome="${failure}"} 1\n`,
      );
    });
  }
});

describe('series of clients', () => {
  it('are of those in clients.yaml: whoever registered itself has none', async () => {
    const { configFile } = await makeFolder({ config: { metrics: { clients: true } } });
    const snapshot = await readSnapshot({ files: [configFile], env: {}, mode: 'serve' });
    const telemetry = await openTelemetry(snapshot, () => snapshot, {
      log: createSilentLog(),
      now: () => 1,
      underway: createUnderway(),
    });
    const events: string[] = [];
    const audit = telemetry.audit(({ type }) => events.push(type));
    const facts = { error: 'invalid_grant', reason: 'code_unknown', requestId: 'r' };

    for (const clientId of ['app', 'dyn_stranger']) {
      audit({ type: 'token.refused', grantType: undefined, clientId, ...facts });
    }

    const { text } = printFamilies(telemetry.numbers?.read() ?? []);
    expect(events).toEqual(['token.refused', 'token.refused']);
    expect(text).toContain(
      'asteroid_client_refusals_total{client_id="app",error="invalid_grant"} 1\n',
    );
    expect(text).not.toContain('dyn_stranger');
  });
});
