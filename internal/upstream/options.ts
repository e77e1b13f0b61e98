// What an operator may say about the upstream, resolved and in camelCase. Shapes only: `problems.ts`
// says what is wrong with them, `presets.ts` what is filled in where nothing was said.

/** How the proxy wrote a value; declared, never sniffed. */
export type Encoding = 'ascii' | 'utf-8' | 'latin1' | 'percent' | 'rfc2047' | 'base64url';

export type FieldOptions = {
  /** The header that carries it. */
  readonly name: string;
  readonly encoding?: Encoding | undefined;
  /** Source of a regular expression that the whole decoded value has to match. */
  readonly pattern?: string | undefined;
  /** `drop` leaves the claim out and lets the sign-in go on; the default for display claims. */
  readonly onInvalid?: 'reject' | 'drop' | undefined;
};

/** An unusable subject is always refused: without one there is nobody to sign in. */
export type SubjectOptions = Omit<FieldOptions, 'onInvalid'>;

export type EmailOptions = FieldOptions & {
  /** The only source of `email_verified`; left out, the claim is never sent. */
  readonly verified?: boolean | { readonly header: string } | undefined;
};

export type ListFormat = 'csv' | 'pipe' | 'space' | 'repeated' | 'json';

export type ListOptions = FieldOptions & {
  readonly format?: ListFormat | undefined;
  /** Only these are passed on, compared with what the upstream sent. */
  readonly allow?: readonly string[] | undefined;
  /** Put before every entry that is passed on. */
  readonly prefix?: string | undefined;
};

export type ExtraOptions = FieldOptions & {
  readonly type?: 'string' | 'int' | 'bool' | 'json' | undefined;
};

export type HeaderOptions = {
  readonly subject: SubjectOptions;
  readonly email?: EmailOptions | undefined;
  readonly preferredUsername?: FieldOptions | undefined;
  readonly name?: FieldOptions | undefined;
  readonly groups?: ListOptions | undefined;
  readonly authTime?: FieldOptions | undefined;
  readonly acr?: FieldOptions | undefined;
  readonly amr?: ListOptions | undefined;
  readonly sid?: FieldOptions | undefined;
  /** Claim name → the header that carries it. */
  readonly extra?: Readonly<Record<string, ExtraOptions>> | undefined;
};

/** Every entry that is present has to pass; an empty list of peers is not an entry. */
export type TrustOptions = {
  /** CIDRs, compared with the address of the socket and with nothing else. */
  readonly peers?: readonly string[] | undefined;
  readonly secret?:
    | {
        readonly header: string;
        /** The secrets' raw bytes, any of which will do; another array once they change. */
        readonly secrets: () => readonly Uint8Array[];
      }
    | undefined;
  readonly unixSocket?: boolean | undefined;
  readonly mtls?:
    | { readonly dnsSans: readonly string[]; readonly uriSans: readonly string[] }
    | undefined;
};

export type Transform = 'none' | 'lowercase-ascii' | { readonly stripDomain: string };

/** Where the keys of whoever signs the assertion come from. */
export type AssertionKeys =
  /** A JWK Set that is fetched, kept, and fetched again when a key is not in it. */
  | { readonly kind: 'uri'; readonly uri: string }
  /** The JSON text of a JWK Set; another text once the file changed. */
  | { readonly kind: 'file'; readonly text: () => string }
  /** One PEM a key id at the load balancer's region; `signer` and `client` are in the header. */
  | {
      readonly kind: 'alb';
      readonly region: string;
      /** ARN of the load balancer: any other one can sign for its own users (ALBeast). */
      readonly signer: string;
      /** Client id of the load balancer at its identity provider. */
      readonly client: string;
    };

/** Claim of the assertion that carries each attribute; `null` is not read. */
export type AssertionClaims = {
  readonly subject: string;
  readonly email?: string | null | undefined;
  /** Name of a boolean claim, or what is always the case. */
  readonly emailVerified?: string | boolean | null | undefined;
  readonly preferredUsername?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly groups?: string | null | undefined;
  readonly authTime?: string | null | undefined;
  readonly acr?: string | null | undefined;
  readonly amr?: string | null | undefined;
  readonly sid?: string | null | undefined;
  /** Claim of ours → claim of the assertion. */
  readonly extra?: Readonly<Record<string, string>> | undefined;
};

/** The End-User as a signed statement in one header; plain headers then say nothing. */
export type AssertionOptions = {
  readonly header: string;
  /** `bearer`: the header is `Authorization: Bearer …`, or shaped like it. */
  readonly scheme?: 'raw' | 'bearer' | undefined;
  /** Asymmetric ones only. */
  readonly algorithms: readonly string[];
  readonly keys: AssertionKeys;
  /** Required unless the keys are those of an ALB. */
  readonly issuer?: string | undefined;
  /** One of them has to be in `aud`. */
  readonly audience?: readonly string[] | undefined;
  /** Seconds since `iat`; default 15 minutes. */
  readonly maxAge?: number | undefined;
  /** Seconds by which the clocks may differ; default 60. */
  readonly clockSkew?: number | undefined;
  /** Claims that have to have exactly this value. */
  readonly require?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly claims: AssertionClaims;
  /** Only these groups pass; `prefix` is put before what passes. */
  readonly groups?: Pick<ListOptions, 'allow' | 'prefix'> | undefined;
  /** Plain headers whose mere presence is refused: the proxy should have removed them. */
  readonly rejectPlainHeaders?: readonly string[] | undefined;
};

/** What holds for both ways in which an upstream says who the End-User is. */
export type CommonOptions = {
  readonly trust: TrustOptions;
  /** Attributes without which nobody signs in, by their names in YAML or their claim names. */
  readonly required?: readonly string[] | undefined;
  /** Values that mean "nobody" to some proxy, compared without regard to case. */
  readonly rejectValues?: readonly string[] | undefined;
  readonly aliases?: 'reject' | 'ignore' | undefined;
  readonly subject?:
    | {
        /** Put before every subject, so that a second upstream can never collide. */
        readonly namespace?: string | undefined;
        readonly transform?: Transform | undefined;
        /** Refused without regard to case, after the transform. */
        readonly deny?: readonly string[] | undefined;
      }
    | undefined;
};

/** The upstream says it in headers, and its proof is all that speaks for them. */
export type PlainOptions = CommonOptions & {
  readonly headers: HeaderOptions;
  readonly assertion?: undefined;
};

/** The upstream hands over what somebody signed; plain headers are never read beside it. */
export type SignedOptions = CommonOptions & {
  readonly headers?: undefined;
  readonly assertion: AssertionOptions;
};

export type UpstreamOptions = PlainOptions | SignedOptions;

/** What may be declared about a header, whichever attribute it carries. */
export type AnyField = FieldOptions &
  Pick<ListOptions, 'format' | 'allow' | 'prefix'> &
  Pick<ExtraOptions, 'type'>;

export type DeclaredHeader = {
  /** Its name in YAML, or its claim name. */
  readonly attribute: string;
  readonly field: AnyField;
};

/** Every header that says something about the End-User; the secret is not one of them. */
export function listHeaders({ extra = {}, ...headers }: HeaderOptions): readonly DeclaredHeader[] {
  const { email, preferredUsername, authTime } = headers;
  const verified = typeof email?.verified === 'object' ? email.verified.header : undefined;
  const declared: ReadonlyArray<readonly [string, AnyField | undefined]> = [
    ['subject', headers.subject],
    ['email', email],
    ['email_verified', verified === undefined ? undefined : { name: verified }],
    ['preferred_username', preferredUsername],
    ['name', headers.name],
    ['groups', headers.groups],
    ['auth_time', authTime],
    ['acr', headers.acr],
    ['amr', headers.amr],
    ['sid', headers.sid],
    ...Object.entries(extra),
  ];
  return declared.flatMap(([attribute, field]) =>
    field === undefined ? [] : [{ attribute, field }],
  );
}

export type DeclaredClaim = {
  /** Its name in YAML, or the name of our claim. */
  readonly attribute: string;
  /** The claim of the assertion that carries it. */
  readonly claim: string;
};

/** Every claim of the assertion that is read as an attribute. */
export function listClaims({ extra = {}, ...claims }: AssertionClaims): readonly DeclaredClaim[] {
  const { emailVerified } = claims;
  const declared: ReadonlyArray<readonly [string, string | null | undefined]> = [
    ['subject', claims.subject],
    ['email', claims.email],
    ['email_verified', typeof emailVerified === 'string' ? emailVerified : undefined],
    ['preferred_username', claims.preferredUsername],
    ['name', claims.name],
    ['groups', claims.groups],
    ['auth_time', claims.authTime],
    ['acr', claims.acr],
    ['amr', claims.amr],
    ['sid', claims.sid],
    ...Object.entries(extra),
  ];
  return declared.flatMap(([attribute, claim]) =>
    typeof claim === 'string' ? [{ attribute, claim }] : [],
  );
}
