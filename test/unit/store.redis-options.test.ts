import { describe, expect, it } from 'vitest';
import {
  type RedisStoreOptions,
  toClientOptions,
} from '../../internal/store/redis/connection/options.ts';

const toOptions = (url: string, more: Partial<RedisStoreOptions> = {}) =>
  toClientOptions({ url, issuer: 'https://issuer.example', maxPending: 1, ...more }, 1000);

describe('options of the Redis client: address', () => {
  const CASES: ReadonlyArray<readonly [string, object]> = [
    ['redis://redis', { host: 'redis', port: 6379, db: 0 }],
    ['redis://127.0.0.1:6380/3', { host: '127.0.0.1', port: 6380, db: 3 }],
    ['redis://[::1]:6380', { host: '::1', port: 6380 }],
    ['redis://', { host: 'localhost', port: 6379 }],
    ['redis://user:p%40ss%2F@h', { host: 'h', username: 'user', password: 'p@ss/' }],
    ['redis://:only@h', { password: 'only' }],
    ['unix:///run/redis.sock', { path: '/run/redis.sock', db: 0 }],
    ['unix:///run/redis.sock?db=2', { path: '/run/redis.sock', db: 2 }],
    ['rediss://redis.example', { host: 'redis.example', tls: { servername: 'redis.example' } }],
    ['rediss://10.0.0.1', { host: '10.0.0.1', tls: {} }],
  ];
  for (const [url, expected] of CASES) {
    it(`reads ${url}`, () => {
      expect(toOptions(url)).toMatchObject(expected);
    });
  }

  it('uses TLS for rediss:// or where it is configured, and not otherwise', () => {
    expect(toOptions('redis://h')).not.toHaveProperty('tls');
    expect(toOptions('redis://h', { tls: { ca: 'PEM' } })).toMatchObject({
      tls: { servername: 'h', ca: 'PEM' },
    });
    expect(toOptions('rediss://h', { tls: { servername: 'other' } })).toMatchObject({
      tls: { servername: 'other' },
    });
  });

  it('prefers a user and password given beside the URL', () => {
    const options = toOptions('redis://a:b@h', { username: 'user', password: 'secret' });

    expect(options).toMatchObject({ username: 'user', password: 'secret' });
  });

  it('takes nothing else from a URL, so that none can switch re-sending on', () => {
    const options = toOptions(
      'redis://h?autoResendUnfulfilledCommands=true&enableOfflineQueue=true',
    );

    expect(options).toMatchObject({
      autoResendUnfulfilledCommands: false,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
    });
  });

  for (const url of ['http://h', 'h:6379', '', 'redis+sentinel://h:hunter2@h']) {
    it(`refuses "${url.replace(/:hunter2/, '')}" without repeating it`, () => {
      expect(() => toOptions(url)).toThrow(/^the URL of Redis has to begin with redis:\/\//);
    });
  }
});

describe('options of the Redis client: database', () => {
  for (const url of ['redis://h/one', 'redis://h/1/2', 'unix:///s?db=-1']) {
    it(`refuses ${url}, which would be database 0`, () => {
      expect(() => toOptions(url)).toThrow('the database in the URL of Redis has to be a number');
    });
  }
});

describe('options of the Redis client: coming back', () => {
  it('tries for ever, soon at first, every half second at most, and not in step', () => {
    const { retryStrategy } = toOptions('redis://h');

    const waits = [1, 2, 3, 10, 1000, 1e9].map((times) => Number(retryStrategy?.(times)));
    const many = new Set(Array.from({ length: 20 }, () => retryStrategy?.(10)));

    expect(waits[0]).toBeLessThanOrEqual(40);
    for (const wait of waits) expect(wait).toBeGreaterThan(0);
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(500);
    expect(many.size).toBeGreaterThan(10);
  });
});
