// `asteroid doctor`: attacks a deployment through its own proxy, the way a stranger and the way
// somebody with a session would, and compares what was sent with what the issuer saw. Owns the order
// of a run and its honesty: nothing counts as kept out unless controls show that the issuer, through
// this very proxy, sees what arrives. Sends nothing that could be granted: no attempt names a client.

import type { RecordingAnswer, StartAnswer } from '../admin/deployment.ts';
import type { Sighting } from '../admin/recorder.ts';
import type { ProxyName } from '../admin/remedies.ts';
import { type Attack, authorizePath, type Site, toBytes } from './attack.ts';
import { framingAttacks } from './attacks/framing.ts';
import { headerAttacks } from './attacks/headers.ts';
import { pathAttacks } from './attacks/paths.ts';
import type { Answer } from './raw.ts';
import { type Report, type Result, toResult } from './report.ts';
import { decideVerdict } from './verdict.ts';

export type DoctorDeps = {
  /** Through the proxy; never rejects. */
  readonly send: (messages: readonly string[]) => Promise<Answer>;
  readonly read: () => Promise<RecordingAnswer>;
  /** Milliseconds of a clock that only counts. */
  readonly elapsed: () => number;
};

export type DoctorOptions = {
  readonly started: StartAnswer;
  readonly through: string;
  readonly proxy: ProxyName;
  /** The Cookie header of somebody who is signed in. */
  readonly session: string | undefined;
};

/** The doctor cannot tell; `message` says why, and what to do. */
export class Blind extends Error {}

const AT_ONCE = 4;
/** Well within a recording, so that the controls at the end are seen as well. */
const MAX_RUN_MS = 100_000;
/** One replica of several would miss about every second one. */
const CONTROLS = 8;

type Attempt = {
  readonly attack: Attack;
  readonly signedIn: boolean;
  readonly probe: string;
};

/** Throws `Blind` when its verdicts would mean nothing. */
export async function runDoctor(options: DoctorOptions, deps: DoctorDeps): Promise<Report> {
  const { started, session, through, proxy } = options;
  const site: Site = { ...started, host: new URL(started.issuer).host };
  const patient: Patient = { ...options, ...deps, site };
  const before = await examine(patient, 'before');
  const attempts = listAttempts(site, session !== undefined);
  await sendAll(patient, attempts);
  await examine(patient, 'after');
  const sightings = await readAll(patient);
  const results = attempts.map((attempt) => judge(patient, attempt, sightings, before));
  return {
    issuer: started.issuer,
    through,
    proxy,
    signed_in: session !== undefined,
    results,
    warnings: findWarnings(before),
    doubt: findDoubt(before),
  };
}

type Patient = DoctorOptions & DoctorDeps & { readonly site: Site };

/** Every attack that the tables have, each as everybody that it is for. */
export function listAttempts(site: Site, hasSession: boolean): readonly Attempt[] {
  const attacks = [...headerAttacks(site), ...pathAttacks(site), ...framingAttacks(site)];
  const both = attacks.flatMap((attack) => [
    ...(attack.as === 'signed_in' ? [] : [{ attack, signedIn: false }]),
    ...(attack.as === 'stranger' || !hasSession ? [] : [{ attack, signedIn: true }]),
  ]);
  return both.map((attempt, index) => ({ ...attempt, probe: `p${index}` }));
}

const send = ({ send: exchange, started, site }: Patient, attempt: Attempt, session?: string) => {
  const mark = `${started.canary}.${attempt.probe}`;
  const messages = attempt.attack.messages(mark);
  return exchange(messages.map((message) => toBytes(message, mark, site, session)));
};

async function sendAll(patient: Patient, attempts: readonly Attempt[]): Promise<void> {
  const { session, elapsed } = patient;
  const waiting = [...attempts];
  const begun = elapsed();
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (elapsed() - begun > MAX_RUN_MS) throw new Blind(TOO_SLOW);
      await send(patient, next, next.signedIn ? session : undefined);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

const TOO_SLOW = 'the proxy answers so slowly that the recording would end before the attacks do';

type Controls = {
  readonly answer: Answer | undefined;
  /** An honest request of somebody with a session. */
  readonly honest: Sighting | undefined;
};

/** Honest requests: is what arrives seen, and is the session one? */
async function examine(patient: Patient, when: 'before' | 'after'): Promise<Controls> {
  const { site, session } = patient;
  const open = site.routes.filter(
    ({ listener, methods }) => listener === 'back' && methods.includes('GET'),
  );
  const paths = open.map(({ path }) => path);
  const attempts = paths.flatMap((path, index) =>
    Array.from({ length: CONTROLS }, (_, turn) => control(path, `${when}-${index}-${turn}`)),
  );
  let last: Answer | undefined;
  for (const attempt of attempts) last = await send(patient, attempt);
  const signedIn = control(authorizePath(site), `${when}-session`);
  const answer = session === undefined ? undefined : await send(patient, signedIn, session);
  const sightings = await readAll(patient);
  const probes = new Set(sightings.map(({ probe }) => probe));
  const counts = paths.map((_, index) => countSeen(probes, `${when}-${index}-`));
  checkSight(Math.max(0, ...counts), last);
  const honest = sightings.find(({ probe }) => probe === signedIn.probe);
  if (session !== undefined && honest === undefined) throw new Blind(NO_SESSION);
  return { answer, honest };
}

const control = (path: string, probe: string): Attempt => ({
  attack: { id: probe, says: '', hole: 'header', path, messages: () => [{ path }] },
  signedIn: false,
  probe,
});

const countSeen = (probes: ReadonlySet<string>, start: string): number =>
  [...probes].filter((probe) => probe.startsWith(start)).length;

/** Some open path has to be seen each time; one that is seen now and then is not one issuer. */
function checkSight(seen: number, answer: Answer | undefined): void {
  if (seen === CONTROLS) return;
  const said = answer?.status ?? answer?.problem ?? 'nothing';
  throw new Blind(
    seen === 0
      ? `no honest request reached this issuer through the proxy, which answered: ${said}; are --through and --admin the same deployment?`
      : `only ${seen} of ${CONTROLS} honest requests reached this issuer: several replicas? Send all of the proxy's traffic to the one of --admin`,
  );
}

const NO_SESSION =
  'the cookie is no session: the proxy did not let a request with it through to the issuer';

/** A session whose owner the issuer never sees shows nothing about what a session lets through. */
function findDoubt({ honest }: Controls): string | undefined {
  if (honest === undefined || honest.identity === 'identified') return undefined;
  const why = honest.refused ?? honest.identityRefused ?? 'nobody is named';
  return `the issuer does not see whose session the cookie is (${why}): look at /debug/identity`;
}

async function readAll({ read }: Patient): Promise<readonly Sighting[]> {
  const { sightings, full } = await read();
  if (full) throw new Blind('the recording is full: somebody else sends the canary as well');
  return sightings;
}

const judge = (
  { site, proxy }: Patient,
  { attack, signedIn, probe }: Attempt,
  sightings: readonly Sighting[],
  { honest }: Controls,
): Result => {
  const own = sightings.filter((sighting) => sighting.probe === probe);
  const facts = { attack, signedIn, sightings: own, honest: signedIn ? honest : undefined };
  return toResult(attack, signedIn, decideVerdict(facts), { site, proxy });
};

/** T30: an answer to somebody that a cache may keep is an answer to the next one. */
const findWarnings = ({ answer }: Controls): readonly string[] =>
  answer === undefined || /\bno-store\b/i.test(answer.headers.get('cache-control') ?? '')
    ? []
    : ['T30: the proxy takes Cache-Control: no-store off answers of the authorization endpoint'];
