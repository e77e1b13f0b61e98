// What a program may do to a test issuer from outside of its process, as values: who makes the answers
// and who carries them over HTTP know nothing else of each other.

import type { JsonValue } from '../protocol/claims.ts';

export type ControlMethod = 'GET' | 'PUT' | 'POST' | 'DELETE';

/** What one request said, before anybody looked at it. */
export type ControlRequest = {
  /** By the names in the path, decoded. */
  readonly names: { readonly [name: string]: string };
  /** Whatever JSON it was; undefined without a body. */
  readonly body: unknown;
};

type ControlAnswer = {
  readonly status: number;
  /** Undefined where there is nothing to say. */
  readonly body?: JsonValue;
};

export type ControlRoute = {
  readonly method: ControlMethod;
  /** From the first slash; `{name}` is one segment, whatever it is. */
  readonly path: string;
  readonly takesBody: boolean;
  /** Throws `ControlRefusal` for what the caller can put right. */
  readonly answer: (request: ControlRequest) => Promise<ControlAnswer>;
};

export type Control = {
  /** Whoever knows it may do all of it: anybody can be anybody at this issuer. */
  readonly token: string;
  readonly routes: readonly ControlRoute[];
};

/** `error` on the wire, and its status. */
export const CONTROL_ERRORS = {
  invalid_request: 400,
  not_found: 404,
  conflict: 409,
} as const;

export type ControlError = keyof typeof CONTROL_ERRORS;

/** What the caller of an operation got wrong, with what to do about it. */
export class ControlRefusal extends Error {
  readonly code: ControlError;

  constructor(code: ControlError, description: string) {
    super(description);
    this.name = 'ControlRefusal';
    this.code = code;
  }
}
