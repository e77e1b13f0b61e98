// The two types everything meets at: what an endpoint is asked, and what it answers.
// Knows no Express, no sockets and no HTML; `http/` turns these into bytes and back.

import type { ClientCertificate } from '../protocol/client-certificate.ts';
import type { ClientDescription } from '../protocol/client-description.ts';
import type { Identity } from '../protocol/identity.ts';
import type { Words } from '../protocol/languages.ts';
import type { Params } from '../protocol/params.ts';
import type { Allowance } from '../ratelimit/limits.ts';

export type ProtocolRequest = {
  readonly method: string;
  /** The query of a GET, the form of a POST; never both. */
  readonly params: Params;
  /** JSON that was sent, not yet parsed; undefined where the route takes none. */
  readonly body?: string | undefined;
  /** The last segment of the path where that is a name; undefined elsewhere. */
  readonly segment?: string | undefined;
  /** Lower-case names; a header that was sent twice is absent and listed in `repeatedHeaders`. */
  readonly headers: { readonly [name: string]: string | undefined };
  readonly repeatedHeaders: readonly string[];
  /** Already proven by `upstream/`; always undefined on routes that do not read identity. */
  readonly identity: Identity | undefined;
  /** The session cookie as the browser sent it: to be unsealed, and no proof of who anybody is. */
  readonly session: string | undefined;
  /** Whose key the client has proven to hold; only on routes that programs call. */
  readonly certificate: ClientCertificate | undefined;
  /** Names this HTTP request in logs, and a spend's `attempt` in the store. */
  readonly requestId: string;
  /** How often whoever asks may; undefined: no rule is about such a request. */
  readonly allowance?: Allowance | undefined;
};

export type ProtocolResponse =
  | JsonResponse
  | {
      /** What is neither JSON nor a page: a JWT. */
      readonly kind: 'text';
      readonly status: number;
      readonly mediaType: string;
      readonly body: string;
      /** As of `json`. */
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** `location` is the exact string to send: a URL object would normalise it. */
  | {
      readonly kind: 'redirect';
      readonly location: string;
      readonly session?: SessionChange;
      /** A whole `Set-Cookie` value, of a page that stands in for the sign-in of a proxy. */
      readonly cookie?: string;
    }
  | {
      readonly kind: 'form_post';
      readonly action: string;
      readonly fields: Readonly<Record<string, string>>;
      readonly session?: SessionChange;
    }
  | {
      readonly kind: 'page';
      readonly status: number;
      readonly page: Page;
      /** `ui_locales` of the request that it is about; absent: that of the address, or none. */
      readonly uiLocales?: string;
      readonly session?: SessionChange;
    }
  | { readonly kind: 'empty'; readonly status: 200 | 204 }
  | Silence;

/**
 * No answer, and the end of the connection at that moment: what is lost on the way. No endpoint of the
 * domain is silent; an issuer that was told to misbehave is (`Between` of `app/assemble.ts`).
 */
export type Silence = { readonly kind: 'silence'; readonly until: Promise<void> };

/** What the session cookie of this browser becomes. */
export type SessionChange = {
  /** Sealed; base64url. */
  readonly value: string;
  /** Seconds. */
  readonly maxAge: number;
};

export type JsonResponse = {
  readonly kind: 'json';
  readonly status: number;
  readonly body: object;
  /** Beyond what every answer gets, e.g. WWW-Authenticate. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds a shared cache may keep it; absent means `no-store`. */
  readonly maxAge?: number;
};

export type ShownScope = {
  readonly name: string;
  /** The operator's words; undefined: a standard one, or nobody says what it means but its name. */
  readonly description: Words | undefined;
};

/** Pages of a client's own; its logo is a picture. */
export type ClientLinks = Pick<ClientDescription, 'clientUri' | 'policyUri' | 'tosUri' | 'logoUri'>;

/** One of `authorization_details`: what the operator calls it, and what it is about. */
export type DetailsText = {
  readonly description: string;
  readonly members: ReadonlyArray<readonly [string, string]>;
};

/** The fields of the chooser's form, in the order in which they are shown. */
export const CHOOSER_FIELDS = [
  'sub',
  'name',
  'email',
  'email_verified',
  'groups',
  'acr',
  'amr',
  'ago',
  'claims',
] as const;

/** What is in each is as it was typed. */
export type ChooserField = (typeof CHOOSER_FIELDS)[number];

/** What is wrong in a field of the chooser, for the page to say in words. */
export type ChooserProblem = {
  readonly kind:
    | 'sub'
    | 'email'
    | 'web_page'
    | 'birthdate'
    | 'reserved'
    | 'value'
    | 'own_field'
    | 'not_json'
    | 'no_object'
    | 'too_deep'
    | 'ago'
    | 'too_long'
    | 'too_much';
  /** Which one it is about, or which part of it. */
  readonly claim?: string;
  /** What the rules of users.yaml say, in their own words. */
  readonly rule?: string;
};

/** Asks which End-User to be, where no proxy says it. */
export type ChooserPage = {
  readonly kind: 'chooser';
  /** Undefined where no client waits for an answer, which then cannot be denied either. */
  readonly clientName: string | undefined;
  /** Where the browser ends up, one after the other. */
  readonly leadsTo: readonly string[];
  /** Whom this browser has chosen before. */
  readonly current: string | undefined;
  /** By claims that were entered here, and can be kept. */
  readonly isEntered: boolean;
  /** Whom the client asks for. */
  readonly wanted: string | undefined;
  /** Those to be shown, in this order. */
  readonly users: readonly ChooserUser[];
  /** How many more there are, and what was looked for. */
  readonly search: { readonly query: string; readonly more: number; readonly isShown: boolean };
  /** What the client wishes as `acr`, to be stated with whoever is chosen. */
  readonly acrValues: readonly string[];
  /** What comes back with every form of the page. */
  readonly hidden: ReadonlyArray<readonly [string, string]>;
  readonly form: {
    readonly isOpen: boolean;
    readonly values: { readonly [Field in ChooserField]: string };
    readonly problems: { readonly [Field in ChooserField]?: ChooserProblem };
  };
};

export type ChooserUser = { readonly subject: string; readonly name: string };

/** What the buttons of a review have just ended; a name is that of the client. */
export type ReviewNotice =
  | { readonly kind: 'application' | 'sign_in'; readonly clientName: string }
  | { readonly kind: 'everything' };

/** One client that an End-User granted something. Times are in seconds since 1970. */
export type ReviewedApplication = {
  readonly clientName: string;
  /** False: it is no client any more, and nothing but this is known of it. */
  readonly isKnown: boolean;
  readonly links: ClientLinks;
  /** Where its codes were sent. */
  readonly hosts: readonly string[];
  readonly scope: readonly ShownScope[];
  /** When it was let in first, of what stands. */
  readonly since: number;
  /** Undefined where nothing of it was used yet. */
  readonly usedAt: number | undefined;
  /** What was agreed to is remembered, and not asked again. */
  readonly isRemembered: boolean;
  /** The latest first; those that are not shown are counted. */
  readonly signIns: readonly ReviewedSignIn[];
  readonly others: number;
  readonly handle: string;
};

/** What one browser or one device holds of a client. */
export type ReviewedSignIn = {
  readonly where: 'this_browser' | 'browser' | 'device';
  readonly since: number;
  readonly usedAt: number | undefined;
  /** It outlives a sign-out. */
  readonly isOffline: boolean;
  readonly handle: string;
};

/** Data only; `http/pages/` draws it. */
export type Page =
  | {
      readonly kind: 'error';
      readonly code: string;
      /** Never shown: it decides which words are. */
      readonly reason?: string;
      readonly description: string;
      readonly requestId: string;
    }
  | {
      readonly kind: 'consent';
      readonly clientName: string;
      /** What the client says of itself: https URLs. */
      readonly links: ClientLinks;
      /** Where the answer will be sent, for the End-User to recognise. */
      readonly redirectHost: string;
      readonly redirectUri: string;
      readonly subject: string;
      readonly scope: readonly ShownScope[];
      /** Where that is for (RFC 8707); empty: wherever it is taken. */
      readonly resource: readonly string[];
      /** What is asked for beyond scopes, in words (RFC 9396 §2). */
      readonly details: readonly DetailsText[];
      /** Proves at POST /consent that this page was shown. */
      readonly handle: string;
    }
  | {
      readonly kind: 'account';
      readonly clientName: string;
      /** Who is signed in, and may be asked to stay. */
      readonly subject: string;
      /** Whom the client asks for; undefined where it asks for nobody in particular. */
      readonly wanted: string | undefined;
      /** Whether going on as `subject` is an answer. */
      readonly canContinue: boolean;
      /** URLs that the buttons may lead to in the end. */
      readonly leadsTo: readonly string[];
      readonly handle: string;
    }
  | {
      /** Asks for the code that a device shows. */
      readonly kind: 'user_code';
      /** Why it is asked again; undefined where it is not. */
      readonly problem: 'unknown' | 'too_many' | undefined;
    }
  | {
      /** Asks whether the device that shows this code may go on. */
      readonly kind: 'device';
      readonly clientName: string;
      readonly subject: string;
      /** As the device shows it. */
      readonly userCode: string;
      readonly scope: readonly ShownScope[];
      /** What it asks for beside scopes (RFC 9396). */
      readonly details: readonly DetailsText[];
      readonly handle: string;
    }
  | { readonly kind: 'device_answered'; readonly allowed: boolean }
  | ChooserPage
  | {
      /** What an End-User has granted, for them to look at and to end. */
      readonly kind: 'review';
      readonly subject: string;
      /** What has just been done about it. */
      readonly notice: ReviewNotice | undefined;
      readonly applications: readonly ReviewedApplication[];
      /** There is more than is shown. */
      readonly isPartial: boolean;
    }
  | {
      /** Asks whether all of it is to end. */
      readonly kind: 'review_all';
      readonly subject: string;
      readonly clientNames: readonly string[];
      readonly handle: string;
    }
  | {
      /** Asks whether to sign out. */
      readonly kind: 'sign_out';
      /** Undefined where no client is known for certain. */
      readonly clientName: string | undefined;
      /** Undefined where nobody but a cookie says who this is. */
      readonly subject: string | undefined;
      /** Where the answer to the form may lead the browser, one after the other. */
      readonly leadsTo: readonly string[];
      readonly handle: string;
    }
  | { readonly kind: 'signed_out'; readonly stayed: boolean }
  | {
      readonly kind: 'front_channel_logout';
      /** One URL for each client that is told in a frame. */
      readonly frames: readonly string[];
      /** Where the browser goes when all were loaded; undefined: to our page that says that it is done. */
      readonly next: string | undefined;
    };

export type Endpoint = (request: ProtocolRequest) => Promise<ProtocolResponse>;
