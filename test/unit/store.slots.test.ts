import { describe, expect, it } from 'vitest';
import { toAuthorizationId, toSessionId } from '../../internal/protocol/ids.ts';
import {
  parseAddress,
  printAddress,
  readAddress,
} from '../../internal/store/redis/connection/addresses.ts';
import { parseRedirect, parseSlots, toSlot } from '../../internal/store/redis/connection/slots.ts';
import { createKeyNames } from '../../internal/store/redis/keys.ts';
import { GRANT, ofAlice } from '../support/authorizations.ts';

const replyError = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });

describe('slots of a Redis Cluster', () => {
  // As CLUSTER KEYSLOT of Redis 7.0 answers.
  const KEYS: ReadonlyArray<readonly [string, number]> = [
    ['foo', 12_182],
    ['123456789', 12_739],
    ['', 0],
    ['{foo}bar', 12_182],
    ['a{foo}b{bar}', 12_182],
    ['foo{}{bar}', 8363],
    ['foo{{bar}}zap', 4015],
    ['ключ', toSlot('{ключ}')],
  ];
  for (const [key, slot] of KEYS) {
    it(`has ${key === '' ? 'nothing' : key} in ${slot}`, () => {
      expect(toSlot(key)).toBe(slot);
    });
  }

  it('keeps what one script touches together, whatever an id has in it', () => {
    const names = createKeyNames('https://issuer.example');
    for (const id of ['a', 'x-y_z', 'Zm9v']) {
      const [authorization, sid] = [toAuthorizationId(id), toSessionId(id)];
      expect(toSlot(names.seal(authorization))).toBe(toSlot(names.authorization(authorization)));
      const [index, ended] = names.session(ofAlice(sid));
      expect(toSlot(ended)).toBe(toSlot(index));
      expect(toSlot(names.granted(GRANT.subject))).toBe(toSlot(index));
    }
  });

  it('are read from what CLUSTER SLOTS answers, without what makes no sense', () => {
    const answer = [
      [0, 99, ['10.0.0.1', 7000, 'id', []], ['10.0.0.2', 7001, 'id']],
      [100, 199, ['', 7002, 'id']],
      [200, 299, ['?', 7003, 'id']],
      [300, 399, [null, 7004, 'id']],
      [400, 16_384, ['10.0.0.9', 7005]],
      [500, 599],
      [600, 'x', ['10.0.0.9', 7005]],
      'nothing',
    ];

    expect(parseSlots(answer, 'asked')).toEqual([
      {
        ...{ first: 0, last: 99 },
        nodes: [
          { host: '10.0.0.1', port: 7000 },
          { host: '10.0.0.2', port: 7001 },
        ],
      },
      { first: 100, last: 199, nodes: [{ host: 'asked', port: 7002 }] },
      { first: 200, last: 299, nodes: [{ host: 'asked', port: 7003 }] },
      { first: 300, last: 399, nodes: [{ host: 'asked', port: 7004 }] },
    ]);
    expect(parseSlots('ERR', 'asked')).toEqual([]);
  });

  it('are looked for where a node says', () => {
    const to = (message: string) => parseRedirect(replyError(message), 'asked');

    expect(to('MOVED 3999 127.0.0.1:6381')).toEqual({
      ...{ kind: 'moved', slot: 3999 },
      to: { host: '127.0.0.1', port: 6381 },
    });
    expect(to('ASK 3999 2001:db8::1:6381')).toEqual({
      kind: 'ask',
      to: { host: '2001:db8::1', port: 6381 },
    });
    expect(to('MOVED 3999 :6381')).toMatchObject({ to: { host: 'asked' } });
    expect(to('TRYAGAIN Multiple keys request during rehashing of slot')).toEqual({
      kind: 'again',
    });
  });

  it('are not looked for elsewhere after any other error', () => {
    for (const message of [
      'MOVED __proto__ h:1',
      'MOVED 16384 h:1',
      'ASK 1 h:99999',
      'ERR MOVED',
    ]) {
      expect(parseRedirect(replyError(message), 'asked')).toBeUndefined();
    }
    expect(parseRedirect(new Error('MOVED 1 h:1'), 'asked')).toBeUndefined();
  });
});

describe('addresses of Redis nodes', () => {
  it('are read as operators write them', () => {
    expect(parseAddress('redis-1:6380', 1)).toEqual({ host: 'redis-1', port: 6380 });
    expect(parseAddress('[2001:db8::1]:6380', 1)).toEqual({ host: '2001:db8::1', port: 6380 });
    expect(parseAddress('redis-1', 26_379)).toEqual({ host: 'redis-1', port: 26_379 });
    expect(() => parseAddress('redis://u:hunter2@h', 1)).toThrow(/^the address/);
    expect(readAddress('h', 'asked')).toBeUndefined();
  });

  it('are printed so that the port is told from an IPv6 address', () => {
    expect(printAddress({ host: '::1', port: 6379 })).toBe('[::1]:6379');
    expect(printAddress({ host: 'h', port: 6379 })).toBe('h:6379');
  });
});
