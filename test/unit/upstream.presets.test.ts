import { describe, expect, it } from 'vitest';
import { PRESET_NAMES } from '../../internal/protocol/presets.ts';
import { createHeaderUpstream } from '../../internal/upstream/headers.ts';
import { type PresetInput, resolvePreset } from '../../internal/upstream/presets/resolve.ts';
import { claimsOf, OPTIONS, refusal, SECRET_LINE, subjectOf } from './upstream.fixture.ts';

const { trust } = OPTIONS;
const SOCKET = { address: undefined, unixSocket: true, certificate: undefined };

const resolved = (name: string, input: PresetInput) => {
  const resolution = resolvePreset(name, input);
  if (resolution.kind === 'refused') throw new Error(resolution.problems.join('\n'));
  if (resolution.options.assertion !== undefined) throw new Error('not of plain headers');
  return resolution.options;
};

const namesOf = (name: string, input: PresetInput) =>
  createHeaderUpstream(resolved(name, input)).headerNames;

describe('upstream presets', () => {
  it('refuses a preset it does not know, and names those it knows', () => {
    expect(resolvePreset('oauth2_proxy', { trust })).toEqual({
      kind: 'refused',
      problems: [`upstream.preset: has to be one of ${PRESET_NAMES.join(', ')}`],
    });
    expect(resolvePreset('constructor', { trust }).kind).toBe('refused');
  });

  it('never grants trust', () => {
    for (const name of PRESET_NAMES) {
      const resolution = resolvePreset(name, { trust: {} });
      const problems = resolution.kind === 'refused' ? resolution.problems.join('\n') : '';

      expect([name, problems]).toEqual([name, expect.stringMatching(/upstream\.trust|assertion/)]);
    }
  });

  it('passes on what it has no opinion about', () => {
    const input: PresetInput = {
      trust,
      required: ['email'],
      rejectValues: ['guest'],
      aliases: 'ignore',
      subject: { namespace: 'corp:' },
    };

    expect(resolved('custom', input)).toMatchObject(input);
  });
});

describe('upstream preset custom', () => {
  it('reads X-Authenticated-User, -Email, -Name and -Groups', () => {
    expect(namesOf('custom', { trust })).toEqual([
      'x-authenticated-user',
      'x-authenticated-email',
      'x-authenticated-name',
      'x-authenticated-groups',
      'x-asteroid-upstream-secret',
    ]);
  });

  it('reads only what the operator mentions, since a proxy scrubs only what it knows (T15)', () => {
    expect(namesOf('custom', { trust: { unixSocket: true }, headers: {} })).toEqual([
      'x-authenticated-user',
    ]);
    expect(
      namesOf('custom', {
        trust: { unixSocket: true },
        headers: { subject: { name: 'X-Remote-User' }, groups: { format: 'pipe' } },
      }),
    ).toEqual(['x-remote-user', 'x-authenticated-groups']);
  });

  it('fills in what the operator leaves out of a field', () => {
    const { headers } = resolved('custom', {
      trust,
      headers: { email: { verified: true }, name: {}, groups: { prefix: 'corp:' }, acr: null },
    });

    expect(headers).toMatchObject({
      subject: { name: 'X-Authenticated-User' },
      email: { name: 'X-Authenticated-Email', verified: true },
      name: { name: 'X-Authenticated-Name', encoding: 'utf-8', onInvalid: 'drop' },
      groups: { name: 'X-Authenticated-Groups', format: 'csv', prefix: 'corp:' },
    });
    expect(headers.acr).toBe(undefined);
  });

  it('takes every field the operator names', () => {
    const headers = {
      subject: { name: 'X-S', encoding: 'percent', pattern: '[a-z]+' },
      email: { name: 'X-E', verified: { header: 'X-V' } },
      preferredUsername: { name: 'X-P', onInvalid: 'reject' },
      name: { name: 'X-N', encoding: 'latin1', onInvalid: 'reject' },
      groups: { name: 'X-G', format: 'json', allow: ['a'], prefix: 'b' },
      authTime: { name: 'X-At' },
      acr: { name: 'X-Acr' },
      amr: { name: 'X-Amr', format: 'space' },
      sid: { name: 'X-Sid' },
      extra: { team: { name: 'X-Team' } },
    } as const;

    expect(resolved('custom', { trust, headers }).headers).toMatchObject(headers);
  });

  it('refuses a field without a header that it could fill in', () => {
    expect(resolvePreset('custom', { trust, headers: { acr: {} } })).toEqual({
      kind: 'refused',
      problems: ['upstream.headers.acr: has to name its header'],
    });
  });
});

describe('upstream preset oauth2-proxy', () => {
  /** What oauth2-proxy sends to its upstream, with the secret injected. */
  const CAPTURED = [
    'Host',
    'sso.example',
    'User-Agent',
    'Mozilla/5.0',
    'Accept-Encoding',
    'gzip',
    'X-Forwarded-Email',
    'alice@corp.example',
    'X-Forwarded-For',
    '203.0.113.7',
    'X-Forwarded-Groups',
    'role:admin,engineering',
    'X-Forwarded-Host',
    'sso.example',
    'X-Forwarded-Preferred-Username',
    'alice',
    'X-Forwarded-Proto',
    'https',
    'X-Forwarded-User',
    '9f86d081-884c-4d63-9a2f-b1e5f8a4c3d2',
  ];

  it('reads a request of oauth2-proxy over a socket, and with a secret', () => {
    const overSocket = createHeaderUpstream(
      resolved('oauth2-proxy', { trust: { unixSocket: true } }),
    );
    const withSecret = createHeaderUpstream(resolved('oauth2-proxy', { trust }));
    const peer = { address: '10.42.7.3', unixSocket: false, certificate: undefined };

    for (const answer of [
      overSocket.identify({ rawHeaders: CAPTURED, peer: SOCKET }),
      withSecret.identify({ rawHeaders: [...CAPTURED, ...SECRET_LINE], peer }),
    ]) {
      expect(subjectOf(answer)).toBe('9f86d081-884c-4d63-9a2f-b1e5f8a4c3d2');
      expect(claimsOf(answer)).toEqual({
        email: 'alice@corp.example',
        email_verified: false,
        preferred_username: 'alice',
        groups: ['role:admin', 'engineering'],
      });
    }
    expect(withSecret.identify({ rawHeaders: CAPTURED, peer })).toEqual(
      refusal(403, 'upstream_secret', 'X-Asteroid-Upstream-Secret'),
    );
  });

  it('refuses the underscore twin of its header (CVE-2025-64484)', () => {
    const { identify } = createHeaderUpstream(
      resolved('oauth2-proxy', { trust: { unixSocket: true } }),
    );

    expect(
      identify({ rawHeaders: [...CAPTURED, 'X_Forwarded_Groups', 'admins'], peer: SOCKET }),
    ).toEqual(refusal(400, 'header_alias', 'X-Forwarded-Groups'));
  });

  it('insists on a socket or a secret: addresses and certificates are not enough', () => {
    const insufficient = [
      { peers: ['10.42.7.0/24'] },
      { mtls: { dnsSans: ['proxy.example'], uriSans: [] } },
    ];
    for (const proof of insufficient) {
      expect(resolvePreset('oauth2-proxy', { trust: proof })).toEqual({
        kind: 'refused',
        problems: ['upstream.trust: the preset oauth2-proxy needs unix_socket or secret'],
      });
    }
  });

  it('keeps its other headers when one is changed, and drops one that is null', () => {
    const input = {
      trust: { unixSocket: true },
      headers: { email: { verified: true }, groups: null },
    };

    expect(namesOf('oauth2-proxy', input)).toEqual([
      'x-forwarded-user',
      'x-forwarded-email',
      'x-forwarded-preferred-username',
    ]);
    expect(resolved('oauth2-proxy', input).headers.email?.verified).toBe(true);
  });
});
