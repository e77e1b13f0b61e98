import { describe, expect, it } from 'vitest';
import { withOthers } from '../../internal/oidc/token/with-others.ts';

describe('claims of a token beside those of others', () => {
  it('are ours where we say them, and where we leave them out', () => {
    const own = { sub: 'alice', acr: undefined };

    expect(withOthers(own, [{ sub: 'mallory', acr: 'high' }])).toEqual({ sub: 'alice' });
  });

  it('are those of others where they are none of ours, the earlier ones winning', () => {
    const claims = withOthers({ sub: 'alice' }, [{ team: 'red' }, { team: 'blue', email: 'a@b' }]);

    expect(claims).toEqual({ sub: 'alice', team: 'red', email: 'a@b' });
  });

  it('leave what they were made of as it was', () => {
    const own = Object.freeze({ sub: 'alice' });

    expect(withOthers(own, [{ team: 'red' }])).not.toBe(own);
    expect(own).toEqual({ sub: 'alice' });
  });
});
