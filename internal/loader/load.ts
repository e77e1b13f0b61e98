// From files and environment to one validated snapshot, or to every problem at once. Reads what it
// validates and nothing else; starts nothing, and keeps no secret that it does not hand over.

import path from 'node:path';
import { isBroken, readConfig } from '../config/checks/checks.ts';
import type { ClientTerms } from '../config/checks/client.ts';
import { findUnknownRules } from '../config/checks/rate-limits.ts';
import type { Config } from '../config/config.ts';
import { toClientCertificates } from '../config/sections/mtls.ts';
import { findStrangers, toScopeTable } from '../config/sections/scopes.ts';
import type { Client } from '../protocol/client.ts';
import { type AuditFiles, readAuditFiles } from './audit-files.ts';
import { type ClientSet, readClientSet } from './clients.ts';
import { applyEnvironment, type Environment } from './environment.ts';
import { readKeySecrets } from './key-secrets.ts';
import { type ListenerFiles, readListenerFiles } from './listener-files.ts';
import { type RedisAccess, readNamedFiles } from './named-files.ts';
import { type PageFiles, readPageFiles } from './page-files.ts';
import { resolvePaths } from './paths.ts';
import { addFindings, assertSound, createReport, printProblem, type Report } from './problem.ts';
import { type ReadYaml, readYaml } from './read.ts';
import { type RegistrationFiles, readRegistrationFiles } from './registration-files.ts';
import { emptyMap, mergeTrees, type Tree, toValue } from './tree.ts';
import { readUserFile } from './users.ts';
import { listNamedFiles } from './watched-files.ts';
import type { WorkloadFiles } from './workload-files.ts';

type Derived =
  | 'pairwise'
  | 'scopes'
  | 'issuer'
  | 'certificates'
  | 'tokenIssuers'
  | 'detailsTypes'
  | 'platforms';

export type LoadOptions = Omit<ClientTerms, Derived> & {
  /** A base, then what an environment changes; none means all defaults. */
  readonly files: readonly string[];
  readonly env: Environment;
  /** `dev` is the throw-away issuer on loopback, where trust may be missing. */
  readonly mode: 'serve' | 'dev';
  /** Where defaults such as `../clients.yaml` begin; by default the folder of the first file. */
  readonly base?: string;
  /** The disk when absent. Clients and configuration go this way, so that neither need be a file. */
  readonly readYaml?: ReadYaml;
};

export type Snapshot = {
  /** Names of files are absolute, except sockets below `RUNTIME_DIRECTORY`. */
  readonly config: Config;
  readonly clients: ReadonlyMap<string, Client>;
  /** The same clients with what `decideReload` needs. */
  readonly clientSet: ClientSet;
  /** What clients may be, those that register themselves too. */
  readonly clientTerms: ClientTerms;
  readonly registrationFiles: RegistrationFiles;
  readonly pageFiles: PageFiles;
  /** What listeners are secured by: PEM texts by the names of their files. */
  readonly listenerFiles: ListenerFiles;
  /** Any of them proves the proxy. */
  readonly upstreamSecrets: readonly Uint8Array[];
  /** Any of them proves the proxy that passes certificates of clients on. */
  readonly certificateSecrets: readonly Uint8Array[];
  /** PEM text of `mtls.proxy.client_ca_file`. */
  readonly clientAuthorities: string | undefined;
  /** JSON text of the JWK Set of `upstream.assertion.jwks_file`. */
  readonly assertionKeys: string | undefined;
  /** JSON text of the JWK Set of each of `token_issuers` that has a file, by its name. */
  readonly tokenIssuerKeys: ReadonlyMap<string, string>;
  /** Undefined unless the store is Redis. */
  readonly redis: RedisAccess | undefined;
  /** What seals the keys in the store, the first; every one of them opens. Empty with another source. */
  readonly keySecrets: readonly Uint8Array[];
  /** Undefined unless the configuration names one. */
  readonly pairwiseSalt: Uint8Array | undefined;
  /** Undefined unless the configuration has a token hook. */
  readonly tokenHookSecret: Uint8Array | undefined;
  /** What the files hold that `kubernetes` and `spiffe` name, by their names. */
  readonly workloadFiles: WorkloadFiles;
  /** What the files hold that `audit` names, by their names. */
  readonly auditFiles: AuditFiles;
  /** Everything that it was read from, absolute: a change of any of them asks for another reading. */
  readonly files: readonly string[];
  /** For the log, once: `file:line: key: what`. */
  readonly warnings: readonly string[];
};

/** Throws `ConfigError` with every problem of every file. */
export async function load(options: LoadOptions): Promise<Snapshot> {
  const { files, env, mode } = options;
  const report = createReport();
  const tree = applyEnvironment(await readTree(options, report), env, report);
  const exposed = env['ASTEROID_DEV_EXPOSE'] === '1';
  const reading = readConfig(toValue(tree), { mode, exposed });
  addFindings(report.problems, tree, tree.file, reading.problems);
  addFindings(report.warnings, tree, tree.file, reading.warnings);
  const config = resolvePaths(reading.config, {
    tree,
    base: options.base ?? path.dirname(files[0] ?? path.join('config', 'asteroid.yaml')),
    keepSockets: (env['RUNTIME_DIRECTORY'] ?? '') !== '',
  });
  const isRead = (name: string): boolean => !isBroken(name, reading.broken);
  const named = await readNamedFiles({ config, tree, isRead, report });
  const listenerFiles = await readListenerFiles({ config, tree, isRead, report });
  const registrationFiles = await readRegistrationFiles({ config, tree, isRead, report });
  const pageFiles = await readPageFiles({ config, tree, isRead, report });
  const auditFiles = await readAuditFiles({ config, tree, isRead, report });
  const keySecrets = await readKeySecrets({ config, tree, isRead, report }, env);
  const clientTerms: ClientTerms = {
    grantTypes: options.grantTypes,
    authMethods: options.authMethods,
    pairwise: config.pairwise !== undefined || !isRead('pairwise'),
    certificates: isRead('listen') && isRead('mtls') ? toClientCertificates(config) : 'verified',
    issuer: {
      profile: config.policy.profile,
      authorizationCode: config.lifetimes.authorization_code,
    },
    scopes: isRead('scopes') ? toScopeTable(config.scopes) : undefined,
    detailsTypes: isRead('authorization_details_types')
      ? new Set(Object.keys(config.authorization_details_types))
      : undefined,
    tokenIssuers: isRead('token_issuers') ? new Set(Object.keys(config.token_issuers)) : undefined,
    platforms: isRead('kubernetes') && isRead('spiffe') ? listPlatforms(config) : undefined,
  };
  const clientSet = await readClientSet(
    { ...options, ...clientTerms, file: config.clients.file },
    isRead('clients') ? report : createReport(),
  );
  addFindings(report.warnings, tree, tree.file, findStrangers(config.scopes, clientSet.clients));
  const unknown = isRead('rate_limits')
    ? findUnknownRules(config.rate_limits, clientSet.clients)
    : [];
  addFindings(report.warnings, tree, tree.file, unknown);
  if (isRead('userinfo')) await checkUsers(config, report);
  const read = [...files, ...listNamedFiles(config), ...clientSet.files].map((file) =>
    path.resolve(file),
  );
  assertSound(report, read);
  const warnings = report.warnings.map(printProblem);
  const { clients } = clientSet;
  const own = { config, clients, clientSet, clientTerms, registrationFiles, pageFiles, keySecrets };
  return { ...own, auditFiles, ...named, listenerFiles, files: read, warnings };
}

const listPlatforms = ({ kubernetes, spiffe }: Config) => ({
  clusters: new Set(kubernetes.map(({ issuer }) => issuer)),
  trustDomains: new Set(spiffe.map(({ trust_domain }) => trust_domain)),
});

/** All files merged. A file that is not YAML ends it: nothing could be said about the rest. */
async function readTree(
  { files, readYaml: read = readYaml }: LoadOptions,
  report: Report,
): Promise<Tree> {
  const trees: Tree[] = [];
  for (const file of files) {
    const { tree, problems } = await read(file);
    report.problems.push(...problems);
    if (tree !== undefined && !isEmpty(tree)) trees.push(tree);
    if (tree === undefined) assertSound(report);
  }
  const [first = emptyMap({ file: files[0] ?? 'defaults', line: 1 }), ...others] = trees;
  return others.reduce(mergeTrees, first);
}

const isEmpty = (tree: Tree): boolean => tree.kind === 'scalar' && tree.value === null;

/** A users.yaml that cannot be read is better found now than at the first sign-in. */
async function checkUsers({ userinfo }: Config, report: Report): Promise<void> {
  for (const backend of userinfo.backends) {
    if (backend.type === 'yaml') await readUserFile(backend.file, report);
  }
}
