// Files that the platforms of clients are known by: their keys, and whose server is theirs.

import type { Config } from '../config/config.ts';
import type { Path } from '../config/finding.ts';
import { findKeyFindings } from '../config/jwk-set.ts';
import { findKeySetProblem, readKeys } from './key-set.ts';

/** What each of them holds, by its absolute name. */
export type WorkloadFiles = ReadonlyMap<string, string>;

type Named = {
  readonly file: string;
  readonly path: Path;
  readonly findProblem: (text: string) => string | undefined;
};

/** Those of one configuration, in its order; read again when they change. */
export const listWorkloadFiles = ({ kubernetes, spiffe }: Config): readonly Named[] => [
  ...kubernetes.flatMap(({ jwks_file, ca_file }, index) => [
    ...name(jwks_file, ['kubernetes', index, 'jwks_file'], findKeySetProblem),
    ...name(ca_file, ['kubernetes', index, 'ca_file'], findCertificateProblem),
  ]),
  ...spiffe.flatMap(({ bundle_file, ca_file }, index) => [
    ...name(bundle_file, ['spiffe', index, 'bundle_file'], findBundleProblem),
    ...name(ca_file, ['spiffe', index, 'ca_file'], findCertificateProblem),
  ]),
];

const name = (
  file: string | undefined,
  path: Path,
  findProblem: Named['findProblem'],
): readonly Named[] => (file === undefined ? [] : [{ file, path, findProblem }]);

const findCertificateProblem = (text: string): string | undefined =>
  text.includes('-----BEGIN CERTIFICATE-----') ? undefined : 'holds no certificate in PEM';

/** SPIFFE Trust Domain and Bundle §4: keys for certificates stand beside those for tokens. */
function findBundleProblem(text: string): string | undefined {
  const keys = readKeys(text);
  if (keys === undefined) return 'is no bundle, as in { "keys": [ … ] }';
  const signing = keys.filter(
    (key) => typeof key === 'object' && key !== null && 'use' in key && key.use === 'jwt-svid',
  );
  if (signing.length === 0) return 'has no key with use: jwt-svid in it';
  const [first] = findKeyFindings(signing);
  return first && `has a key that ${first.problem} (key ${first.index + 1} of its JWT keys)`;
}
