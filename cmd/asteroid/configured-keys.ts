import { longestLife, openConfiguredShelf, toPublishAhead } from '../../internal/app/keys.ts';
import { readSnapshot } from '../../internal/app/read.ts';
import { KeyConfigError } from '../../internal/keys/key-config-error.ts';
import {
  createDirectoryPlace,
  createStorePlace,
  type KeyPlace,
  type PlaceTerms,
} from './key-place.ts';

/** Where `serve` would take its keys from with this configuration; loaded only when there is one. */
export async function openConfiguredPlace(
  files: readonly string[],
  given: Omit<PlaceTerms, 'tokenLifetime'>,
): Promise<{ readonly place: KeyPlace; readonly publishAhead: number }> {
  const snapshot = await readSnapshot({ files, env: process.env, mode: 'serve' });
  const { config, keySecrets: secrets } = snapshot;
  const terms = { ...given, tokenLifetime: longestLife(() => snapshot)() };
  const publishAhead = toPublishAhead(config);
  switch (config.keys.source) {
    case 'file':
      return { place: createDirectoryPlace(config.keys.dir, terms), publishAhead };
    case 'store': {
      const shelf = await openConfiguredShelf(snapshot);
      const { issuer } = config;
      return { place: createStorePlace({ ...terms, shelf, issuer, secrets }), publishAhead };
    }
    case 'ephemeral':
      throw new KeyConfigError('keys.source: ephemeral keys are in the process that made them');
    default:
      return config.keys.source satisfies never;
  }
}
