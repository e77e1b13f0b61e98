// clients.yaml, from the disk to the clients that the domain knows.

import type { ClientTerms } from '../config/checks/client.ts';
import { toClient } from '../config/client.ts';
import { readClients } from '../config/clients.ts';
import type { Path } from '../config/finding.ts';
import type { Client } from '../protocol/client.ts';
import { keyFileOf, readClientKeys } from './client-keys.ts';
import { readClientSecrets, type SecretTerms, warnOfStraySecrets } from './client-secrets.ts';
import type { Environment } from './environment.ts';
import {
  addFindings,
  assertSound,
  createReport,
  printProblem,
  problemAt,
  type Report,
} from './problem.ts';
import { type ReadYaml, readYaml } from './read.ts';
import { toValue } from './tree.ts';

export type ClientOptions = ClientTerms & {
  /** Absolute name of clients.yaml. */
  readonly file: string;
  readonly env: Environment;
  readonly mode: 'serve' | 'dev';
  /** The disk when absent. */
  readonly readYaml?: ReadYaml;
};

/** All clients of one reading of the file. */
export type ClientSet = {
  readonly clients: ReadonlyMap<string, Client>;
  /** Files that its clients name, absolute: what they hold counts as this file's own words. */
  readonly files: readonly string[];
  /** What `clients_count` says; undefined without one. */
  readonly declaredCount: number | undefined;
  /** What profiles make of them: `<client id>: <profile> sets …`. */
  readonly consequences: readonly string[];
  /** The file as it was read; a function, because secrets may stand in it and logs print values. */
  readonly text: () => string;
};

/** For a reload: throws `ConfigError` with every problem, and then the old set stays in force. */
export async function loadClients(
  options: ClientOptions,
): Promise<ClientSet & { readonly warnings: readonly string[] }> {
  const report = createReport();
  const set = await readClientSet(options, report);
  assertSound(report);
  return { ...set, warnings: report.warnings.map(printProblem) };
}

/** Reads as many clients as it can; whoever calls has to look at the report. */
export async function readClientSet(options: ClientOptions, report: Report): Promise<ClientSet> {
  const { file, env, readYaml: read = readYaml } = options;
  const { tree, problems, text } = await read(file);
  report.problems.push(...problems);
  const clients = new Map<string, Client>();
  const files: string[] = [];
  const set = { clients, files, text: () => text };
  if (tree === undefined) return { ...set, declaredCount: undefined, consequences: [] };
  const reading = readClients(toValue(tree), options);
  addFindings(report.problems, tree, file, reading.problems);
  addFindings(report.warnings, tree, file, reading.warnings);
  const at = (path: Path, problem: string) => problemAt(tree, path, problem);
  const terms: SecretTerms = { ...options, report, at };
  for (const [index, metadata] of reading.clients) {
    const path = ['clients', index];
    const secrets = await readClientSecrets(metadata, path, terms);
    const keys = await readClientKeys(metadata, path, terms);
    clients.set(metadata.client_id, toClient(metadata, { secrets, keys }));
    const keyFile = keyFileOf(metadata, file);
    if (keyFile !== undefined) files.push(keyFile);
  }
  if (reading.problems.length === 0) warnOfStraySecrets(clients.keys(), env, report);
  const consequences = reading.consequences.map(([id, text]) => `${id}: ${text}`);
  return { ...set, declaredCount: reading.declaredCount, consequences };
}
