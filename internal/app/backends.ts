// From the words of asteroid.yaml to the backends of `userinfo/`.

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { isLoopbackHost } from '../config/sections/loopback.ts';
import { anyAddress } from '../outbound/addresses.ts';
import { createOutbound } from '../outbound/client.ts';
import type { BackendOptions } from '../userinfo/open.ts';

type Configured = Config['userinfo']['backends'][number];

export const toBackendOptions = (backends: readonly Configured[]): readonly BackendOptions[] =>
  backends.map(toOptions);

function toOptions(backend: Configured): BackendOptions {
  switch (backend.type) {
    case 'yaml':
    case 'headers':
      return backend;
    case 'store':
      return { type: backend.type };
    case 'http':
      return {
        type: 'http',
        url: backend.url,
        authentication: toAuthentication(backend),
        ...toTerms(backend),
      };
    case 'ldap':
      return toLdap(backend);
    case 'sql':
      return toSql(backend);
    case 'scim':
      return toScim(backend);
    default:
      return backend satisfies never;
  }
}

type Of<Type extends Configured['type']> = Extract<Configured, { readonly type: Type }>;

const toTerms = ({
  timeout,
  cache_ttl,
  stale_if_error,
  max_entries,
}: Of<'http' | 'ldap' | 'sql' | 'scim'>) => ({
  timeout,
  ttl: cache_ttl,
  staleIfError: stale_if_error,
  maxEntries: max_entries,
});

function toLdap(backend: Of<'ldap'>): BackendOptions<'ldap'> {
  const { subject_attribute, member_of, group_search, filter } = backend;
  return {
    ...toTerms(backend),
    type: 'ldap',
    urls: backend.urls,
    startTls: backend.start_tls,
    tls: toServerTls(backend.tls),
    bind: toBind(backend.bind),
    base: backend.base,
    scope: backend.scope,
    filter: filter ?? `(${subject_attribute}={sub})`,
    subjectAttribute: subject_attribute,
    ignoreCase: backend.ignore_case,
    attributes: backend.attributes,
    constants: backend.constants,
    memberOf: member_of && { attribute: member_of.attribute, base: member_of.base },
    search: group_search,
    maxConnections: backend.max_connections,
  };
}

function toBind(bind: Of<'ldap'>['bind']) {
  if (bind?.external === true) return { kind: 'external' } as const;
  if (bind?.dn === undefined || bind.password_file === undefined) {
    return { kind: 'anonymous' } as const;
  }
  return { kind: 'simple', dn: bind.dn, password: toSecret(bind.password_file) } as const;
}

function toSql(backend: Of<'sql'>): BackendOptions<'sql'> {
  const { hostname, port, username, pathname } = new URL(backend.url);
  const host = decodeURIComponent(hostname).replace(/^\[|\]$/g, '');
  const isPlain = backend.allow_plain_text || host.startsWith('/') || isLoopbackHost(host);
  return {
    ...toTerms(backend),
    type: 'sql',
    host,
    port: Number(port) || 5432,
    user: decodeURIComponent(username),
    name: decodeURIComponent(pathname.slice(1)),
    password: backend.password_file === undefined ? undefined : toSecret(backend.password_file),
    tls: backend.tls === undefined && isPlain ? undefined : toServerTls(backend.tls),
    query: backend.query,
    groupsQuery: backend.groups_query,
    maxConnections: backend.max_connections,
  };
}

function withoutSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === '/') end -= 1;
  return url.slice(0, end);
}

function toScim(backend: Of<'scim'>): BackendOptions<'scim'> {
  const { ca_file } = backend;
  return {
    ...toTerms(backend),
    type: 'scim',
    url: withoutSlashes(backend.url),
    authentication: toScimAuthentication(backend),
    lookup: backend.lookup,
    ignoreCase: backend.ignore_case,
    groups: backend.groups,
    groupName: backend.group_name,
    attributes: backend.attributes,
    constants: backend.constants,
    outbound:
      ca_file === undefined
        ? undefined
        : createOutbound(anyAddress, { keepAlive: true, ca: () => readFileSync(ca_file, 'utf8') }),
  };
}

function toScimAuthentication({ oauth, ...others }: Of<'scim'>) {
  if (oauth === undefined) return toAuthentication(others);
  return {
    kind: 'client_credentials',
    tokenUrl: oauth.token_url,
    clientId: oauth.client_id,
    clientSecret: toSecret(oauth.client_secret_file),
    scope: oauth.scope,
  } as const;
}

const toServerTls = (tls: Of<'ldap'>['tls']) => ({
  ca: tls?.ca_file === undefined ? undefined : toSecret(tls.ca_file),
  cert: tls?.cert_file === undefined ? undefined : toSecret(tls.cert_file),
  key: tls?.key_file === undefined ? undefined : toSecret(tls.key_file),
});

function toAuthentication({ bearer_file, basic }: Pick<Of<'http'>, 'bearer_file' | 'basic'>) {
  if (bearer_file !== undefined) return { kind: 'bearer', token: toSecret(bearer_file) } as const;
  if (basic === undefined) return undefined;
  const { username, password_file } = basic;
  return { kind: 'basic', username, password: toSecret(password_file) } as const;
}

// Read when it is needed, which caches and connections that are kept make rare: a rotated credential
// works without a restart.
const toSecret = (file: string) => () => readCredential(file);

/** One line end at the end does not count. */
export const readCredential = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
