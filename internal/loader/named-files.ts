// Files that the configuration names: secrets are read, certificates only looked for. Their content
// is for whoever uses them.

import type { Config } from '../config/config.ts';
import type { Path } from '../config/finding.ts';
import { findSecretProblem } from '../config/secret-text.ts';
import { findRedisUrlProblem } from '../config/sections/store.ts';
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
  /** JSON text of a JWK Set; undefined without `upstream.assertion.jwks_file`. */
  readonly assertionKeys: string | undefined;
  readonly redis: RedisAccess | undefined;
  readonly pairwiseSalt: Uint8Array | undefined;
  readonly workloadFiles: WorkloadFiles;
};

type Terms = {
  readonly config: Config;
  readonly tree: Tree;
  /** Whether a section says what the operator meant. */
  readonly isRead: (name: string) => boolean;
  readonly report: Report;
};

export async function readNamedFiles(terms: Terms): Promise<NamedFiles> {
  const { config, isRead } = terms;
  const upstreamSecrets = isRead('upstream.trust') ? await readUpstreamSecrets(terms) : [];
  if (isRead('listen')) {
    for (const [name, listener] of Object.entries(config.listen)) {
      for (const [key, file] of Object.entries(listener?.tls ?? {})) {
        await readText(terms, file, ['listen', name, 'tls', key]);
      }
    }
  }
  if (isRead('userinfo')) await checkBackends(terms);
  const usesRedis = config.store.driver === 'redis' && isRead('store');
  return {
    upstreamSecrets,
    assertionKeys: isRead('upstream.assertion') ? await readAssertionKeys(terms) : undefined,
    redis: usesRedis ? await readRedis(terms) : undefined,
    pairwiseSalt: isRead('pairwise') ? await readSalt(terms) : undefined,
    workloadFiles:
      isRead('kubernetes') && isRead('spiffe') ? await readWorkloads(terms) : new Map(),
  };
}

const MIN_BYTES = 32;

async function readUpstreamSecrets(terms: Terms): Promise<readonly Uint8Array[]> {
  const { secret, mtls } = terms.config.upstream.trust;
  const at = ['upstream', 'trust'];
  await readText(terms, mtls?.ca_file, [...at, 'mtls', 'ca_file']);
  const found: Uint8Array[] = [];
  for (const [index, file] of (secret?.files ?? []).entries()) {
    const bytes = await readGuarded(terms, file, [...at, 'secret', 'files', index]);
    if (bytes !== undefined) found.push(bytes);
  }
  return found;
}

/** Never made here: a salt that a restart forgets would name everybody anew. */
async function readSalt(terms: Terms): Promise<Uint8Array | undefined> {
  const { pairwise } = terms.config;
  return pairwise && readGuarded(terms, pairwise.salt_file, ['pairwise', 'salt_file']);
}

/** Undefined, and a problem, for what does not keep its secret. */
async function readGuarded(
  terms: Terms,
  file: string,
  path: Path,
): Promise<Uint8Array | undefined> {
  const read = await readSecret(file);
  const problem = read.ok ? findGuardedSecretProblem(read) : read.problem;
  if (problem !== undefined) say(terms, path, `${file} ${problem}`);
  return read.ok && problem === undefined ? Buffer.from(read.text) : undefined;
}

/**
 * Whoever knows that of the proxy may sign in as anybody, and whoever knows the salt can tell who every
 * pairwise subject is: secrets that are never only warned about.
 */
function findGuardedSecretProblem(secret: {
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

async function readAssertionKeys(terms: Terms): Promise<string | undefined> {
  const file = terms.config.upstream.assertion?.jwks_file;
  const at = ['upstream', 'assertion', 'jwks_file'];
  const text = await readText(terms, file, at);
  const problem = text === undefined ? undefined : findKeySetProblem(text);
  if (problem !== undefined) say(terms, at, `${file} ${problem}`);
  return text;
}

async function readWorkloads(terms: Terms): Promise<WorkloadFiles> {
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

async function checkBackends(terms: Terms): Promise<void> {
  for (const [index, backend] of terms.config.userinfo.backends.entries()) {
    if (backend.type !== 'http') continue;
    const at = ['userinfo', 'backends', index];
    await readText(terms, backend.bearer_file, [...at, 'bearer_file']);
    await readText(terms, backend.basic?.password_file, [...at, 'basic', 'password_file']);
  }
}

async function readRedis(terms: Terms): Promise<RedisAccess> {
  const { redis } = terms.config.store;
  const at = ['store', 'redis'];
  if (redis.url_file !== undefined && findNode(terms.tree, [...at, 'url']) !== undefined) {
    say(terms, [...at, 'url_file'], 'cannot be combined with url; remove one of the two');
  }
  const inFile = await readText(terms, redis.url_file, [...at, 'url_file']);
  const problem = inFile === undefined ? undefined : findRedisUrlProblem(inFile);
  if (problem !== undefined) say(terms, [...at, 'url_file'], `${redis.url_file} ${problem}`);
  const text = (key: 'ca_file' | 'cert_file' | 'key_file') =>
    readText(terms, redis.tls?.[key], [...at, 'tls', key]);
  return {
    url: inFile ?? redis.url,
    username: redis.username,
    password: await readText(terms, redis.password_file, [...at, 'password_file']),
    tls: redis.tls && {
      ca: await text('ca_file'),
      cert: await text('cert_file'),
      key: await text('key_file'),
      servername: redis.tls.servername,
    },
  };
}

/** What a file holds, without the line end at its end; an empty one is a problem like a missing one. */
async function readText(
  terms: Terms,
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

function say({ tree, report }: Terms, path: Path, problem: string): void {
  report.problems.push(problemAt(tree, path, problem));
}
