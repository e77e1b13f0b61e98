// What the caller of an operation got wrong, as a word for programs and a sentence for people.

/** `error` on the wire, and its status. */
export const ADMIN_ERRORS = {
  invalid_request: 400,
  invalid_token: 401,
  insufficient_role: 403,
  not_found: 404,
  conflict: 409,
  precondition_failed: 412,
  temporarily_unavailable: 503,
} as const;

export type AdminError = keyof typeof ADMIN_ERRORS;

/** @param description what to do about it; nothing that was sent is repeated in it but names. */
export class AdminRefusal extends Error {
  readonly code: AdminError;
  /** Of the answer, beside those that every answer has. */
  readonly headers: { readonly [name: string]: string };

  constructor(code: AdminError, description: string, headers: AdminRefusal['headers'] = {}) {
    super(description);
    this.name = 'AdminRefusal';
    this.code = code;
    this.headers = headers;
  }
}
