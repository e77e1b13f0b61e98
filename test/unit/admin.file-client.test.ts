import { describe, expect, it } from 'vitest';
import { describeFileClient } from '../../internal/app/admin/file-client.ts';
import { makeClient, secretOf } from '../support/clients.ts';

describe('a client of clients.yaml, as operators read it (Admin API)', () => {
  it('has what was named by somebody under the very name, and everything else by the registered one', () => {
    const values = new Map([
      ['TeamAdmin', 'admin'],
      ['teamReader', 'reader'],
    ]);
    const match = /^team.*$/i;
    const mapping = { claim: 'roles', from: 'groups', match, stripPrefix: '', values };
    const budget = { limit: 5, window: 60 };

    const { metadata } = describeFileClient(
      makeClient('app', {
        claimMappings: [mapping],
        rateLimits: new Map([['tokenRule', budget]]),
        allow: { subjects: [], groups: ['Admins'], emailDomains: ['sso.example'] },
      }),
    );

    expect(metadata).toMatchObject({
      redirect_uris: ['https://rp.example/callback'],
      claim_mappings: [
        {
          claim: 'roles',
          strip_prefix: '',
          values: { TeamAdmin: 'admin', teamReader: 'reader' },
        },
      ],
      rate_limits: { tokenRule: { limit: 5, window: 60 } },
      allow: { groups: ['Admins'], email_domains: ['sso.example'] },
    });
  });

  it('has nothing of its secrets', () => {
    const entry = describeFileClient(makeClient('app'));

    expect(entry).toMatchObject({ client_id: 'app', made_by: 'file', secrets: [] });
    expect(entry.metadata).not.toHaveProperty('secrets');
    expect(JSON.stringify(entry)).not.toContain(secretOf('app'));
  });
});
