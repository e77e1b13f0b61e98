// What an operator asks of an issuer, however many processes it is: who answers is one of them, and what
// a request looked like may be known to another. Owns what they ask each other, and when an answer of
// only some of them would say something that is not so.

import type { Admin } from './admin.ts';
import type { RecordingAnswer } from './deployment.ts';
import { type IdentityReport, MAX_REQUESTS } from './identity-log.ts';
import type { Recording } from './recorder.ts';

/** What one process asks of the others. */
export type AdminQuestion =
  | { readonly kind: 'record'; readonly recording: Recording }
  | { readonly kind: 'recorded' }
  | { readonly kind: 'forget' }
  | { readonly kind: 'identities' };

/** By the kind of the question. */
type AdminAnswers = {
  /** Whether it records under this canary from here on. */
  readonly record: boolean;
  readonly recorded: RecordingAnswer | undefined;
  readonly forget: true;
  readonly identities: readonly IdentityReport[];
};

/** One answer for each other process; undefined for one that does not answer in time. */
export type AskOthers = <Kind extends AdminQuestion['kind']>(
  question: Extract<AdminQuestion, { readonly kind: Kind }>,
) => Promise<readonly (AdminAnswers[Kind] | undefined)[]>;

export type Operations = {
  /** Undefined while a recording is on, or where not every process takes part. */
  startRecording(): Promise<Recording | undefined>;
  /** Undefined when none is on, or no longer in every process. */
  readRecording(): Promise<RecordingAnswer | undefined>;
  stopRecording(): Promise<void>;
  /** The latest first. */
  readIdentities(): Promise<readonly IdentityReport[]>;
};

/** @param askOthers of an issuer that is one process there are none. */
export function createOperations(admin: Admin, askOthers: AskOthers = async () => []): Operations {
  const { recorder, identityLog } = admin;
  return {
    async startRecording() {
      const recording = recorder.start();
      if (recording === undefined) return undefined;
      // Before anybody knows the canary: a process without it would treat what it proves as a request.
      const others = await askOthers({ kind: 'record', recording });
      if (others.every((takesPart) => takesPart === true)) return recording;
      recorder.stop();
      return undefined;
    },
    async readRecording() {
      const own = recorder.read();
      if (own === undefined) return undefined;
      const others = await askOthers({ kind: 'recorded' });
      // What a process saw that is gone would count as kept out by the proxy.
      const all = others.filter((answer) => answer !== undefined);
      if (all.length < others.length) return undefined;
      return {
        sightings: [...own.sightings, ...all.flatMap(({ sightings }) => sightings)],
        full: own.full || all.some(({ full }) => full),
      };
    },
    async stopRecording() {
      recorder.stop();
      await askOthers({ kind: 'forget' });
    },
    async readIdentities() {
      const others = await askOthers({ kind: 'identities' });
      const all = [identityLog.read(), ...others.map((answer) => answer ?? [])].flat();
      return all.toSorted((left, right) => right.at - left.at).slice(0, MAX_REQUESTS);
    },
  };
}

/** What one process answers to another. */
export function answerAdmin(question: AdminQuestion, { recorder, identityLog }: Admin): unknown {
  switch (question.kind) {
    case 'record':
      return recorder.join(question.recording);
    case 'recorded':
      return recorder.read();
    case 'forget':
      recorder.stop();
      return true;
    case 'identities':
      return identityLog.read();
    default:
      return question satisfies never;
  }
}
