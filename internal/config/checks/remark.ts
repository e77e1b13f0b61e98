// What a check of several options says. Problems keep Asteroid from starting, warnings do not.

import type { Config } from '../config.ts';
import type { Finding, Path } from '../finding.ts';

/** Under what circumstances the configuration is to be used. */
export type Circumstances = {
  /** `dev` is the throw-away issuer on loopback, where trust may be missing. */
  readonly mode: 'serve' | 'dev';
  /** The operator has said that `dev` may listen beyond loopback. */
  readonly exposed: boolean;
};

export type Remark = Finding & { readonly weight: 'problem' | 'warning' };

export type Check = {
  /** What it depends on, as `upstream.trust`; it is left out where that could not be read. */
  readonly reads: readonly string[];
  find(config: Config, circumstances: Circumstances): readonly Remark[];
};

export const problem = (path: Path, text: string): Remark => ({
  weight: 'problem',
  path,
  problem: text,
});

export const warning = (path: Path, text: string): Remark => ({
  weight: 'warning',
  path,
  problem: text,
});
