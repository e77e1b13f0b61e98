// What is known about a product that stands in front of Asteroid: where it says who the End-User is,
// the least proof it has to give, and the lines of its own configuration. A preset fills in what the
// operator left out; it never grants trust.

import type { JsonValue } from '../../protocol/claims.ts';
import type { GivenAssertion } from '../assertion/fill.ts';
import type { AuthService, Generator } from '../lines/setting.ts';
import type { FieldOptions, HeaderOptions, TrustOptions } from '../options.ts';

/** Templates, as in asteroid.yaml. */
export type PresetUrls = {
  readonly loginUrl?: string | undefined;
  readonly logoutUrl?: string | undefined;
  readonly reauthenticateUrl?: string | undefined;
};

type PlainSource = {
  readonly kind: 'headers';
  readonly headers: HeaderOptions;
  /**
   * The proxy itself removes a client's copies of all of these. Otherwise a header that the operator
   * did not mention may be one that their proxy does not set, and the client does.
   */
  readonly scrubs: boolean;
  /** An assertion may take the place of the headers. */
  readonly orAssertion: boolean;
};

/** What has to be written in `upstream.assertion`, because only the operator can know it. */
type Needs = { readonly [Member in 'issuer' | 'audience' | 'keys']?: string };

type SignedSource = {
  readonly kind: 'assertion';
  readonly assertion: GivenAssertion;
  readonly needs: Needs;
  /** What follows from the operator's word, such as where an issuer keeps its keys. */
  readonly derive?: (given: GivenAssertion) => GivenAssertion;
};

type Proof = {
  /** For people: what the preset insists on. */
  readonly needs: string;
  readonly suffices: (trust: TrustOptions) => boolean;
};

export type Preset = {
  /** What it is for, in a few words. */
  readonly about: string;
  readonly source: PlainSource | SignedSource;
  readonly proof: Proof;
  readonly urls?: PresetUrls;
  /** What only the operator knows, with placeholders, in the words of asteroid.yaml. */
  readonly example: {
    readonly trust: JsonValue;
    readonly assertion?: JsonValue;
    readonly listen?: JsonValue;
  };
  /** Whom the proxy asks who somebody is, where it does not know by itself. */
  readonly auth?: AuthService;
  /** Proxy → its own configuration; the first is the usual one. */
  readonly lines: { readonly [proxy: string]: Generator };
};

/** Nobody is kept out because of how their name is written. */
export const displayField = (name: string): FieldOptions => ({
  name,
  encoding: 'utf-8',
  onInvalid: 'drop',
});

export const anyProof: Proof = { needs: 'any', suffices: () => true };

export const secretOrSocket: Proof = {
  needs: 'unix_socket or secret',
  suffices: ({ unixSocket, secret }) => unixSocket === true || secret !== undefined,
};

/** The secret says which way a request came, the peer or the socket from whom. */
export const secretAndPlace: Proof = {
  needs: 'secret, and peers or unix_socket',
  suffices: ({ unixSocket, secret, peers = [] }) =>
    secret !== undefined && (unixSocket === true || peers.length > 0),
};

/** `secret` alone, with its default header. */
export const SECRET_EXAMPLE: JsonValue = { secret: { files: ['/run/secrets/upstream'] } };
