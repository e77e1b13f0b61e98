// Everything the upstream says beside the subject, and what each of it may be, whether a header or a
// signed claim carries it. No attribute proves who somebody is, and the absence of one never grants
// anything.

import type { JsonValue } from '../protocol/claims.ts';
import type { Identity } from '../protocol/identity.ts';
import { toSessionId } from '../protocol/ids.ts';
import type { Fault, Reader, Reading, Shape } from './fields.ts';

/** What has been read so far. */
export type Draft = {
  readonly claims: Map<string, JsonValue>;
  readonly members: {
    -readonly [Name in 'authTime' | 'acr' | 'amr' | 'sid']?: NonNullable<Identity[Name]>;
  };
};

/** @template Part what carries one attribute: lines of a header, or a value in JSON. */
export type Attribute<Part> = {
  /** Its name in YAML, or its claim name. */
  readonly name: string;
  /** The header or the claim that carries it, as configured. */
  readonly origin: string;
  /** Adds the value to the draft and says what became of it. */
  take(part: Part, draft: Draft): 'taken' | 'absent' | Fault;
};

/** How one kind of carrier is read. @template Field what the operator declared about it. */
export type Readers<Field, Part> = {
  readonly text: (field: Field, shape: Shape) => Reader<string, Part>;
  readonly list: (field: Field, shape: Shape) => Reader<string[], Part>;
  readonly seconds: (field: Field) => Reader<number, Part>;
  readonly flag: (field: Field) => Reader<boolean, Part>;
  /** A claim of the operator's own. */
  readonly extra: (field: Field, text: Shape) => Reader<JsonValue, Part>;
};

export type Declared<Field> = {
  readonly name: string;
  readonly origin: string;
  readonly field: Field;
  readonly onInvalid?: 'reject' | 'drop' | undefined;
};

const ADDRESS = /^[!-+\--?A-~]+@[!-+\--?A-~]+$/; // one @, no blank, no comma
const GROUP = /^[!-~](?:[ -~]*[!-~])?$/;
const WORD = /^[!-~]+$/;
const DISPLAY = /^\S(?:.*\S)?$/su;

const display = (maxLength: number): Shape => ({ pattern: DISPLAY, maxLength });
const word: Shape = { pattern: WORD, maxLength: 255 };

type Step<Part> = (part: Part, draft: Draft) => Reading<unknown>;
type Build = <Field, Part>(field: Field, readers: Readers<Field, Part>, name: string) => Step<Part>;

const step =
  <Value, Part>(read: Reader<Value, Part>, put: (draft: Draft, value: Value) => void): Step<Part> =>
  (part, draft) => {
    const reading = read(part);
    if (reading.kind === 'read') put(draft, reading.value);
    return reading;
  };

const putClaim =
  (name: string) =>
  ({ claims }: Draft, value: JsonValue): void => {
    claims.set(name, value);
  };

const asText =
  (shape: Shape): Build =>
  (field, readers, name) =>
    step(readers.text(field, shape), putClaim(name));

const extra: Build = (field, readers, name) =>
  step(readers.extra(field, display(1024)), putClaim(name));

/** One entry for each attribute that Asteroid knows; every other name is a claim of the operator's. */
const BUILD: ReadonlyMap<string, Build> = new Map<string, Build>([
  ['email', asText({ pattern: ADDRESS, maxLength: 320 })],
  [
    'email_verified',
    (field, readers) =>
      step(readers.flag(field), ({ claims }, value) => {
        if (claims.has('email')) claims.set('email_verified', value);
      }),
  ],
  ['preferred_username', asText(display(255))],
  ['name', asText(display(1024))],
  [
    'groups',
    (field, readers) =>
      step(readers.list(field, { pattern: GROUP, maxLength: 255 }), putClaim('groups')),
  ],
  // How and when the upstream authenticated the End-User; what it does not say stays unsaid.
  [
    'auth_time',
    (field, readers) =>
      step(readers.seconds(field), ({ members }, value) => {
        members.authTime = value;
      }),
  ],
  [
    'acr',
    (field, readers) =>
      step(readers.text(field, word), ({ members }, value) => {
        members.acr = value;
      }),
  ],
  [
    'amr',
    (field, readers) =>
      step(readers.list(field, word), ({ members }, value) => {
        members.amr = value;
      }),
  ],
  [
    'sid',
    (field, readers) =>
      step(readers.text(field, word), ({ members }, value) => {
        members.sid = toSessionId(value);
      }),
  ],
]);

/** Relying Parties decide by these; nobody is kept out because of how their name is written. */
const REFUSED_WHEN_INVALID: ReadonlySet<string> = new Set([
  'email',
  'groups',
  'auth_time',
  'acr',
  'amr',
  'sid',
]);

/**
 * One per attribute that is declared, in that order: `email_verified` comes after `email`.
 * @param emailVerified what the operator says of every address; undefined: nothing.
 */
export const createAttributes = <Field, Part>(
  declared: readonly Declared<Field>[],
  readers: Readers<Field, Part>,
  emailVerified: boolean | undefined,
): readonly Attribute<Part>[] =>
  declared.map(({ name, origin, field, onInvalid }) => {
    const read = (BUILD.get(name) ?? extra)(field, readers, name);
    const refuses =
      onInvalid === undefined ? REFUSED_WHEN_INVALID.has(name) : onInvalid === 'reject';
    const verified = name === 'email' ? emailVerified : undefined;
    return {
      name,
      origin,
      take(part, draft) {
        const reading = read(part, draft);
        if (reading.kind === 'invalid') return refuses ? reading.fault : 'absent';
        if (reading.kind === 'absent') return 'absent';
        if (verified !== undefined) draft.claims.set('email_verified', verified);
        return 'taken';
      },
    };
  });
