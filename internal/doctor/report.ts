// What the doctor found, as a value and as text. Owns what is told: names, paths and lines of
// configuration, and nothing that anybody sent.

import type { Hole, ProxyName } from '../admin/remedies.ts';
import { findRemedy } from '../admin/remedies.ts';
import { type Attack, type Site, subjectHeader } from './attack.ts';
import type { Verdict } from './verdict.ts';

export type Result = {
  readonly id: string;
  readonly attack: string;
  readonly path: string;
  readonly signed_in: boolean;
  readonly outcome: Verdict['outcome'];
  readonly believed: boolean;
  readonly header: string | undefined;
  readonly hole: Hole | undefined;
  /** What the issuer does about it, by the reasons of docs/errors.md. */
  readonly refused: string | undefined;
  /** What to add to the proxy. */
  readonly line: string | undefined;
};

export type Report = {
  readonly issuer: string;
  readonly through: string;
  readonly proxy: ProxyName;
  /** Attacks were also run as somebody with a session. */
  readonly signed_in: boolean;
  readonly results: readonly Result[];
  readonly warnings: readonly string[];
  /** Why attacks that were kept out prove less than they should. */
  readonly doubt: string | undefined;
};

export const toResult = (
  attack: Attack,
  signedIn: boolean,
  { outcome, believed, header, hole, refused }: Verdict,
  { site, proxy }: { readonly site: Site; readonly proxy: ProxyName },
): Result => ({
  id: attack.id,
  attack: attack.says,
  path: attack.path,
  signed_in: signedIn,
  outcome,
  believed,
  header,
  hole,
  refused,
  line:
    hole &&
    findRemedy(hole, proxy, {
      header: header ?? subjectHeader(site),
      host: site.host,
      path: attack.path,
    }),
});

/** 1 when anything got through that counts; else 2 in doubt, and 0 without one. */
export function toExitCode({ results, doubt }: Report, acceptRefused: boolean): 0 | 1 | 2 {
  const counts = ({ outcome, believed }: Result): boolean =>
    outcome === 'reached' && (believed || !acceptRefused);
  if (results.some(counts)) return 1;
  return doubt === undefined ? 0 : 2;
}

/** For people: what got through, each line of configuration once, and the sum of the rest. */
export function toText(report: Report): string {
  const { issuer, through, proxy, signed_in, results, warnings, doubt } = report;
  const reached = results.filter(({ outcome }) => outcome === 'reached');
  const count = (outcome: Verdict['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  const lines = [...new Set(reached.flatMap(({ line }) => line ?? []))];
  return [
    `${issuer} through ${through}${signed_in ? ', also with a session' : ', without a session'}`,
    '',
    ...reached.map(toLine),
    ...(reached.length > 0 ? [''] : []),
    `${count('kept_out')} kept out, ${count('altered')} altered, ${reached.length} reached the issuer`,
    ...warnings.map((warning) => `warning: ${warning}`),
    ...(doubt === undefined ? [] : [`in doubt: ${doubt}`]),
    ...(lines.length > 0
      ? ['', `To add to ${proxy}:`, '', ...lines.map((line) => `  ${line}`)]
      : []),
    '',
  ].join('\n');
}

function toLine({ id, attack, path, signed_in, believed, refused }: Result): string {
  const who = signed_in ? 'with a session' : 'as a stranger';
  const effect = believed
    ? 'the issuer BELIEVES it'
    : refused === undefined
      ? 'the issuer ignores it here'
      : `the issuer refuses it (${refused})`;
  return `REACHED  ${id}  ${path}  ${who}: ${attack}; ${effect}`;
}
