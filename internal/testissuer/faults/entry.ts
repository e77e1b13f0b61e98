// An entry of the catalogue: what one fault does, and where. What it does is a function of values; what it
// needs beside them, it is given.

import type { PublicJwk } from '../../keys/keys.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse, Silence } from '../../oidc/endpoint.ts';
import type { Issuer } from '../../oidc/issuer.ts';
import type { Fields } from '../../oidc/query.ts';
import type { StepName } from '../api.ts';
import type { Draft, JwtKind } from './draft.ts';
import type { Flow } from './flows.ts';
import type { Shape, Values } from './parameters.ts';

/** A request, before the domain sees it. */
export type Asked = {
  readonly step: StepName;
  readonly request: ProtocolRequest;
  /** Who asks, as far as it says so. */
  readonly client: string | undefined;
  /** What is known of the flow that it belongs to. */
  readonly flow: Flow;
  /** What the issuer answers to such a request by itself. */
  readonly carryOut: Endpoint;
  /** The issuer as it is without faults. */
  readonly domain: Issuer;
};

/** How a fault has its way. The first two of them are asked about requests, the others about what is sent. */
export type Act =
  /** Something happens first, and another request is carried out, or none and this is the answer. */
  | {
      readonly kind: 'request';
      readonly fits: (asked: Asked) => boolean;
      readonly act: (asked: Asked) => Promise<ProtocolRequest | ProtocolResponse>;
    }
  | {
      readonly kind: 'answer';
      readonly fits: (response: ProtocolResponse) => boolean;
      readonly alter: (response: ProtocolResponse) => ProtocolResponse;
    }
  /** What reaches a client by way of the browser, however it travels. */
  | {
      readonly kind: 'authorization';
      readonly fits: (fields: Fields) => boolean;
      readonly alter: (fields: Fields) => Fields;
    }
  | {
      readonly kind: 'jwt';
      readonly of: readonly JwtKind[];
      readonly alter: (draft: Draft) => Draft;
    };

/** What a fault may need beside what it is about. */
export type Tools = {
  readonly issuerUrl: () => string;
  readonly now: () => number;
  readonly random: (bytes: number) => string;
  readonly publicKeys: () => readonly PublicJwk[];
  /** Whether the keys die with the process. */
  readonly ownsKeys: () => boolean;
  readonly rotate: (options: { readonly overlap: boolean }) => Promise<void>;
  /** Seconds; over at once when the issuer stops. */
  readonly wait: (seconds: number) => Promise<void>;
  /** The connection ends now, or with the issuer. */
  readonly silence: (ends: 'now' | 'late') => Silence;
};

export type FaultEntry = {
  /** One sentence. */
  readonly does: string;
  /** The check of a client that it is about, and who demands it. */
  readonly tests: string;
  /** What may be asked for in `when.step`; empty for what is sent without having been asked for. */
  readonly steps: readonly StepName[];
  /** Something is accepted that has to be refused. */
  readonly lax: boolean;
  /** It needs keys that die with the process: others sign nothing else, and rotate by themselves. */
  readonly needsOwnKeys: boolean;
  readonly with: Shape;
  /** Called once, when the fault is added, with what `with` says. */
  readonly make: (values: Values<Shape>, tools: Tools) => Act;
};

type Described<Of extends Shape> = Pick<FaultEntry, 'does' | 'tests' | 'steps'> & {
  readonly lax?: boolean;
  readonly with: Of;
  readonly make: (values: Values<Of>, tools: Tools) => Act;
};

/** Knows by its parameters what values it will be given. */
export const fault = <Of extends Shape>({
  lax = false,
  make,
  ...entry
}: Described<Of>): FaultEntry => ({
  ...entry,
  lax,
  needsOwnKeys: false,
  // Nobody calls it with anything but what `checkGiven` made of the same shape.
  make: (values, tools) => make(values as Values<Of>, tools),
});

/** The same entries under longer names. */
export const prefixed = <Prefix extends string, Name extends string>(
  prefix: Prefix,
  entries: { readonly [Key in Name]: FaultEntry },
): { readonly [Key in Name as `${Prefix}.${Key}`]: FaultEntry } =>
  // Object.fromEntries forgets which names there are.
  Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [`${prefix}.${name}`, entry]),
  ) as { readonly [Key in Name as `${Prefix}.${Key}`]: FaultEntry };
