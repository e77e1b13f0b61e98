// Everything the upstream says beside the subject, each from exactly one declared header. No
// attribute proves who somebody is, and the absence of one never grants anything.

import type { JsonValue } from '../protocol/claims.ts';
import type { Identity } from '../protocol/identity.ts';
import { toSessionId } from '../protocol/ids.ts';
import { createExtraReader } from './extra.ts';
import {
  createParsedReader,
  createTextReader,
  type Fault,
  type Reader,
  type TextRules,
} from './fields.ts';
import { createListReader } from './lists.ts';
import type {
  EmailOptions,
  ExtraOptions,
  FieldOptions,
  HeaderOptions,
  ListOptions,
} from './options.ts';

/** What has been read so far. */
export type Draft = {
  readonly claims: Map<string, JsonValue>;
  readonly members: {
    -readonly [Name in 'authTime' | 'acr' | 'amr' | 'sid']?: NonNullable<Identity[Name]>;
  };
};

export type Attribute = {
  /** Its name in YAML, or its claim name. */
  readonly name: string;
  readonly header: string;
  /** Adds the value to the draft and says what became of it. */
  take(lines: readonly string[], draft: Draft): 'taken' | 'absent' | Fault;
};

type IsPlaceholder = TextRules['isPlaceholder'];
type Put<Value> = (draft: Draft, value: Value) => void;

const ADDRESS = /^[!-+\--?A-~]+@[!-+\--?A-~]+$/; // one @, no blank, no comma
const GROUP = /^[!-~](?:[ -~]*[!-~])?$/;
const WORD = /^[!-~]+$/;
const DISPLAY = /^\S(?:.*\S)?$/su;
const EPOCH_SECONDS = /^[1-9]\d{0,9}$/; // milliseconds would lie fifty thousand years ahead

/** One per header that is configured. */
export function createAttributes(
  headers: HeaderOptions,
  isPlaceholder: IsPlaceholder,
): readonly Attribute[] {
  const { email, groups } = headers;
  return [
    ...(email === undefined ? [] : createEmail(email, isPlaceholder)),
    ...(groups === undefined ? [] : [createGroups(groups, isPlaceholder)]),
    ...createDisplay(headers, isPlaceholder),
    ...createAuthentication(headers, isPlaceholder),
  ];
}

const createGroups = (field: ListOptions, isPlaceholder: IsPlaceholder): Attribute =>
  createAttribute(
    { name: 'groups', field },
    createListReader(field, { field, pattern: GROUP, maxLength: 255, isPlaceholder }),
    putClaim('groups'),
  );

/** Nobody is kept out because of how their name is written. */
function createDisplay(
  { preferredUsername, name, extra = {} }: HeaderOptions,
  isPlaceholder: IsPlaceholder,
): readonly Attribute[] {
  const display = (claim: string, field: ExtraOptions, maxLength: number): Attribute =>
    createAttribute(
      { name: claim, field, onInvalid: 'drop' },
      createExtraReader(
        field.type,
        createTextReader({ field, pattern: DISPLAY, maxLength, isPlaceholder }),
      ),
      putClaim(claim),
    );
  return [
    ...(preferredUsername === undefined
      ? []
      : [display('preferred_username', preferredUsername, 255)]),
    ...(name === undefined ? [] : [display('name', name, 1024)]),
    ...Object.entries(extra).map(([claim, field]) =>
      display(claim, field, field.type === 'json' ? 8 * 1024 : 1024),
    ),
  ];
}

const putClaim =
  (name: string): Put<JsonValue> =>
  ({ claims }, value) => {
    claims.set(name, value);
  };

/** `email_verified` is what the operator says, or a header of its own: never a guess. */
function createEmail(field: EmailOptions, isPlaceholder: IsPlaceholder): readonly Attribute[] {
  const { verified } = field;
  const email = createAttribute<string>(
    { name: 'email', field },
    createTextReader({ field, pattern: ADDRESS, maxLength: 320, isPlaceholder }),
    ({ claims }, value) => {
      claims.set('email', value);
      if (typeof verified === 'boolean') claims.set('email_verified', verified);
    },
  );
  if (typeof verified !== 'object') return [email];

  const flag = { name: verified.header };
  const text = createTextReader({ field: flag, pattern: WORD, maxLength: 5, isPlaceholder });
  return [
    email,
    createAttribute(
      { name: 'email_verified', field: flag, onInvalid: 'drop' },
      createExtraReader('bool', text),
      ({ claims }, value) => {
        if (claims.has('email')) claims.set('email_verified', value);
      },
    ),
  ];
}

/** How and when the upstream authenticated the End-User; what it does not say stays unsaid. */
function createAuthentication(
  { authTime, acr, amr, sid }: HeaderOptions,
  isPlaceholder: IsPlaceholder,
): readonly Attribute[] {
  const word = (field: FieldOptions, pattern = WORD): TextRules => ({
    field,
    pattern,
    maxLength: 255,
    isPlaceholder,
  });
  const attributes: Attribute[] = [];
  if (authTime !== undefined) {
    const reader = createParsedReader(createTextReader(word(authTime, EPOCH_SECONDS)), Number);
    attributes.push(
      createAttribute({ name: 'auth_time', field: authTime }, reader, ({ members }, value) => {
        members.authTime = value;
      }),
    );
  }
  if (acr !== undefined) {
    attributes.push(
      createAttribute({ name: 'acr', field: acr }, createTextReader(word(acr)), (draft, value) => {
        draft.members.acr = value;
      }),
    );
  }
  if (amr !== undefined) {
    const reader = createListReader(amr, word(amr));
    attributes.push(
      createAttribute({ name: 'amr', field: amr }, reader, ({ members }, value) => {
        members.amr = value;
      }),
    );
  }
  if (sid !== undefined) {
    attributes.push(
      createAttribute({ name: 'sid', field: sid }, createTextReader(word(sid)), (draft, value) => {
        draft.members.sid = toSessionId(value);
      }),
    );
  }
  return attributes;
}

type Declaration = {
  readonly name: string;
  readonly field: FieldOptions;
  /** Where the operator says nothing: Relying Parties decide by most attributes. */
  readonly onInvalid?: 'drop';
};

const createAttribute = <Value>(
  declaration: Declaration,
  read: Reader<Value>,
  put: Put<Value>,
): Attribute => {
  const { name, field } = declaration;
  const dropsInvalid = (field.onInvalid ?? declaration.onInvalid) === 'drop';
  return {
    name,
    header: field.name,
    take(lines, draft) {
      const reading = read(lines);
      if (reading.kind === 'invalid') return dropsInvalid ? 'absent' : reading.fault;
      if (reading.kind === 'absent') return 'absent';
      put(draft, reading.value);
      return 'taken';
    },
  };
};
