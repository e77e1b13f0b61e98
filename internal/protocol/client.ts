import type { ClientBudgets } from './budget.ts';
import type { AssertionTerms } from './client-assertion.ts';
import type { ClientDescription } from './client-description.ts';
import type { DpopMetadata } from './client-dpop.ts';
import type { GrantTerms } from './client-grants.ts';
import type { ClientKeys } from './client-keys.ts';
import type { ProfileTerms } from './client-profile.ts';
import type { ClientRequests } from './client-requests.ts';
import type { ClientTls } from './client-tls.ts';
import type { TokenForms } from './client-tokens.ts';
import type { ClientId, Subject } from './ids.ts';
import type { SigningAlg } from './names.ts';

/**
 * One live secret of a client: SHA-256 of a random one, or scrypt (RFC 7914) of one that somebody
 * chose, slow on purpose and therefore computed once per process and presented value.
 */
export type ClientSecret =
  | { readonly kind: 'sha256'; readonly digest: Uint8Array }
  | {
      readonly kind: 'scrypt';
      readonly cost: number;
      readonly blockSize: number;
      readonly parallelization: number;
      readonly salt: Uint8Array;
      readonly hash: Uint8Array;
    }
  /**
   * What is signed with it cannot be checked by a hash (`client_secret_jwt`): a `KeyObject` of Node's,
   * which neither a log nor JSON shows, and which is compared by what it holds.
   */
  | { readonly kind: 'clear'; readonly key: object };

type ConsentPolicy = 'skip' | 'once' | 'always';

/** Lifetimes in seconds. */
export type Lifetimes = {
  readonly authorizationCode: number;
  /** Of a device code, and of the user code that belongs to it. */
  readonly deviceCode: number;
  readonly accessToken: number;
  readonly idToken: number;
  /** Sliding, with `offline_access`. */
  readonly refreshToken: number;
  /** From the sign-in, however often it is used. */
  readonly refreshTokenMax: number;
  /** Without `offline_access`. */
  readonly sessionRefreshToken: number;
  /** How long the same presented refresh token gets the same successor; 0 switches it off. */
  readonly refreshTokenGrace: number;
};

/** What `preferred_username` may be turned into, step by step. */
export const USERNAME_TRANSFORMS = ['local-part', 'lower', 'slug'] as const;
export type UsernameTransform = (typeof USERNAME_TRANSFORMS)[number];

/** A claim that is made of another one, for one client. */
export type ClaimMapping = {
  /** What it is called; never a claim that proves something. */
  readonly claim: string;
  readonly from: string;
  /** Entries that do not match as a whole are left out; undefined: all match. */
  readonly match: RegExp | undefined;
  /** Entries without it are left out: `team-admin` and `admin` must not both become `admin`. */
  readonly stripPrefix: string;
  /** Entry → what it becomes; what is not listed is left out. Undefined: they stay as they are. */
  readonly values: ReadonlyMap<string, string> | undefined;
};

/** A Relying Party's metadata as the domain sees it (RFC 7591 §2, OIDC Registration §2). */
export type Client = Registration &
  ClientDescription &
  ClientKeys &
  ClientTls &
  DpopMetadata &
  TokenForms &
  AssertionTerms &
  GrantTerms &
  ClientRequests &
  ProfileTerms;

type Registration = {
  readonly clientId: ClientId;
  readonly clientName: string | undefined;
  readonly redirectUris: readonly string[];
  /** Where it may send the browser after a sign-out (RP-Initiated Logout 1.0 §3.1). */
  readonly postLogoutRedirectUris: readonly string[];
  /** Where logout tokens go (Back-Channel Logout 1.0 §2.2). */
  readonly backchannelLogoutUri: string | undefined;
  /** What a sign-out loads in a frame (Front-Channel Logout 1.0 §2). */
  readonly frontchannelLogoutUri: string | undefined;
  readonly grantTypes: readonly string[];
  readonly tokenEndpointAuthMethod: string;
  readonly secrets: readonly ClientSecret[];
  /** What it may ask for; undefined means every scope of the issuer. */
  readonly scope: readonly string[] | undefined;
  readonly applicationType: 'web' | 'native';
  readonly idTokenSignedResponseAlg: SigningAlg;
  readonly idTokenClaims: 'all' | 'minimal';
  /** The audience of its access tokens where no `resource` is asked for. */
  readonly audience: readonly string[];
  /** Resources it may ask for (RFC 8707). */
  readonly resources: readonly string[];
  /** Resources it is the server of: it may introspect whatever is meant for them. */
  readonly serves: readonly string[];
  readonly consent: ConsentPolicy;
  readonly requirePkce: boolean;
  readonly requireAuthTime: boolean;
  readonly defaultMaxAge: number | undefined;
  /** `always` is the rule; `never` only for clients that authenticate. */
  readonly refreshTokenRotation: 'always' | 'never';
  /** prompt=none from an iframe of this client is answered. */
  readonly allowIframe: boolean;
  /** Who may sign in to it; undefined means everyone. Matching one list is enough. */
  readonly allow:
    | {
        readonly subjects: readonly Subject[];
        readonly groups: readonly string[];
        /** Of a verified email; compared without regard to the case of ASCII letters. */
        readonly emailDomains: readonly string[];
      }
    | undefined;
  /** In this order; empty: `preferred_username` stays as it is known. */
  readonly preferredUsernameTransform: readonly UsernameTransform[];
  readonly claimMappings: readonly ClaimMapping[];
  /**
   * The host whose clients are told the same pairwise subjects (OIDC Core §8.1); undefined: they are
   * told the subject itself, as every public client is.
   */
  readonly sectorIdentifier: string | undefined;
  /** What differs from the rules about clients; undefined: nothing does. */
  readonly rateLimits?: ClientBudgets | undefined;
  /** What differs from the issuer's lifetimes. */
  readonly lifetimes: Partial<Lifetimes>;
};

/** A public client has no credentials to lose (RFC 6749 §2.1). */
export const isPublic = (client: Client): boolean => client.tokenEndpointAuthMethod === 'none';
