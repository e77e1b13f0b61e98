// One thing an operator may do by the Admin API: what it says, what is done, and what comes back. Values
// in, values out; method, path and status are data that somebody else carries over HTTP.

import type * as z from 'zod';
import type { JsonValue } from '../../protocol/claims.ts';
import type { Caller, Role } from '../caller.ts';
import type { AdminError } from '../refusal.ts';
import type { RouteMethod } from '../route.ts';
import type { ApiDeps } from './deps.ts';

/** Below which all paths of the Admin API are; another number is another API. */
export const BASE = '/admin/v1';

/** What is asked for, once it was held against the shapes of the operation. */
type AdminInput<Names = { readonly [name: string]: string }, Query = unknown, Body = unknown> = {
  /** By the names in the path, decoded. */
  readonly names: Names;
  readonly query: Query;
  readonly body: Body;
  /** The version that the caller believes it changes; undefined where it does not say. */
  readonly ifMatch: string | undefined;
  /** The caller believes that there is one, of whichever version (RFC 9110 §13.1.1). */
  readonly mustExist: boolean;
  /** Whoever may not ask for it was refused before. */
  readonly caller: Caller;
  /** For events: what becomes of it is on record under this. */
  readonly requestId: string;
};

type AdminAnswer<Body = JsonValue | undefined> = {
  /** Undefined where there is nothing to say. */
  readonly body: Body;
  /** Of what is told, for `If-Match`; undefined where it has none. */
  readonly version?: string | undefined;
};

export type AdminOperation = {
  /** As programs that are made from the description name it. */
  readonly id: string;
  readonly method: RouteMethod;
  /** Below `BASE`. */
  readonly path: string;
  readonly role: Role;
  /** One line, for people. */
  readonly says: string;
  readonly query: z.ZodObject | undefined;
  /** Undefined where nothing may be said. */
  readonly body: z.ZodType | undefined;
  /** 204 where there is no answer. */
  readonly status: 200 | 201 | 204;
  readonly answer: z.ZodType | undefined;
  /** What it may refuse beside what any operation may. */
  readonly errors: readonly AdminError[];
  /** Throws `AdminRefusal` for what the caller can put right, and `Unavailable`. */
  readonly run: (input: AdminInput, deps: ApiDeps) => Promise<AdminAnswer>;
};

type NamesOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesOf<Rest>
  : never;

/** Whatever is told is not changed by whoever carries it. */
type Told<Value> = Value extends readonly (infer Item)[]
  ? readonly Told<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: Told<Value[Name]> }
    : Value;

type Terms<Path extends string, Query extends z.ZodObject | undefined, Body, Answer> = {
  readonly id: string;
  readonly method: RouteMethod;
  readonly path: Path;
  readonly role: Role;
  readonly says: string;
  readonly query?: Query;
  readonly body?: z.ZodType<Body>;
  readonly status?: 201;
  readonly answer?: z.ZodType<Answer>;
  readonly errors?: readonly AdminError[];
  readonly run: (
    input: AdminInput<
      { readonly [Name in NamesOf<Path>]: string },
      Query extends z.ZodObject ? z.output<Query> : undefined,
      Body
    >,
    deps: ApiDeps,
  ) => Promise<AdminAnswer<Told<NoInfer<Answer>>>>;
};

/** The compiler holds what is done against the shapes of what is said and answered. */
export const operation = <
  const Path extends string,
  Query extends z.ZodObject | undefined = undefined,
  Body = undefined,
  Answer = undefined,
>(
  terms: Terms<Path, Query, Body, Answer>,
): AdminOperation => ({
  ...terms,
  query: terms.query,
  body: terms.body,
  answer: terms.answer,
  errors: terms.errors ?? [],
  status: terms.status ?? (terms.answer === undefined ? 204 : 200),
  // What it is handed was held against its own shapes, and its answer is JSON by them.
  run: terms.run as unknown as AdminOperation['run'],
});
