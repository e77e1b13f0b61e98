import { describe, expect, it } from 'vitest';
import { type AuditLog, createLogAudit } from '../../internal/audit/audit.ts';

function createLines() {
  const lines: unknown[] = [];
  const write = (level: string) => (fields: Parameters<AuditLog['info']>[0], message: string) =>
    lines.push({ level, message, ...fields });
  return { lines, audit: createLogAudit({ info: write('info'), warn: write('warn') }) };
}

describe('audit events in the log', () => {
  it('are one line each, by the names of the standards, without what is absent', () => {
    const { lines, audit } = createLines();

    audit({
      type: 'token.refused',
      grantType: undefined,
      clientId: 'conf',
      error: 'invalid_grant',
      reason: 'code_expired',
      requestId: 'r1',
    });

    expect(lines).toEqual([
      {
        level: 'info',
        message: 'token.refused',
        audit: true,
        client_id: 'conf',
        error: 'invalid_grant',
        reason: 'code_expired',
        request_id: 'r1',
      },
    ]);
  });

  it('warn of whoever claims to be the proxy and is not', () => {
    const { lines, audit } = createLines();

    audit({
      type: 'identity.refused',
      reason: 'untrusted_peer',
      header: undefined,
      peer: '10.0.0.1',
      requestId: 'r1',
    });

    expect(lines).toEqual([
      {
        level: 'warn',
        message: 'identity.refused',
        audit: true,
        reason: 'untrusted_peer',
        peer: '10.0.0.1',
        request_id: 'r1',
      },
    ]);
  });
});
