import { describe, expect, it } from 'vitest';
import { canonicalDn, printDn } from '../../internal/protocol/distinguished-name.ts';
import { startWork } from '../support/work.ts';

describe('distinguished names as text (RFC 4514, CA-13)', () => {
  for (const { given, read = given } of [
    { given: 'CN=app' },
    { given: 'CN=app,OU=Services,O=Example,C=DE' },
    { given: 'cn=app,o=Example', read: 'CN=app,O=Example' },
    { given: '2.5.4.3=app', read: 'CN=app' },
    { given: 'OU=b+CN=a', read: 'CN=a+OU=b' },
    { given: 'CN=a+OU=b' },
    { given: 'CN=a b', read: 'CN=a b' },
    { given: 'CN=a=b', read: 'CN=a=b' },
    { given: 'CN=a\\=b', read: 'CN=a=b' },
    { given: 'CN=Doe\\, John,O=Example' },
    { given: 'CN=Doe\\2C John,O=Example', read: 'CN=Doe\\, John,O=Example' },
    { given: 'CN=\\ a\\ ,O=b', read: 'CN=\\ a\\ ,O=b' },
    { given: 'CN=\\#a' },
    { given: 'CN=a\\"b\\+c\\;d\\<e\\>f\\\\g' },
    { given: 'CN=caf\\C3\\A9', read: 'CN=café' },
    { given: 'CN=café' },
    { given: 'CN=a\\00b' },
    { given: 'emailAddress=a@b.example,CN=a' },
    { given: '1.2.3.4=#0C0161', read: '1.2.3.4=#0c0161' },
  ]) {
    it(`reads ${given}`, () => {
      expect(canonicalDn(given)).toBe(read);
      expect(canonicalDn(read)).toBe(read);
    });
  }

  for (const text of [
    '',
    'app',
    'CN=',
    'CN=,O=Example',
    'CN=app,',
    ',CN=app',
    'CN=app,,O=b',
    'CN=app;O=b',
    'CN = app, O = Example',
    'CN=app, O=Example',
    'CN=app ,O=Example',
    'CN= app',
    'CN=app ',
    'CN=#0c0161',
    'CN=#zz',
    'CN="app"',
    'CN=a<b',
    'CN=a\\',
    'CN=a\\q',
    'CN=a\\C3',
    'XX=app',
    '/CN=app/O=Example',
    '1.2.3.4=app',
    '01.2=#0c0161',
    'CN=app+',
    'CN=app\nO=b'.replace('\n', '+\n'),
  ]) {
    it(`does not read ${JSON.stringify(text)}`, () => {
      expect(canonicalDn(text)).toBeUndefined();
    });
  }

  it('are different names in another order, another case, or with another blank', () => {
    const all = ['CN=a,O=b', 'O=b,CN=a', 'CN=A,O=b', 'CN=a ,O=b', 'CN=a\\ ,O=b', 'CN=a+O=b'];
    const read = all.map(canonicalDn).filter((name) => name !== undefined);

    expect(new Set(read).size).toBe(read.length);
    expect(read).toHaveLength(5);
  });

  it('begin with what is most specific, as certificates end with it', () => {
    const text = (value: string) => ({ kind: 'text', text: value }) as const;

    expect(
      printDn([
        [{ oid: '2.5.4.6', value: text('DE') }],
        [{ oid: '2.5.4.10', value: text('a,b') }],
        [
          { oid: '2.5.4.11', value: text('x') },
          { oid: '2.5.4.3', value: text('y') },
        ],
      ]),
    ).toBe('CN=y+OU=x,O=a\\,b,C=DE');
  });

  it('of a long text are read in no time', () => {
    const work = startWork();

    expect(canonicalDn(`CN=${' '.repeat(50_000)}`)).toBeUndefined();
    expect(canonicalDn(`CN=a${'\\ '.repeat(50_000)}"`)).toBeUndefined();
    expect(work()).toBeLessThan(500);
  });
});
