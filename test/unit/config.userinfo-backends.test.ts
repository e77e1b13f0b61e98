import { describe, expect, it } from 'vitest';
import { userinfo } from '../../internal/config/sections/userinfo.ts';

type Given = Readonly<Record<string, unknown>>;

const problemsOf = (backend: Given): readonly string[] => {
  const read = userinfo().safeParse({ backends: [backend] });
  return (read.error?.issues ?? []).map(
    ({ path, message }) => `${path.slice(2).join('.')}: ${message}`,
  );
};

const LDAP = { type: 'ldap', urls: ['ldaps://ldap.example.com'], base: 'dc=example,dc=com' };
const SQL = {
  type: 'sql',
  url: 'postgres://asteroid@db.example.com/people',
  query: 'select name from people where username = $1',
};
const SCIM = { type: 'scim', url: 'https://id.example.com/scim/v2' };

const GOOD: readonly (readonly [what: string, given: Given])[] = [
  ['a directory', LDAP],
  ['plain LDAP on loopback', { ...LDAP, urls: ['ldap://127.0.0.1:3890', 'ldap://[::1]'] }],
  ['plain LDAP with StartTLS', { ...LDAP, urls: ['ldap://ldap.example.com'], start_tls: true }],
  [
    'plain LDAP by the word of the operator',
    { ...LDAP, urls: ['ldap://ldap.example.com'], allow_plain_text: true },
  ],
  ['a filter', { ...LDAP, filter: '(&(uid={sub})(!(nsAccountLock=TRUE)))' }],
  ['a filter with UTF-8', { ...LDAP, filter: '(&(uid={sub})(ou=Büro))' }],
  [
    'a matching rule',
    { ...LDAP, group_search: { base: 'x', filter: '(member:1.2.840.113556.1.4.1941:={dn})' } },
  ],
  ['a password', { ...LDAP, bind: { dn: 'cn=a', password_file: 'p' } }],
  ['a certificate', { ...LDAP, bind: { external: true }, tls: { cert_file: 'c', key_file: 'k' } }],
  ['a database', SQL],
  ['a folder with a socket', { ...SQL, url: 'postgresql://a@%2Frun%2Fpostgresql/people' }],
  ['a semicolon at the end', { ...SQL, query: `${SQL.query};` }],
  ['a common table', { ...SQL, query: 'WITH one AS (select $1) select * from one' }],
  ['a service', SCIM],
  ['an attribute of an extension', { ...SCIM, lookup: 'urn:example:2.0:User:number' }],
  ['a token', { ...SCIM, bearer_file: 'b' }],
];

const BAD: readonly (readonly [what: string, given: Given, problem: string])[] = [
  ['no server', { ...LDAP, urls: [] }, 'urls: '],
  ['another scheme', { ...LDAP, urls: ['https://x'] }, 'urls.0: is not a URL of LDAP'],
  ['credentials in a URL', { ...LDAP, urls: ['ldaps://a:b@x'] }, 'urls.0: has credentials in it'],
  ['a base in a URL', { ...LDAP, urls: ['ldaps://x/dc=y'] }, 'urls.0: has to be a host alone'],
  ['plain LDAP', { ...LDAP, urls: ['ldap://x'] }, 'urls.0: sends passwords and claims in plain'],
  ['StartTLS in TLS', { ...LDAP, start_tls: true }, 'urls.0: is TLS already'],
  ['a filter about nobody', { ...LDAP, filter: '(uid=alice)' }, 'filter: needs {sub}'],
  ['an unknown place', { ...LDAP, filter: '(&(uid={sub})(a={b}))' }, 'filter: has {b}'],
  ['a filter without an end', { ...LDAP, filter: '(uid={sub}' }, 'filter: has to be one filter'],
  ['two filters', { ...LDAP, filter: '(uid={sub})(a=b)' }, 'filter: has to be one filter'],
  ['escaped UTF-8', { ...LDAP, filter: '(&(uid={sub})(a=\\c3\\a4))' }, 'filter: escapes'],
  ['half a bind', { ...LDAP, bind: { dn: 'cn=a' } }, 'bind.dn: and password_file belong together'],
  [
    'two binds',
    {
      ...LDAP,
      bind: { dn: 'cn=a', password_file: 'p', external: true },
      tls: { cert_file: 'c', key_file: 'k' },
    },
    'bind.dn: and password_file belong together',
  ],
  ['no certificate', { ...LDAP, bind: { external: true } }, 'bind.external: needs tls.cert_file'],
  ['half a pair', { ...LDAP, tls: { cert_file: 'c' } }, 'tls.cert_file: and key_file belong'],
  ['no attribute', { ...LDAP, subject_attribute: 'u)(' }, 'subject_attribute: is not the name'],
  ['a password in a URL', { ...SQL, url: 'postgres://a:b@x/y' }, 'url: has a password in it'],
  ['options in a URL', { ...SQL, url: `${SQL.url}?sslmode=disable` }, 'url: has something after'],
  ['no user', { ...SQL, url: 'postgres://x/y' }, 'url: needs a user, a host and a database'],
  ['a query about nobody', { ...SQL, query: 'select 1' }, 'query: needs $1'],
  ['a query about $10', { ...SQL, query: 'select $10' }, 'query: needs $1'],
  ['another parameter', { ...SQL, query: 'select $1, $2' }, 'query: has a parameter'],
  ['two queries', { ...SQL, query: 'select $1; select 2' }, 'query: has to be one query'],
  ['a deletion', { ...SQL, query: 'delete from x where y = $1' }, 'query: has to begin with'],
  ['an unusable attribute', { ...SCIM, lookup: 'userName pr or x' }, 'lookup: is not the path'],
  ['credentials in a URL of SCIM', { ...SCIM, url: 'https://a:b@x' }, 'url: has credentials in it'],
  ['a query in a URL of SCIM', { ...SCIM, url: 'https://x?y=z' }, 'url: has a query'],
  [
    'two ways to be known',
    { ...SCIM, bearer_file: 'b', basic: { username: 'u', password_file: 'p' } },
    'oauth: bearer_file and basic exclude each other',
  ],
];

describe('userinfo backends in the configuration', () => {
  for (const [what, given] of GOOD) {
    it(`may have ${what}`, () => {
      expect(problemsOf(given)).toEqual([]);
    });
  }

  for (const [what, given, problem] of BAD) {
    it(`may not have ${what}`, () => {
      expect(problemsOf(given)).toEqual([expect.stringMatching(toPattern(problem))]);
    });
  }
});

const toPattern = (text: string): RegExp =>
  new RegExp(`^${text.replace(/[$(){}.*+?|[\]\\]/g, '\\$&')}`);
