// Names of files, made absolute: against the file that names them, against the working directory
// where the environment does, and defaults against the first configuration file.

import path from 'node:path';
import type { Config } from '../config/config.ts';
import type { Path } from '../config/finding.ts';
import { isSocket, type Listener } from '../config/sections/listen.ts';
import { createSinkResolve } from './audit-files.ts';
import { createBackendResolve } from './backend-files.ts';
import { findNode, type Tree } from './tree.ts';

export type PathTerms = {
  readonly tree: Tree;
  /** The directory against which defaults are meant. */
  readonly base: string;
  /** Relative sockets stay relative: they belong below `RUNTIME_DIRECTORY`. */
  readonly keepSockets: boolean;
};

/** A name of a file, made absolute. */
export type Resolve = <File extends string | undefined>(file: File, ...at: Path) => File | string;

/** The same configuration with every name of a file absolute. */
export function resolvePaths(config: Config, terms: PathTerms): Config {
  const resolve = createResolve(terms);
  return {
    ...config,
    listen: resolveListeners(config.listen, resolve, terms.keepSockets),
    upstream: {
      ...config.upstream,
      trust: resolveTrust(config.upstream.trust, resolve),
      assertion: resolveAssertion(config.upstream.assertion, resolve),
    },
    mtls: config.mtls && resolveMtls(config.mtls, resolve),
    admin: config.admin && {
      ...config.admin,
      certificates: config.admin.certificates && {
        ...config.admin.certificates,
        ca_file: resolve(config.admin.certificates.ca_file, 'admin', 'certificates', 'ca_file'),
      },
    },
    store: { ...config.store, redis: resolveRedis(config.store.redis, resolve) },
    clients: { file: resolve(config.clients.file, 'clients', 'file') },
    userinfo: { backends: config.userinfo.backends.map(createBackendResolve(resolve)) },
    token_issuers: resolveTokenIssuers(config.token_issuers, resolve),
    kubernetes: config.kubernetes.map(createClusterResolve(resolve)),
    spiffe: config.spiffe.map(createTrustDomainResolve(resolve)),
    registration: config.registration && resolveRegistration(config.registration, resolve),
    pairwise: config.pairwise && {
      salt_file: resolve(config.pairwise.salt_file, 'pairwise', 'salt_file'),
    },
    tracing: config.tracing && {
      ...config.tracing,
      headers_file: resolve(config.tracing.headers_file, 'tracing', 'headers_file'),
    },
    token_hook: config.token_hook && {
      ...config.token_hook,
      secret_file: resolve(config.token_hook.secret_file, 'token_hook', 'secret_file'),
    },
    audit: config.audit && {
      ...config.audit,
      sinks: config.audit.sinks.map(createSinkResolve(resolve)),
    },
    pages: {
      ...config.pages,
      logo_file: resolve(config.pages.logo_file, 'pages', 'logo_file'),
      template_file: resolve(config.pages.template_file, 'pages', 'template_file'),
    },
    keys: {
      ...config.keys,
      dir: resolve(config.keys.dir, 'keys', 'dir'),
      secret_file: resolve(config.keys.secret_file, 'keys', 'secret_file'),
      further_secret_files: config.keys.further_secret_files.map((file, index) =>
        resolve(file, 'keys', 'further_secret_files', index),
      ),
    },
  };
}

function resolveRedis(redis: Config['store']['redis'], resolve: Resolve) {
  const { tls, sentinel } = redis;
  const at = ['store', 'redis'];
  return {
    ...redis,
    url_file: resolve(redis.url_file, ...at, 'url_file'),
    password_file: resolve(redis.password_file, ...at, 'password_file'),
    sentinel: sentinel && {
      ...sentinel,
      password_file: resolve(sentinel.password_file, ...at, 'sentinel', 'password_file'),
    },
    tls: tls && {
      ...tls,
      ca_file: resolve(tls.ca_file, ...at, 'tls', 'ca_file'),
      cert_file: resolve(tls.cert_file, ...at, 'tls', 'cert_file'),
      key_file: resolve(tls.key_file, ...at, 'tls', 'key_file'),
    },
  };
}

const resolveTokenIssuers = (
  issuers: Config['token_issuers'],
  resolve: Resolve,
): Config['token_issuers'] =>
  Object.fromEntries(
    Object.entries(issuers).map(([name, issuer]) => [
      name,
      { ...issuer, jwks_file: resolve(issuer.jwks_file, 'token_issuers', name, 'jwks_file') },
    ]),
  );

function resolveRegistration(given: NonNullable<Config['registration']>, resolve: Resolve) {
  const at = 'registration';
  return {
    ...given,
    initial_access_tokens: given.initial_access_tokens.map((token, index) => ({
      ...token,
      file: resolve(token.file, at, 'initial_access_tokens', index, 'file'),
    })),
    software_statements: given.software_statements.map((one, index) => ({
      ...one,
      jwks_file: resolve(one.jwks_file, at, 'software_statements', index, 'jwks_file'),
    })),
  };
}

function createResolve({ tree, base }: PathTerms): Resolve {
  return (file, ...at) => {
    if (file === undefined) return file;
    const node = findNode(tree, at);
    if (node === undefined) return path.resolve(base, file);
    return path.resolve(/^ASTEROID_/.test(node.file) ? '.' : path.dirname(node.file), file);
  };
}

function resolveListeners(listen: Config['listen'], resolve: Resolve, keepSockets: boolean) {
  const one = <Given extends Listener | undefined>(given: Given, name: string): Given => {
    if (given === undefined) return given;
    const at = ['listen', name];
    const tls = given.tls && {
      cert_file: resolve(given.tls.cert_file, ...at, 'tls', 'cert_file'),
      key_file: resolve(given.tls.key_file, ...at, 'tls', 'key_file'),
      ...(given.tls.client_ca_file === undefined
        ? {}
        : { client_ca_file: resolve(given.tls.client_ca_file, ...at, 'tls', 'client_ca_file') }),
    };
    if (!isSocket(given) || keepSockets) return { ...given, tls };
    return { ...given, tls, socket: resolve(given.socket, ...at, 'socket') };
  };
  return {
    public: one(listen.public, 'public'),
    browser: one(listen.browser, 'browser'),
    mtls: one(listen.mtls, 'mtls'),
    admin: one(listen.admin, 'admin'),
    health: one(listen.health, 'health'),
  };
}

function resolveMtls({ proxy }: NonNullable<Config['mtls']>, resolve: Resolve) {
  const at = ['mtls', 'proxy'];
  return {
    proxy: proxy && {
      ...proxy,
      trust: {
        ...proxy.trust,
        secret: proxy.trust.secret && {
          ...proxy.trust.secret,
          files: proxy.trust.secret.files.map((file, index) =>
            resolve(file, ...at, 'trust', 'secret', 'files', index),
          ),
        },
      },
      client_ca_file: resolve(proxy.client_ca_file, ...at, 'client_ca_file'),
    },
  };
}

function resolveTrust(trust: Config['upstream']['trust'], resolve: Resolve) {
  const { secret, mtls } = trust;
  const at = ['upstream', 'trust'];
  return {
    ...trust,
    secret: secret && {
      ...secret,
      files: secret.files.map((file, index) => resolve(file, ...at, 'secret', 'files', index)),
    },
    mtls: mtls && { ...mtls, ca_file: resolve(mtls.ca_file, ...at, 'mtls', 'ca_file') },
  };
}

const resolveAssertion = (assertion: Config['upstream']['assertion'], resolve: Resolve) =>
  assertion && {
    ...assertion,
    jwks_file: resolve(assertion.jwks_file, 'upstream', 'assertion', 'jwks_file'),
  };

type Cluster = Config['kubernetes'][number];

const createClusterResolve =
  (resolve: Resolve) =>
  (cluster: Cluster, index: number): Cluster => {
    const at = ['kubernetes', index];
    return {
      ...cluster,
      jwks_file: resolve(cluster.jwks_file, ...at, 'jwks_file'),
      ca_file: resolve(cluster.ca_file, ...at, 'ca_file'),
      token_file: resolve(cluster.token_file, ...at, 'token_file'),
    };
  };

type TrustDomain = Config['spiffe'][number];

const createTrustDomainResolve =
  (resolve: Resolve) =>
  (domain: TrustDomain, index: number): TrustDomain => ({
    ...domain,
    bundle_file: resolve(domain.bundle_file, 'spiffe', index, 'bundle_file'),
    ca_file: resolve(domain.ca_file, 'spiffe', index, 'ca_file'),
  });
