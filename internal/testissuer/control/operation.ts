// One thing a program may do to a test issuer: what it says, what is done, and what comes back. Values
// in, values out; method, path and status are data that somebody else carries over HTTP.

import type * as z from 'zod';
import { readBody } from '../../admin/api/openapi/read.ts';
import type { ControlMethod, ControlRequest } from '../../admin/control.ts';
import type { JsonValue } from '../../protocol/claims.ts';
import type { Issuers } from './issuers.ts';

export type Operation = {
  /** As programs that are made from the description name it. */
  readonly id: string;
  readonly method: ControlMethod;
  /** Below `/dev/v1`. */
  readonly path: string;
  /** One line, for people. */
  readonly says: string;
  /** Undefined where nothing may be said. */
  readonly body: z.ZodType | undefined;
  /** 204 where there is no answer. */
  readonly status: 200 | 201 | 204;
  readonly answer: z.ZodType | undefined;
  /** Throws `AdminRefusal`, or what the issuer throws. */
  readonly run: (issuers: Issuers, request: ControlRequest) => Promise<JsonValue | undefined>;
};

type NamesOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesOf<Rest>
  : never;

type Asked<Path extends string, Body> = {
  readonly issuers: Issuers;
  readonly names: { readonly [Name in NamesOf<Path>]: string };
  readonly body: Body;
};

/** Whatever is told is not changed by whoever carries it. */
type Told<Value> = Value extends readonly (infer Item)[]
  ? readonly Told<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: Told<Value[Name]> }
    : Value;

type Terms<Path extends string, Body, Answer> = {
  readonly id: string;
  readonly method: ControlMethod;
  readonly path: Path;
  readonly says: string;
  readonly body?: z.ZodType<Body>;
  readonly status?: 201;
  readonly answer?: z.ZodType<Answer>;
  readonly run: (asked: Asked<Path, Body>) => Outcome<NoInfer<Answer>>;
};

type Outcome<Answer> = Told<Answer> | Promise<Told<Answer>>;

/** The compiler holds what is done against the shapes of what is said and answered. */
export const operation = <const Path extends string, Body = undefined, Answer = void>({
  run,
  ...terms
}: Terms<Path, Body, Answer>): Operation => ({
  ...terms,
  body: terms.body,
  answer: terms.answer,
  status: terms.status ?? (terms.answer === undefined ? 204 : 200),
  async run(issuers, { names, body }) {
    // The names are those of the path, and the body is undefined where there is no shape for one.
    const asked = { issuers, names, body: terms.body && readBody(terms.body, body) };
    const answer = await run(asked as Asked<Path, Body>);
    return answer as JsonValue | undefined;
  },
});
