// Every refusal that Asteroid puts on the wire, and the one failure that is nobody's fault.
// Imports nothing; knows statuses and texts, but not how they are written or logged.

/** Every error code Asteroid answers with, and its HTTP status at endpoints that answer JSON. */
const ERROR_STATUS = {
  invalid_request: 400, // RFC 6749 §5.2
  invalid_client: 401, // RFC 6749 §5.2
  invalid_grant: 400, // RFC 6749 §5.2
  unauthorized_client: 400, // RFC 6749 §5.2
  unsupported_grant_type: 400, // RFC 6749 §5.2
  invalid_scope: 400, // RFC 6749 §5.2
  access_denied: 400, // RFC 6749 §4.1.2.1
  unsupported_response_type: 400, // RFC 6749 §4.1.2.1
  server_error: 500, // RFC 6749 §4.1.2.1
  temporarily_unavailable: 503, // RFC 6749 §4.1.2.1
  login_required: 400, // OIDC Core §3.1.2.6
  interaction_required: 400, // OIDC Core §3.1.2.6
  consent_required: 400, // OIDC Core §3.1.2.6
  account_selection_required: 400, // OIDC Core §3.1.2.6
  request_not_supported: 400, // OIDC Core §3.1.2.6
  request_uri_not_supported: 400, // OIDC Core §3.1.2.6
  registration_not_supported: 400, // OIDC Core §3.1.2.6
  invalid_request_object: 400, // RFC 9101 §7
  invalid_request_uri: 400, // RFC 9101 §7
  invalid_authorization_details: 400, // RFC 9396 §5
  unmet_authentication_requirements: 400, // OIDC Unmet Authentication Requirements §2
  invalid_target: 400, // RFC 8707 §2
  authorization_pending: 400, // RFC 8628 §3.5
  slow_down: 400, // RFC 8628 §3.5
  expired_token: 400, // RFC 8628 §3.5
  unsupported_token_type: 400, // RFC 7009 §2.2.1
  invalid_token: 401, // RFC 6750 §3.1
  insufficient_scope: 403, // RFC 6750 §3.1
  invalid_dpop_proof: 400, // RFC 9449 §5
  use_dpop_nonce: 400, // RFC 9449 §8
  invalid_redirect_uri: 400, // RFC 7591 §3.2.2
  invalid_client_metadata: 400, // RFC 7591 §3.2.2
  invalid_software_statement: 400, // RFC 7591 §3.2.2
  unapproved_software_statement: 400, // RFC 7591 §3.2.2
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_STATUS;

export type OAuthErrorOptions = {
  /** Replaces the public text; a fixed sentence, never what the caller sent. */
  readonly description?: string;
  /** A lower_snake word of docs/errors.md: for the log and the audit trail, never for the wire. */
  readonly reason?: string;
  /** Beside what every answer gets: public, as `description` is. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of that of the code: a form of ours that nobody was shown is no matter of OAuth. */
  readonly status?: 403;
  readonly cause?: unknown;
};

/**
 * The only error that reaches a client: `description` and `headers` are public, `reason` and `cause`
 * are not.
 */
export class OAuthError extends Error {
  readonly code: ErrorCode;
  readonly description: string;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;

  constructor(code: ErrorCode, description: string, options: OAuthErrorOptions = {}) {
    super(`${code}: ${options.description ?? description}`, { cause: options.cause });
    this.name = 'OAuthError';
    this.code = code;
    this.description = options.description ?? description;
    this.reason = options.reason ?? code;
    this.headers = options.headers ?? {};
    this.status = options.status ?? ERROR_STATUS[code];
  }
}

const refusal =
  (code: ErrorCode, description: string) =>
  (options?: OAuthErrorOptions): OAuthError =>
    new OAuthError(code, description, options);

export const invalidRequest = refusal('invalid_request', 'the request is malformed');
export const invalidClient = refusal('invalid_client', 'client authentication failed');
export const invalidGrant = refusal(
  'invalid_grant',
  'the grant is invalid, expired, revoked or already used',
);
export const unauthorizedClient = refusal(
  'unauthorized_client',
  'this client is not registered for this',
);
export const unsupportedGrantType = refusal(
  'unsupported_grant_type',
  'this grant type is not supported',
);
export const invalidScope = refusal('invalid_scope', 'the scope is malformed or not available');
export const accessDenied = refusal('access_denied', 'access was denied');
export const unsupportedResponseType = refusal(
  'unsupported_response_type',
  'the response type has to be code',
);
export const loginRequired = refusal('login_required', 'the End-User has to sign in');
export const interactionRequired = refusal(
  'interaction_required',
  'the End-User has to do something first',
);
export const consentRequired = refusal('consent_required', 'the End-User has to consent');
export const accountSelectionRequired = refusal(
  'account_selection_required',
  'the End-User has to choose an account',
);
export const requestNotSupported = refusal(
  'request_not_supported',
  'request objects are not supported',
);
export const requestUriNotSupported = refusal(
  'request_uri_not_supported',
  'request_uri is not supported',
);
export const registrationNotSupported = refusal(
  'registration_not_supported',
  'the registration parameter is not supported',
);
export const invalidRequestObject = refusal(
  'invalid_request_object',
  'the request object is malformed, outdated or not signed as it has to be',
);
export const invalidRequestUri = refusal(
  'invalid_request_uri',
  'the request_uri is unknown, expired, used already or of another client: go back to the application',
);
export const invalidAuthorizationDetails = refusal(
  'invalid_authorization_details',
  'the authorization_details are malformed, unknown or not allowed',
);
export const unmetAuthenticationRequirements = refusal(
  'unmet_authentication_requirements',
  'the authentication that was asked for did not take place',
);
export const invalidTarget = refusal('invalid_target', 'the resource is unknown or not allowed');
export const authorizationPending = refusal(
  'authorization_pending',
  'the End-User has not answered yet',
);
export const slowDown = refusal('slow_down', 'wait five seconds longer between two requests');
export const expiredToken = refusal('expired_token', 'the device code has expired');
export const unsupportedTokenType = refusal(
  'unsupported_token_type',
  'this kind of token cannot be revoked',
);
export const invalidToken = refusal('invalid_token', 'the token is invalid, expired or revoked');
export const insufficientScope = refusal('insufficient_scope', 'the token lacks the scope');
export const invalidDpopProof = refusal(
  'invalid_dpop_proof',
  'the DPoP proof is missing, malformed or not for this request',
);
export const useDpopNonce = refusal(
  'use_dpop_nonce',
  'the DPoP proof has to contain the nonce of this answer',
);
export const invalidClientMetadata = refusal(
  'invalid_client_metadata',
  'the metadata of the client cannot be registered',
);
export const invalidSoftwareStatement = refusal(
  'invalid_software_statement',
  'the software statement does not count',
);
export const unapprovedSoftwareStatement = refusal(
  'unapproved_software_statement',
  'software statements of this issuer are not accepted',
);

type Dependency = 'store' | 'userinfo' | 'keys' | 'hook';

/**
 * Something we depend on did not answer in time: becomes 503 `temporarily_unavailable` with
 * `Retry-After`, never a refusal. Clients delete refresh tokens on `invalid_grant`.
 */
export class Unavailable extends Error {
  readonly dependency: Dependency;

  constructor(dependency: Dependency, operation: string, cause?: unknown) {
    super(`${dependency} did not answer: ${operation}`, { cause });
    this.name = 'Unavailable';
    this.dependency = dependency;
  }
}

/** Codes that no client takes for an answer to what it asked. */
type LaterCode = Extract<ErrorCode, 'temporarily_unavailable' | 'slow_down'>;

/** Somebody asks too often. Nothing was decided about what they ask for (RFC 6585 §4). */
export class RateLimited extends Error {
  /** Whole seconds. */
  readonly retryAfter: number;
  readonly code: LaterCode;

  constructor(retryAfter: number, code: LaterCode = 'temporarily_unavailable') {
    super('rate limited');
    this.name = 'RateLimited';
    this.retryAfter = retryAfter;
    this.code = code;
  }
}
