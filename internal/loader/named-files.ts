// Files that the configuration names: secrets are read, certificates only looked for. Their content
// is for whoever uses them.

import type { Config } from '../config/config.ts';
import type { Path } from '../config/finding.ts';
import { findSecretProblem } from '../config/secret-text.ts';
import { findContradictions } from '../config/sections/redis-topology.ts';
import { findRedisUrlProblem } from '../config/sections/store.ts';
import { checkAuthorities } from './authorities.ts';
import { listBackendFiles } from './backend-files.ts';
import { findKeySetProblem } from './key-set.ts';
import { problemAt, type Report } from './problem.ts';
import { readBytes } from './read.ts';
import { readSecret } from './secrets.ts';
import { findNode, type Tree } from './tree.ts';
import { listWorkloadFiles, type WorkloadFiles } from './workload-files.ts';

/** Everything that is secret about the way to Redis. */
export type RedisAccess = {
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** At the sentinels; undefined without `store.redis.sentinel.password_file`. */
  readonly sentinelPassword: string | undefined;
  /** PEM texts; undefined without `store.redis.tls`. */
  readonly tls:
    | {
        readonly ca: string | undefined;
        readonly cert: string | undefined;
        readonly key: string | undefined;
        readonly servername: string | undefined;
      }
    | undefined;
};

export type NamedFiles = {
  readonly upstreamSecrets: readonly Uint8Array[];
  readonly certificateSecrets: readonly Uint8Array[];
  /** PEM; undefined without `mtls.proxy.client_ca_file`. */
  readonly clientAuthorities: string | undefined;
  /** JSON text of a JWK Set; undefined without `upstream.assertion.jwks_file`. */
  readonly assertionKeys: string | undefined;
  readonly tokenIssuerKeys: ReadonlyMap<string, string>;
  readonly redis: RedisAccess | undefined;
  readonly pairwiseSalt: Uint8Array | undefined;
  readonly tokenHookSecret: Uint8Array | undefined;
  readonly workloadFiles: WorkloadFiles;
};

export type NamedTerms = {
  readonly config: Config;
  readonly tree: Tree;
  /** Whether a section says what the operator meant. */
  readonly isRead: (name: string) => boolean;
  readonly report: Report;
};

export async function readNamedFiles(terms: NamedTerms): Promise<NamedFiles> {
  const { config, isRead } = terms;
  const upstreamSecrets = isRead('upstream.trust') ? await readUpstreamSecrets(terms) : [];
  await checkClientAuthorities(terms);
  if (isRead('userinfo')) await checkBackends(terms);
  if (isRead('tracing')) {
    await readText(terms, config.tracing?.headers_file, ['tracing', 'headers_file']);
  }
  const usesRedis = config.store.driver === 'redis' && isRead('store');
  return {
    upstreamSecrets,
    certificateSecrets: isRead('mtls') ? await readCertificateSecrets(terms) : [],
    clientAuthorities: isRead('mtls') ? await readClientAuthorities(terms) : undefined,
    assertionKeys: isRead('upstream.assertion') ? await readAssertionKeys(terms) : undefined,
    tokenIssuerKeys: await readIssuerKeys(terms),
    redis: usesRedis ? await readRedis(terms) : undefined,
    pairwiseSalt: isRead('pairwise') ? await readSalt(terms) : undefined,
    tokenHookSecret: isRead('token_hook') ? await readHookSecret(terms) : undefined,
    workloadFiles:
      isRead('kubernetes') && isRead('spiffe') ? await readWorkloads(terms) : new Map(),
  };
}

async function checkClientAuthorities(terms: NamedTerms): Promise<void> {
  if (!['listen', 'mtls', 'upstream.trust', 'admin'].every(terms.isRead)) return;
  await checkAuthorities(terms.config, (path, problem) => say(terms, path, problem));
}

const MIN_BYTES = 32;

async function readUpstreamSecrets(terms: NamedTerms): Promise<readonly Uint8Array[]> {
  const { secret } = terms.config.upstream.trust;
  return readSecretFiles(terms, secret?.files, ['upstream', 'trust', 'secret', 'files']);
}

function readCertificateSecrets(terms: NamedTerms): Promise<readonly Uint8Array[]> {
  const at = ['mtls', 'proxy', 'trust', 'secret', 'files'];
  return readSecretFiles(terms, terms.config.mtls?.proxy?.trust.secret?.files, at);
}

async function readSecretFiles(
  terms: NamedTerms,
  files: readonly string[] = [],
  at: Path,
): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = [];
  for (const [index, file] of files.entries()) {
    const bytes = await readGuarded(terms, file, [...at, index]);
    if (bytes !== undefined) found.push(bytes);
  }
  return found;
}

const readClientAuthorities = (terms: NamedTerms): Promise<string | undefined> =>
  readText(terms, terms.config.mtls?.proxy?.client_ca_file, ['mtls', 'proxy', 'client_ca_file']);

/** Never made here: a salt that a restart forgets would name everybody anew. */
async function readSalt(terms: NamedTerms): Promise<Uint8Array | undefined> {
  const { pairwise } = terms.config;
  return pairwise && readGuarded(terms, pairwise.salt_file, ['pairwise', 'salt_file']);
}

async function readHookSecret(terms: NamedTerms): Promise<Uint8Array | undefined> {
  const { token_hook: hook } = terms.config;
  return hook && readGuarded(terms, hook.secret_file, ['token_hook', 'secret_file']);
}

/** Undefined, and a problem, for what does not keep its secret. */
export async function readGuarded(
  terms: NamedTerms,
  file: string,
  path: Path,
): Promise<Uint8Array | undefined> {
  const read = await readSecret(file);
  const problem = read.ok ? findGuardedSecretProblem(read) : read.problem;
  if (problem !== undefined) say(terms, path, `${file} ${problem}`);
  return read.ok && problem === undefined ? Buffer.from(read.text) : undefined;
}

/**
 * Whoever knows that of the proxy may sign in as anybody, whoever knows the salt can tell who every
 * pairwise subject is, whoever knows that of the hook may ask it about everybody, one for registration
 * makes clients, and one of the keys opens them: secrets that are never only warned about.
 */
export function findGuardedSecretProblem(secret: {
  readonly text: string;
  readonly isWorldReadable: boolean;
}): string | undefined {
  const problem = findSecretProblem(secret.text);
  if (problem !== undefined) return problem;
  if (Buffer.byteLength(secret.text) < MIN_BYTES) {
    return `is shorter than ${MIN_BYTES} bytes; use openssl rand -base64 32`;
  }
  return secret.isWorldReadable
    ? 'may be read by everybody on this machine; chmod o-r, or in Kubernetes defaultMode: 0440'
    : undefined;
}

async function readAssertionKeys(terms: NamedTerms): Promise<string | undefined> {
  const file = terms.config.upstream.assertion?.jwks_file;
  return readKeySet(terms, file, ['upstream', 'assertion', 'jwks_file']);
}

async function readIssuerKeys(terms: NamedTerms): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (!terms.isRead('token_issuers')) return found;
  for (const [name, { jwks_file }] of Object.entries(terms.config.token_issuers)) {
    const text = await readKeySet(terms, jwks_file, ['token_issuers', name, 'jwks_file']);
    if (text !== undefined) found.set(name, text);
  }
  return found;
}

async function readKeySet(
  terms: NamedTerms,
  file: string | undefined,
  at: Path,
): Promise<string | undefined> {
  const text = await readText(terms, file, at);
  const problem = text === undefined ? undefined : findKeySetProblem(text);
  if (problem !== undefined) say(terms, at, `${file} ${problem}`);
  return text;
}

async function readWorkloads(terms: NamedTerms): Promise<WorkloadFiles> {
  const texts = new Map<string, string>();
  for (const { file, path, findProblem } of listWorkloadFiles(terms.config)) {
    const text = await readText(terms, file, path);
    const problem = text === undefined ? undefined : findProblem(text);
    if (problem !== undefined) say(terms, path, `${file} ${problem}`);
    texts.set(file, text ?? '');
  }
  for (const [index, { token_file }] of terms.config.kubernetes.entries()) {
    await readText(terms, token_file, ['kubernetes', index, 'token_file']);
  }
  return texts;
}

async function checkBackends(terms: NamedTerms): Promise<void> {
  for (const [index, backend] of terms.config.userinfo.backends.entries()) {
    for (const [file, path] of listBackendFiles(backend)) {
      await readText(terms, file, ['userinfo', 'backends', index, ...path]);
    }
  }
}

async function readRedis(terms: NamedTerms): Promise<RedisAccess> {
  const { redis } = terms.config.store;
  const at = ['store', 'redis'];
  const url = await readRedisUrl(terms);
  const text = (key: 'ca_file' | 'cert_file' | 'key_file') =>
    readText(terms, redis.tls?.[key], [...at, 'tls', key]);
  return {
    url,
    username: redis.username,
    password: await readText(terms, redis.password_file, [...at, 'password_file']),
    sentinelPassword: await readText(terms, redis.sentinel?.password_file, [
      ...[...at, 'sentinel', 'password_file'],
    ]),
    tls: redis.tls && {
      ca: await text('ca_file'),
      cert: await text('cert_file'),
      key: await text('key_file'),
      servername: redis.tls.servername,
    },
  };
}

async function readRedisUrl(terms: NamedTerms): Promise<string> {
  const { redis } = terms.config.store;
  const at = ['store', 'redis'];
  const isInline = findNode(terms.tree, [...at, 'url']) !== undefined;
  if (redis.url_file !== undefined && isInline) {
    say(terms, [...at, 'url_file'], 'cannot be combined with url; remove one of the two');
  }
  const inFile = await readText(terms, redis.url_file, [...at, 'url_file']);
  const problem = inFile === undefined ? undefined : findRedisUrlProblem(inFile);
  if (problem !== undefined) say(terms, [...at, 'url_file'], `${redis.url_file} ${problem}`);
  const given = inFile ?? (isInline ? redis.url : undefined);
  for (const { at: key, problem } of findContradictions(redis, given)) {
    say(terms, [...at, key === 'url' && inFile !== undefined ? 'url_file' : key], problem);
  }
  const isMany = (redis.sentinel ?? redis.cluster) !== undefined;
  return given ?? (isMany ? 'redis://' : redis.url);
}

/** What a file holds, without the line end at its end; an empty one is a problem like a missing one. */
export async function readText(
  terms: NamedTerms,
  file: string | undefined,
  path: Path,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const read = await readBytes(file);
  if (!read.ok) say(terms, path, `${file} ${read.problem}`);
  else if (read.bytes.length === 0) say(terms, path, `${file} is empty`);
  else
    return Buffer.from(read.bytes)
      .toString('utf8')
      .replace(/\r?\n$/, '');
  return undefined;
}

export function say({ tree, report }: NamedTerms, path: Path, problem: string): void {
  report.problems.push(problemAt(tree, path, problem));
}
