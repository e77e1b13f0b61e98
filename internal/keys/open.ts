// Where keys live, by the name in the configuration. A source is loaded when it is chosen.

import type { SigningAlg } from '../protocol/names.ts';
import type { ReportKeyEvent } from './events.ts';
import type { Forge } from './forge.ts';
import { KeyConfigError } from './key-config-error.ts';
import type { KeyRing, KeyStates } from './keys.ts';
import type { Length } from './length.ts';
import type { RingTerms } from './ring.ts';
import type { StoreKeysOptions } from './store/store.ts';

export type OpenKeys = KeyRing &
  KeyStates & {
    /** Only of keys that die with the process: what another one trusts never signs what is not ours. */
    readonly forge?: Forge;
    /** Resolves as soon as there are keys: at once, unless they are in a store that does not give them. */
    readonly usable: Promise<void>;
    /** Reads the keys again; what is wrong with them is reported, and the loaded ones stay in use. */
    reload(): Promise<void>;
    /** At once, on demand; absent where keys outlive the process, and rotate by themselves. */
    readonly rotate?: (rotation: Rotation) => Promise<void>;
    close(): Promise<void>;
  };

export type Rotation = {
  /** Whether the keys of before stay published for as long as what they signed lives. */
  readonly overlap: boolean;
  /** Undefined: every algorithm that has a key. */
  readonly alg: SigningAlg | undefined;
};

export type KeysOptions = RingTerms & {
  readonly source: KeySource;
  /** Needed by `file`. */
  readonly dir?: string | undefined;
  /** Needed by `store`. */
  readonly shared?: SharedKeys | undefined;
  readonly report: ReportKeyEvent;
  /** Seconds a key is published before it signs: the JWKS cache time, or more. */
  readonly publishAhead: Length;
  /** Seconds that a copy of the JWKS may be kept; as `publishAhead` unless said. */
  readonly cachedFor?: Length | undefined;
  /** Seconds between two rotations; undefined leaves rotation to the operator. */
  readonly rotateEvery?: number | undefined;
  /** What names of `ephemeral` keys begin with. */
  readonly kidPrefix?: string | undefined;
  /** Whether to reload when the keys change where they live. */
  readonly watch?: boolean | undefined;
};

/** Where replicas share them, and what seals them there. */
export type SharedKeys = Pick<StoreKeysOptions, 'shelf' | 'issuer' | 'secrets' | 'checkEvery'>;

export type KeySource = 'file' | 'store' | 'ephemeral';

const SOURCES: { readonly [Source in KeySource]: (options: KeysOptions) => Promise<OpenKeys> } = {
  async file({ dir, ...options }) {
    if (dir === undefined)
      throw new KeyConfigError('keys.dir: is needed where keys come from files');
    const { openFileKeys } = await import('./file/file.ts');
    return openFileKeys({ ...options, dir });
  },
  async store({ shared, ...options }) {
    if (shared === undefined) throw new KeyConfigError('keys.source: there is no store to share');
    const { openStoreKeys } = await import('./store/store.ts');
    return openStoreKeys({ ...options, ...shared });
  },
  async ephemeral(options) {
    const { createEphemeralKeys } = await import('./ephemeral.ts');
    return createEphemeralKeys(options);
  },
};

/** Throws `KeyConfigError` when an operator has to put something right first. */
export const openKeys = (options: KeysOptions): Promise<OpenKeys> =>
  SOURCES[options.source](options);
