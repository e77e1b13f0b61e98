// Reads the whole configuration: first each option by itself, then what several options say
// together. Every problem at once, but no problem that only follows from another one.

import { type Config, configSchema } from '../config.ts';
import type { Finding } from '../finding.ts';
import { readValue } from '../issues.ts';
import { adminCheck } from './admin.ts';
import { assertionCheck } from './assertion.ts';
import { auditCheck } from './audit.ts';
import { endpointCheck } from './endpoints.ts';
import { headerCheck } from './headers.ts';
import { issuerCheck } from './issuer.ts';
import { listenerCheck } from './listeners.ts';
import { mtlsCheck } from './mtls.ts';
import {
  durabilityCheck,
  keyCheck,
  keySourceCheck,
  userinfoCheck,
  workersCheck,
} from './operation.ts';
import { profileCheck } from './profile.ts';
import { rateLimitCheck } from './rate-limits.ts';
import { registrationCheck } from './registration.ts';
import type { Check, Circumstances } from './remark.ts';
import { tokenHookCheck } from './token-hook.ts';
import { tokenIssuerCheck } from './token-issuers.ts';
import { provenListenerCheck, trustCheck } from './trust.ts';

/** Adding a check: its entry here. */
const CHECKS: readonly Check[] = [
  issuerCheck,
  endpointCheck,
  listenerCheck,
  adminCheck,
  trustCheck,
  provenListenerCheck,
  headerCheck,
  assertionCheck,
  mtlsCheck,
  durabilityCheck,
  keySourceCheck,
  keyCheck,
  workersCheck,
  userinfoCheck,
  tokenHookCheck,
  auditCheck,
  tokenIssuerCheck,
  registrationCheck,
  profileCheck,
  rateLimitCheck,
];

export type ReadConfig = {
  /** What could not be read holds its default; then there are problems. */
  readonly config: Config;
  /** Sections, as `clients` or `upstream.trust`, that could not be read. */
  readonly broken: readonly string[];
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
};

/** @param tree the merged files, `undefined` and an empty map alike meaning all defaults. */
export function readConfig(tree: unknown, circumstances: Circumstances): ReadConfig {
  const whole = readValue(configSchema, tree ?? {});
  if (whole.ok) return judge(whole.value, [], circumstances);
  const { config, broken } = readRest(tree, whole.findings);
  const rest = judge(config, broken, circumstances);
  return { ...rest, problems: [...whole.findings, ...rest.problems] };
}

/** Leaves out what was found wrong, two levels deep, so that the rest can still be checked. */
function readRest(
  tree: unknown,
  findings: readonly Finding[],
): { readonly config: Config; readonly broken: readonly string[] } {
  const broken = findings.map(({ path, meant }) =>
    (meant === undefined ? path : [...path.slice(0, -1), meant]).slice(0, 2).join('.'),
  );
  const rest = findings.reduce((left, { path }) => without(left, path.slice(0, 2)), tree);
  const reading = readValue(configSchema, rest ?? {});
  if (reading.ok) return { config: reading.value, broken };
  // What is wrong only now follows from what was left out: the whole section is of no use then.
  const sections = reading.findings.map(({ path }) => String(path[0]));
  const smaller = sections.reduce((left, section) => without(left, [section]), rest);
  return {
    config: configSchema.safeParse(smaller ?? {}).data ?? configSchema.parse({}),
    broken: [...broken, ...sections],
  };
}

/** Whether what is named here, or a part or the whole of it, could not be read. */
export const isBroken = (name: string, broken: readonly string[]): boolean =>
  broken.some(
    (other) =>
      other === '' ||
      other === name ||
      other.startsWith(`${name}.`) ||
      name.startsWith(`${other}.`),
  );

/** Of a configuration that nobody wrote as a whole: what contradicts itself in it. */
export const findContradictions = (
  config: Config,
  circumstances: Circumstances,
): readonly Finding[] => judge(config, [], circumstances).problems;

function judge(
  config: Config,
  broken: readonly string[],
  circumstances: Circumstances,
): ReadConfig {
  const checks = CHECKS.filter(({ reads }) => !reads.some((name) => isBroken(name, broken)));
  const remarks = checks.flatMap((check) => check.find(config, circumstances));
  return {
    config,
    broken,
    problems: remarks.filter(({ weight }) => weight === 'problem'),
    warnings: remarks.filter(({ weight }) => weight === 'warning'),
  };
}

function without(tree: unknown, [step, ...rest]: Finding['path']): unknown {
  if (step === undefined || typeof tree !== 'object' || tree === null) return undefined;
  const entries = Object.entries(tree).flatMap(([key, value]) => {
    if (key !== String(step)) return [[key, value] as const];
    return rest.length === 0 ? [] : [[key, without(value, rest)] as const];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
