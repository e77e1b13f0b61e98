import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isKeyFile,
  KEY_KINDS,
  parseKeyFileName,
  toKeyFileName,
} from '../../internal/keys/filename.ts';

describe('key file names', () => {
  it('say when a key begins to sign and what for', () => {
    expect(parseKeyFileName('20261122T021500Z.ES256.pem')).toEqual({
      kind: 'ES256',
      activeFrom: Date.UTC(2026, 10, 22, 2, 15) / 1000,
    });
    expect(parseKeyFileName('20261122T021500Z.seal.key')?.kind).toBe('seal');
  });

  it('are read as they are written, for every kind and time', () => {
    const time = fc.integer({ min: 0, max: 4_102_444_800 });
    fc.assert(
      fc.property(fc.constantFrom(...KEY_KINDS), time, (kind, activeFrom) => {
        expect(parseKeyFileName(toKeyFileName({ kind, activeFrom }))).toEqual({ kind, activeFrom });
      }),
    );
  });

  const REFUSED = [
    '20260230T000000Z.ES256.pem',
    '20261122T240000Z.ES256.pem',
    '20261122T021560Z.ES256.pem',
    '20261122T021500Z.ES256K.pem',
    '20261122T021500Z.es256.pem',
    '20261122T021500Z.seal.pem',
    '20261122T021500Z.ES256.key',
    '2026-11-22T02:15:00Z.ES256.pem',
    '20261122T021500.ES256.pem',
    '20261122T021500Z.ES256.pem.bak',
    'x20261122T021500Z.ES256.pem',
    '20261122T021500Z..pem',
    'tls.pem',
  ];
  for (const name of REFUSED)
    it(`do not include ${name}`, () => {
      expect(parseKeyFileName(name)).toBeUndefined();
    });

  it('are looked for among everything that could be meant as a key, and not in dot files', () => {
    expect(['tls.pem', 'a.key', 'A.PEM'].filter(isKeyFile)).toHaveLength(3);
    expect(['README', '..data', '.new-1.pem', 'lost+found', '.lock'].filter(isKeyFile)).toEqual([]);
  });
});
