import { describe, expect, it } from 'vitest';
import { listDeclared } from '../../internal/upstream/declared.ts';
import { OPTIONS } from './upstream.fixture.ts';

describe('declared header names', () => {
  it('are those of every attribute, the subject first, and of the secret at the end', () => {
    const declared = listDeclared({
      ...OPTIONS,
      headers: {
        subject: { name: 'X-Authenticated-User' },
        email: { name: 'X-Authenticated-Email', verified: { header: 'X-Authenticated-Verified' } },
        extra: { department: { name: 'X-Authenticated-Department' } },
      },
    });

    expect(declared.map(({ kind, attribute, name }) => `${kind} ${attribute} ${name}`)).toEqual([
      'identity subject X-Authenticated-User',
      'identity email X-Authenticated-Email',
      'identity email_verified X-Authenticated-Verified',
      'identity department X-Authenticated-Department',
      'secret secret X-Asteroid-Upstream-Secret',
    ]);
  });

  it('have no secret where none is configured', () => {
    const declared = listDeclared({ ...OPTIONS, trust: { unixSocket: true } });

    expect(declared.some(({ kind }) => kind === 'secret')).toBe(false);
  });
});
