import { describe, expect, it } from 'vitest';
import { createChosenUpstream } from '../../internal/chooser/upstream.ts';
import { createHeaderUpstream } from '../../internal/upstream/headers.ts';
import { identify } from '../support/requests.ts';

const upstream = (peers: readonly string[]) =>
  createHeaderUpstream({
    trust: { peers, unixSocket: false, secret: undefined, mtls: undefined },
    headers: { subject: { name: 'X-Authenticated-User' } },
  });

const BOB = identify('bob');
const find = (cookie: string | undefined) => (cookie === 'chosen' ? BOB : undefined);

const ask = (isOpen: boolean, address: string, ...rawHeaders: readonly string[]) => {
  const chosen = createChosenUpstream(upstream(['127.0.0.0/8']), { find, isOpen });
  const peer = { address, unixSocket: false, certificate: undefined };
  const said = chosen.identify({ rawHeaders, peer });
  if (said.kind === 'identified') return said.identity.subject;
  return said.kind === 'refused' ? said.reason : said.kind;
};

const HERE = '127.0.0.1';
const THERE = '172.17.0.1';

describe('whose word counts where there is no proxy', () => {
  it('is that of the cookie where no header came, and of the header where one did', () => {
    expect(ask(true, HERE, 'Cookie', 'chosen')).toBe('bob');
    expect(ask(true, HERE, 'Cookie', 'chosen', 'X-Authenticated-User', 'alice')).toBe('alice');
    expect(ask(true, HERE)).toBe('anonymous');
    expect(ask(true, HERE, 'Cookie', 'other')).toBe('anonymous');
    expect(ask(true, HERE, 'Cookie', 'chosen', 'cookie', 'chosen')).toBe('anonymous');
  });

  it('is nobody’s header from elsewhere, while whoever reaches the listener may choose', () => {
    expect(ask(true, THERE, 'Cookie', 'chosen')).toBe('bob');
    expect(ask(true, THERE)).toBe('anonymous');
    for (const value of ['alice', '']) {
      expect(ask(true, THERE, 'Cookie', 'chosen', 'x-authenticated-user', value)).toBe(
        'untrusted_peer',
      );
    }
    expect(ask(true, THERE, 'Cookie', 'chosen', 'X_Authenticated_User', 'a')).toBe('header_alias');
  });

  it('is the proxy’s alone where one is configured and proves itself', () => {
    expect(ask(false, THERE, 'Cookie', 'chosen')).toBe('untrusted_peer');
    expect(ask(false, HERE, 'Cookie', 'chosen')).toBe('bob');
  });
});
