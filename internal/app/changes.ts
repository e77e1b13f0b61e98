// What is other in one configuration than in another, by name: values are told of numbers and switches
// alone, since anything else may be, or hold, what nobody else should read.

import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';
import { RELOAD_RULES } from '../config/reloads.ts';
import { listListenerFiles } from '../loader/listener-files.ts';
import type { Snapshot } from '../loader/load.ts';

export type Changes = {
  /** Names of options, with both values of numbers and switches. */
  readonly options: readonly string[];
  /** Names of options whose files hold something else. */
  readonly files: readonly string[];
  readonly clientsAdded: readonly string[];
  readonly clientsRemoved: readonly string[];
  readonly clientsChanged: readonly string[];
};

export const findChanges = (before: Snapshot, after: Snapshot): Changes => ({
  options: findOptions(before.config, after.config).map(({ option, from, to }) =>
    isPlain(from) && isPlain(to) ? `${option}: ${from} → ${to}` : option,
  ),
  files: findFiles(before, after),
  ...findClients(before.clients, after.clients),
});

/** Options of which the two say something else. */
export const listOtherOptions = (before: Config, after: Config): readonly string[] =>
  findOptions(before, after).map(({ option }) => option);

type Difference = { readonly option: string; readonly from: unknown; readonly to: unknown };

const findOptions = (before: Config, after: Config): readonly Difference[] =>
  RELOAD_RULES.map(({ option }) => ({
    option,
    from: valueAt(before, option),
    to: valueAt(after, option),
  })).filter(({ from, to }) => !isDeepStrictEqual(from, to));

function valueAt(config: Config, option: string): unknown {
  let value: unknown = config;
  for (const step of option.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}

const isPlain = (value: unknown): value is number | boolean =>
  typeof value === 'number' || typeof value === 'boolean';

/** What was read of files, by the option that names them. */
const CONTENTS: {
  readonly [Part in keyof Snapshot]?: (snapshot: Snapshot) => ReadonlyMap<string, unknown>;
} = {
  upstreamSecrets: ({ upstreamSecrets }) => one('upstream.trust.secret.files', upstreamSecrets),
  certificateSecrets: ({ certificateSecrets }) =>
    one('mtls.proxy.trust.secret.files', certificateSecrets),
  clientAuthorities: ({ clientAuthorities }) => one('mtls.proxy.client_ca_file', clientAuthorities),
  assertionKeys: ({ assertionKeys }) => one('upstream.assertion.jwks_file', assertionKeys),
  tokenIssuerKeys: ({ tokenIssuerKeys }) =>
    new Map([...tokenIssuerKeys].map(([name, text]) => [`token_issuers.${name}.jwks_file`, text])),
  keySecrets: ({ keySecrets }) => one('keys.secret_file', keySecrets),
  tokenHookSecret: ({ tokenHookSecret }) => one('token_hook.secret_file', tokenHookSecret),
  workloadFiles: ({ workloadFiles }) => one('kubernetes, spiffe', workloadFiles),
  registrationFiles: ({ registrationFiles }) => one('registration', registrationFiles),
  pageFiles: ({ pageFiles }) =>
    new Map<string, unknown>([
      ['pages.logo_file', pageFiles.logo],
      ['pages.template_file', pageFiles.template],
    ]),
  redis: ({ redis }) =>
    redis === undefined
      ? new Map()
      : new Map<string, unknown>([
          ['store.redis.url_file', redis.url],
          ['store.redis.password_file', redis.password],
          ['store.redis.sentinel.password_file', redis.sentinelPassword],
          ['store.redis.tls', redis.tls],
        ]),
  auditFiles: ({ auditFiles }) => one('audit.sinks', auditFiles),
  listenerFiles: ({ config, listenerFiles }) =>
    new Map(
      listListenerFiles(config).map(({ file, path }) => [path.join('.'), listenerFiles.get(file)]),
    ),
};

const one = (option: string, value: unknown): ReadonlyMap<string, unknown> =>
  new Map([[option, value]]);

export function findFiles(before: Snapshot, after: Snapshot): readonly string[] {
  return Object.values(CONTENTS).flatMap((read) => {
    const [old, current] = [read(before), read(after)];
    // Of one that only one of them names, the option is another one already.
    const names = [...old.keys()].filter((name) => current.has(name));
    return names.filter((name) => !isDeepStrictEqual(old.get(name), current.get(name)));
  });
}

function findClients(before: Snapshot['clients'], after: Snapshot['clients']) {
  const isChanged = (id: string): boolean =>
    before.has(id) && !isDeepStrictEqual(before.get(id), after.get(id));
  return {
    clientsAdded: [...after.keys()].filter((id) => !before.has(id)),
    clientsRemoved: [...before.keys()].filter((id) => !after.has(id)),
    clientsChanged: [...after.keys()].filter(isChanged),
  };
}
