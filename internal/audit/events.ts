// What must be on record: one event for everything that grants, refuses or ends something.
// Events hold names and reasons, never a secret, a code or a token.

export type AuditEvent =
  | {
      readonly type: 'authorization.granted';
      readonly clientId: string;
      readonly subject: string;
      readonly authorizationId: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'authorization.refused';
      readonly clientId: string | undefined;
      readonly subject: string | undefined;
      /** The error code on the wire. */
      readonly error: string;
      readonly reason: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'authorization.ended';
      readonly authorizationId: string;
      readonly reason: 'code_replayed' | 'refresh_token_replayed' | 'revoked' | 'end_user_refused';
      readonly clientId: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'token.issued';
      readonly grantType: string;
      readonly clientId: string;
      readonly subject: string;
      readonly authorizationId: string | undefined;
      readonly requestId: string;
    }
  | {
      readonly type: 'token.refused';
      readonly grantType: string | undefined;
      readonly clientId: string | undefined;
      /** The error code on the wire. */
      readonly error: string;
      readonly reason: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'consent.given' | 'consent.denied';
      readonly clientId: string;
      readonly subject: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'identity.refused';
      readonly reason: string;
      readonly header: string | undefined;
      /** Which check of an assertion failed, or which of its claims is at fault. */
      readonly detail?: string;
      readonly peer: string | undefined;
      readonly requestId: string;
    };

/** Never throws and never makes a request wait. */
export type Audit = (event: AuditEvent) => void;
