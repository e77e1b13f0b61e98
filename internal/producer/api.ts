// What tests may ask of a producer, and what they learn of it. Imports nothing, so that this file is the
// published declarations; `asteroid-oidc/test-issuer`.

/** What JSON can say. */
type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** The product to speak as, the app behind it, and who there is. */
export type ProducerTerms = {
  /** Name of a preset. */
  readonly emit: string;
  /** Origin of the app: `http://localhost:3000`. */
  readonly to: string;
  /** users.yaml, read again when it changes; or what would be in it. */
  readonly users: string | ReadonlyArray<{ readonly [claim: string]: JsonValue }>;
  /** Absent: a free one. */
  readonly port?: number;
  /** Everybody is this End-User. */
  readonly as?: string | undefined;
  /** Requests of nobody reach the app too. */
  readonly open?: boolean;
  readonly issuer?: string | undefined;
  readonly audience?: readonly string[] | undefined;
  /** ARN of a load balancer of AWS. */
  readonly signer?: string | undefined;
  /** Hears of a file of users that changed and cannot be read; those of before stay. */
  readonly onProblem?: (problem: string) => void;
};

/** One that listens. */
export type ListedProducer = {
  /** As people call it. */
  readonly url: string;
  readonly preset: string;
  /** Headers that say who is signed in. */
  readonly names: readonly string[];
  /** Where it answers itself. */
  readonly paths: readonly string[];
  /** What has to be known to verify its assertion; undefined where it signs none. */
  readonly signed: Signed | undefined;
  readonly stop: () => Promise<void>;
};

type Signed = {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly alg: string;
  /** URL of the JWK Set; of a load balancer of AWS, what its key ids come behind. */
  readonly keys: string;
  readonly signer: string | undefined;
};

/** Listens on 127.0.0.1 when it resolves; throws what whoever starts it can put right. */
export type StartProducer = (terms: ProducerTerms) => Promise<ListedProducer>;
