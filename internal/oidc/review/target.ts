// What a button of a review would end, sealed: it names who was shown it, so that it is the form's CSRF token
// too, and of no use to anybody else.

import {
  type AuthorizationId,
  type ClientId,
  type SessionId,
  toAuthorizationId,
  toClientId,
  toSessionId,
} from '../../protocol/ids.ts';
import { ID_BYTES } from '../../protocol/random.ts';
import { MINUTE } from '../../protocol/time.ts';
import { handleUnknown } from '../authorize/pending.ts';
import type { Deps } from '../deps.ts';

/** Long enough to read a long page; what was ended before is not ended twice. */
export const TARGET_TTL = 10 * MINUTE;

export type Target =
  | { readonly kind: 'everything' }
  | { readonly kind: 'application'; readonly clientId: ClientId }
  /** What a browser holds of a client. */
  | { readonly kind: 'session'; readonly clientId: ClientId; readonly sid: SessionId }
  | {
      readonly kind: 'authorization';
      readonly clientId: ClientId;
      readonly id: AuthorizationId;
    };

/** One page, as one End-User was shown it. */
export type Showing = {
  readonly subject: string;
  readonly shownAt: number;
  /** The language that was asked for in so many words, for the page that follows. */
  readonly uiLocales: string | undefined;
};

export type Answered = Showing & {
  readonly target: Target;
  /** Counts once. */
  readonly id: string;
};

type Sealing = Pick<Deps, 'keys' | 'issuer' | 'random'>;

// Issuers may share their keys: a page of one is not answered at another.
const purposeOf = ({ issuer }: Pick<Deps, 'issuer'>): string => `review ${issuer}`;

export function sealTarget(
  { subject, shownAt, uiLocales }: Showing,
  target: Target,
  deps: Sealing,
): string {
  const id = deps.random(ID_BYTES);
  const sealed: Sealed = [id, subject, shownAt, uiLocales ?? null, ...toTexts(target)];
  return deps.keys.seal(purposeOf(deps), JSON.stringify(sealed));
}

/** Throws `invalid_request` for what `sealTarget` did not make, or made too long ago. */
export function openTarget(text: string, deps: Pick<Deps, 'keys' | 'issuer' | 'now'>): Answered {
  const json = deps.keys.unseal(purposeOf(deps), text);
  if (json === undefined) throw handleUnknown();
  // Our own key authenticates that it is what `sealTarget` was given.
  const [id, subject, shownAt, uiLocales, ...texts] = JSON.parse(json) as Sealed;
  if (deps.now() - shownAt >= TARGET_TTL) throw handleUnknown();
  return { id, subject, shownAt, uiLocales: uiLocales ?? undefined, target: fromTexts(texts) };
}

type Sealed = readonly [
  id: string,
  subject: string,
  shownAt: number,
  uiLocales: string | null,
  ...target: Texts,
];

type Texts =
  | readonly ['everything']
  | readonly ['application', clientId: string]
  | readonly ['session' | 'authorization', clientId: string, name: string];

function toTexts(target: Target): Texts {
  switch (target.kind) {
    case 'everything':
      return [target.kind];
    case 'application':
      return [target.kind, target.clientId];
    case 'session':
      return [target.kind, target.clientId, target.sid];
    case 'authorization':
      return [target.kind, target.clientId, target.id];
    default:
      return target satisfies never;
  }
}

function fromTexts(texts: Texts): Target {
  switch (texts[0]) {
    case 'everything':
      return { kind: texts[0] };
    case 'application':
      return { kind: texts[0], clientId: toClientId(texts[1]) };
    case 'session':
      return { kind: texts[0], clientId: toClientId(texts[1]), sid: toSessionId(texts[2]) };
    case 'authorization':
      return { kind: texts[0], clientId: toClientId(texts[1]), id: toAuthorizationId(texts[2]) };
    default:
      return texts satisfies never;
  }
}
