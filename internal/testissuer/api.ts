// What tests may ask of a test issuer, the same inside of a process and over HTTP. Imports nothing, so
// that this file is the published declarations; `asteroid-oidc/test-issuer`.

/** What JSON can say. */
type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** Registered metadata names, as in clients.yaml, users.yaml and asteroid.yaml. */
export type Metadata = { readonly [member: string]: JsonValue };

/** What an issuer begins with. */
export type TestIssuerOptions = {
  /** As in clients.yaml; nobody may ask for anything when absent. */
  readonly clients?: readonly Metadata[];
  /** As in users.yaml: `sub` and standard claim names; there is no End-User when absent. */
  readonly users?: readonly Metadata[];
  /** Any other section of asteroid.yaml, e.g. `{ lifetimes: { access_token: '5m' } }`. */
  readonly config?: Metadata;
  /** Of 127.0.0.1; one that is free when absent, which is what parallel tests want. */
  readonly port?: number;
};

/** What a proxy would say of an End-User who has signed in there. */
export type SignedIn = {
  /** Whose `sub` it is. */
  readonly sub: string;
  /** Seconds since 1970, by the clock of the issuer; the moment of `signIn` when absent. */
  readonly auth_time?: number;
  /** The Authentication Context Class that was reached. */
  readonly acr?: string;
  /** Methods by which the End-User was authenticated (RFC 8176). */
  readonly amr?: readonly string[];
  /** Names the session at the proxy: another one is another sign-in. */
  readonly sid?: string;
  /** What the proxy says about the End-User beside what `users` says, which goes first. */
  readonly claims?: Metadata;
};

/** What `issue` is asked for. */
export type IssueRequest = {
  /** The `sub` of a user; absent: the client itself, as with client_credentials. */
  readonly as?: string;
  /** A `client_id`, whatever its authentication method: it has not to prove who it is. */
  readonly client: string;
  /** Separated by blanks; what the client may ask for when absent, offline_access aside. */
  readonly scope?: string;
  /** Added to the access token, and to the ID Token where there is one; never registered ones. */
  readonly claims?: Metadata;
  /** Of the access token and the ID Token: '5m', or seconds; what the configuration says when absent. */
  readonly expiresIn?: string | number;
  /** Whom the access token is for (RFC 8707). */
  readonly resource?: string | readonly string[];
};

/** As the token endpoint answers (RFC 6749 §5.1, OIDC Core §3.1.3.3). */
export type Tokens = {
  readonly access_token: string;
  readonly token_type: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly scope?: string;
  /** Only where an End-User is concerned and the scope has openid. */
  readonly id_token?: string;
  /** Only where the client is registered for the grant. */
  readonly refresh_token?: string;
};

/** The endpoint that was asked. */
export type StepName =
  | 'discovery'
  | 'jwks'
  | 'authorize'
  | 'push'
  | 'consent'
  | 'account'
  | 'review'
  | 'choose'
  | 'deviceAuthorization'
  | 'device'
  | 'token'
  | 'userinfo'
  | 'introspect'
  | 'revoke'
  | 'check'
  | 'register'
  | 'registeredClient'
  | 'endSession'
  | 'signOut'
  | 'signedOut';

/** One request and what became of it: the same in every run of a test, so that it can be a snapshot. */
export type Step = {
  /** The endpoint that was asked. */
  readonly step: StepName;
  /** Who asked, or was asked for; absent where nobody said. */
  readonly client?: string;
  /** The `sub` of the End-User; absent where none is concerned. */
  readonly user?: string;
  /** What was asked, by parameter; what is secret, or another in every run, is '[redacted]'. */
  readonly request: { readonly [parameter: string]: string | readonly string[] };
  /** Of HTTP. 0 where the connection was ended without an answer, which only a fault does. */
  readonly status: number;
  /** The error code of the standard, wherever in the answer it stood. */
  readonly error?: string;
  /**
   * Why, more exactly than a client is told, as the log would say: a row of docs/errors.md. Absent where
   * nothing was refused, or a fault alone did.
   */
  readonly reason?: string;
  /** Which faults had their way with it, in that order; absent without any. */
  readonly faults?: readonly FaultName[];
};

/** What may be wrong with the answer of any endpoint that programs call, whether it has a body or not. */
type AnswerFault = 'status' | 'slow' | 'timeout' | 'reset' | 'html' | 'redirect';
type BodyFault = AnswerFault | 'truncated' | 'content_type';

/** What may be wrong with any JWT. */
type JwtFault =
  | `${'iss' | 'aud' | 'typ'}.wrong`
  | `${'iss' | 'aud' | 'exp' | 'iat' | 'kid'}.missing`
  | 'exp.past'
  | `${'nbf' | 'iat'}.future`
  | 'kid.unknown'
  | `alg.${'none' | 'hs256'}`
  | `signature.${'corrupt' | 'unpublished'}`;

/** An entry of the catalogue of faults: docs/faults.md. */
export type FaultName =
  | `authorization.${'state.dropped' | 'state.changed' | 'iss.missing' | 'iss.wrong'}`
  | `authorization.${'code.changed' | 'code.missing' | 'error' | 'repeated'}`
  | `${'id_token' | 'access_token' | 'logout_token'}.${JwtFault}`
  | `id_token.${'sub' | 'azp' | 'nonce' | 'at_hash'}.wrong`
  | `id_token.${'sub' | 'nonce' | 'auth_time'}.missing`
  | 'id_token.auth_time.past'
  | `access_token.${'sub' | 'client_id' | 'jti' | 'scope'}.missing`
  | `logout_token.${'subject' | 'events' | 'jti'}.missing`
  | 'logout_token.nonce.present'
  | 'clock.skew'
  | 'pkce.unchecked'
  | 'redirect_uri.unchecked'
  | 'code.reuse.accepted'
  | `refresh_token.reuse.${'accepted' | 'refused'}`
  | 'keys.rotated'
  | `${'discovery' | 'jwks'}.${BodyFault}`
  | `discovery.${'issuer' | 'jwks_uri' | 'authorization_endpoint' | 'token_endpoint'}.missing`
  | 'discovery.issuer.wrong'
  | 'discovery.member.changed'
  | `jwks.${'empty' | 'stale'}`
  | `${'push' | 'token' | 'userinfo' | 'introspect' | 'deviceAuthorization'}.${BodyFault | 'error'}`
  | `revoke.${AnswerFault | 'error'}`
  | `token.${'access_token' | 'id_token' | 'refresh_token' | 'token_type' | 'expires_in'}.missing`
  | 'token.token_type.wrong'
  | 'token.expires_in.text'
  | 'token.scope.narrowed'
  | `userinfo.sub.${'wrong' | 'missing'}`
  | 'introspect.inactive'
  | 'introspect.active.missing';

/** One way to misbehave, and when. */
export type Fault = {
  /** What goes wrong. */
  readonly do: FaultName;
  /** All that is said has to fit; absent: every request. */
  readonly when?: {
    /** A `client_id`. */
    readonly client?: string;
    /** The `sub` of an End-User. */
    readonly user?: string;
    /** The endpoint. */
    readonly step?: StepName;
    /** Only the request of this number among those that fit the rest, counted from 1. */
    readonly nth?: number;
  };
  /** What the fault wants to know, e.g. a status or a number of seconds. */
  readonly with?: Metadata;
  /** How often; for ever when absent. */
  readonly times?: number;
};

/** A fault that was added, for taking it away again. */
export type AddedFault = { remove(): void };

/** One issuer: itself, and everything a test may do to it. Whatever cannot be done throws, and says why. */
export type TestIssuer = {
  /** The issuer identifier: discovery, and everything else, starts here. */
  readonly url: string;
  /**
   * From here on every browser of this issuer is that End-User, as if a proxy had said so, until
   * `signOut`, or until somebody else is chosen in it: where a client asks for another sign-in, browsers
   * are shown whom to choose from. A request with the header X-Authenticated-User is who the header says.
   */
  signIn(user: string | SignedIn): void;
  /**
   * From here on nobody is signed in, in no browser, also of those in which somebody was chosen: they are
   * shown whom to choose from.
   */
  signOut(): void;
  /** Straight to tokens, made by the code of the token endpoint, and alive at every other endpoint. */
  issue(request: IssueRequest): Promise<Tokens>;
  readonly clients: {
    /** Replaces one of the same `client_id`; in force when it resolves. */
    add(client: Metadata): Promise<void>;
    /** What it was given stops counting as if it had never been registered. */
    remove(clientId: string): Promise<void>;
    /** The `client_id` of each, those that it began with first. */
    list(): Promise<readonly string[]>;
  };
  readonly users: {
    /** Replaces one of the same `sub`; in force when it resolves. */
    add(user: Metadata): Promise<void>;
    /** Nothing is issued for this End-User any more. */
    remove(sub: string): Promise<void>;
    /** The `sub` of each that the chooser would show, those that it began with first. */
    list(): Promise<readonly string[]>;
  };
  readonly clock: {
    /** Seconds since 1970. */
    now(): number;
    /** '2h', '90s', or seconds; everything of this issuer follows, and nothing goes back. */
    advance(by: string | number): void;
  };
  readonly keys: {
    /**
     * Another key signs from here on. With `overlap`, the default, the one before stays published for as
     * long as its tokens live; without, it is gone, and what it signed counts nowhere any more. `alg` is
     * e.g. 'ES256'; every algorithm that has a key when absent.
     */
    rotate(options?: { readonly overlap?: boolean; readonly alg?: string }): Promise<void>;
  };
  readonly faults: {
    /** Until it is removed, or has happened as often as it says. */
    add(fault: Fault): AddedFault;
    /** `add` of one that happens once. */
    once(name: FaultName, options?: Metadata): AddedFault;
    /** Those that may still happen, in the order in which they were added. */
    list(): readonly Fault[];
    clear(): void;
  };
  /** Every request so far, in the order in which they were answered; of very many the last. */
  flows(): readonly Step[];
  /** Answers nothing more, and forgets everything. */
  stop(): Promise<void>;
};

/** The issuer that listens. Its `stop` ends those that were made of it as well. */
export type RootIssuer = TestIssuer & {
  /**
   * Another issuer on the same port, below a path of its own, which shares nothing with any other: for
   * one test. Clients, users and sections of the configuration that are not given are those of the root.
   */
  test(options?: Omit<TestIssuerOptions, 'port'>): Promise<TestIssuer>;
};

/** Listens on 127.0.0.1 when it resolves. Throws with everything that is wrong with the options at once. */
export type StartTestIssuer = (options?: TestIssuerOptions) => Promise<RootIssuer>;
