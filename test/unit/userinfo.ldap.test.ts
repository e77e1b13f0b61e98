import { describe, expect, it } from 'vitest';
import { readClaims, readValues, typed } from '../../internal/userinfo/ldap/attributes.ts';

const GROUP = 'cn=staff,ou=groups,dc=example,dc=test';

describe('userinfo ldap: values of an attribute', () => {
  it('are found in whatever case the server writes its name', () => {
    expect(readValues({ dn: '', memberof: [GROUP] }, 'memberOf')).toEqual([GROUP]);
    expect(readValues({ dn: '', 'memberOf;x-other': [GROUP] }, 'memberOf')).toEqual([]);
  });

  // [MS-ADTS] §3.1.1.3.1.3.3: whoever is in too many groups would be in none of them.
  it('are a failure where there is only a range of them', () => {
    const entry = { dn: '', memberOf: [], 'memberOf;range=0-1499': [GROUP] };

    expect(() => readValues(entry, 'memberOf')).toThrow('has more values than the directory tells');
    expect(() => readClaims(entry, typed({ groups: 'memberof' }))).toThrow('memberof has more');
    expect(() => readValues(entry, 'memberOf')).toThrow(
      expect.objectContaining({ problem: 'too_large' }),
    );
  });
});
