// From the words of asteroid.yaml to the backends of `userinfo/`.

import { readFile } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import type { BackendOptions } from '../userinfo/open.ts';

type Configured = Config['userinfo']['backends'][number];

export const toBackendOptions = (backends: readonly Configured[]): readonly BackendOptions[] =>
  backends.map(toOptions);

function toOptions(backend: Configured): BackendOptions {
  switch (backend.type) {
    case 'yaml':
    case 'headers':
      return backend;
    case 'http':
      return {
        type: 'http',
        url: backend.url,
        authentication: toAuthentication(backend),
        timeout: backend.timeout,
        ttl: backend.cache_ttl,
        staleIfError: backend.stale_if_error,
        maxEntries: backend.max_entries,
      };
    default:
      return backend satisfies never;
  }
}

// Read for each question asked of the service, which a cache makes rare: a rotated credential works
// without a restart.
function toAuthentication({ bearer_file, basic }: Extract<Configured, { type: 'http' }>) {
  if (bearer_file !== undefined) {
    return { kind: 'bearer', token: () => readCredential(bearer_file) } as const;
  }
  if (basic === undefined) return undefined;
  const { username, password_file } = basic;
  return { kind: 'basic', username, password: () => readCredential(password_file) } as const;
}

/** One line end at the end does not count. */
export const readCredential = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
