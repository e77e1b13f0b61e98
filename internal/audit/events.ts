// What must be on record: one event for everything that grants, refuses or ends something.
// Events hold names and reasons, never a secret, a code or a token.

export type AuditEvent =
  /** A header named a certificate of a client, and does not count. */
  | {
      readonly type: 'certificate.refused';
      readonly reason: string;
      readonly peer: string | undefined;
      readonly requestId: string;
    }
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
      /** Whom it named without proving to be that one, where nobody is proven; whoever asked chose it. */
      readonly claimedClientId?: string | undefined;
      readonly subject: string | undefined;
      /** The error code on the wire. */
      readonly error: string;
      readonly reason: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'authorization.ended';
      readonly authorizationId: string;
      readonly reason:
        | 'code_replayed'
        | 'refresh_token_replayed'
        | 'revoked'
        | 'end_user_refused'
        | 'signed_out'
        | 'session_replaced'
        | 'withdrawn'
        | 'ended_by_operator'
        | 'client_deleted';
      readonly clientId: string;
      /** The operator who ended it. */
      readonly actor?: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'token.issued';
      readonly grantType: string;
      readonly clientId: string;
      readonly subject: string;
      /** Who acts for the subject. */
      readonly actor: string | undefined;
      readonly authorizationId: string | undefined;
      readonly requestId: string;
    }
  | {
      readonly type: 'token.refused';
      readonly grantType: string | undefined;
      readonly clientId: string | undefined;
      readonly claimedClientId?: string | undefined;
      /** The error code on the wire. */
      readonly error: string;
      readonly reason: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'consent.given' | 'consent.denied' | 'consent.withdrawn';
      readonly clientId: string;
      readonly subject: string;
      /** The operator who withdrew it. */
      readonly actor?: string;
      readonly requestId: string;
    }
  /** A client registered itself, replaced what it is, or is no more. */
  | {
      readonly type: 'client.registered' | 'client.changed' | 'client.deleted';
      readonly clientId: string;
      /** The operator who did it; absent: the client itself. */
      readonly actor?: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'client.secret_added' | 'client.secret_retired';
      readonly clientId: string;
      readonly secretId: string;
      readonly actor: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'keys.rotated';
      /** Undefined: of every algorithm in use. */
      readonly alg: string | undefined;
      readonly actor: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'key.retired';
      readonly kid: string;
      readonly actor: string;
      readonly requestId: string;
    }
  /** Somebody had the files read again; what came of it is on record beside this. */
  | { readonly type: 'reload.asked'; readonly actor: string; readonly requestId: string }
  | {
      /** Whoever asked the Admin API may not. */
      readonly type: 'admin.refused';
      /** The error code on the wire. */
      readonly error: string;
      readonly reason: string;
      /** Whose credential it was, where that is known. */
      readonly actor: string | undefined;
      readonly peer: string | undefined;
      readonly requestId: string;
    }
  /** An operator has signed in to the console, or out of it. */
  | {
      readonly type: 'console.signed_in' | 'console.signed_out';
      readonly actor: string;
      readonly peer: string | undefined;
      readonly requestId: string;
    }
  | {
      /** An End-User tried the code of a device, and was shown nothing. */
      readonly type: 'user_code.refused';
      readonly subject: string;
      readonly reason: 'user_code_unknown' | 'user_code_tries';
      readonly requestId: string;
    }
  | {
      readonly type: 'session.ended';
      readonly sid: string;
      readonly subject: string;
      readonly reason: 'signed_out' | 'session_replaced' | 'ended_by_operator';
      /** The operator who ended it. */
      readonly actor?: string;
      readonly requestId: string;
    }
  | {
      /** An operator did that to an End-User of the userinfo backend `store`. */
      readonly type:
        | 'user.created'
        | 'user.changed'
        | 'user.disabled'
        | 'user.enabled'
        | 'user.deleted';
      readonly subject: string;
      /** The store did not say whether it was done. */
      readonly reason?: 'outcome_unknown';
      readonly actor: string;
      readonly requestId: string;
    }
  | {
      /** What backends remembered of an End-User, or of all of them, is asked again. */
      readonly type: 'userinfo.flushed';
      readonly subject: string | undefined;
      readonly actor: string;
      readonly requestId: string;
    }
  | {
      /** The End-User is asked whether to sign out, instead of just being signed out. */
      readonly type: 'sign_out.asked';
      readonly clientId: string | undefined;
      readonly subject: string;
      readonly reason: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'logout.delivered';
      readonly clientId: string;
      readonly sid: string;
      readonly attempts: string;
      readonly requestId: string;
    }
  | {
      readonly type: 'logout.failed';
      readonly clientId: string;
      readonly sid: string;
      readonly attempts: string;
      readonly reason:
        | 'delivery_refused'
        | 'delivery_exhausted'
        | 'address_forbidden'
        | 'outbox_full'
        | 'outbox_closed';
      readonly requestId: string;
    }
  /**
   * A client asked about a token, wanted one to end, or looked after its entry, and was refused: most often it is not
   * who it says. Undefined of a new entry, too.
   */
  | {
      readonly type: 'introspection.refused' | 'revocation.refused' | 'registration.refused';
      readonly clientId: string | undefined;
      readonly claimedClientId?: string | undefined;
      /** The error code on the wire. */
      readonly error: string;
      readonly reason: string;
      readonly requestId: string;
    }
  | {
      /** Somebody presented an access token that is of no use where they did. */
      readonly type: 'userinfo.refused' | 'check.refused';
      /** Whose token it is, as far as it is one of ours. */
      readonly clientId: string | undefined;
      readonly subject: string | undefined;
      /** The error code on the wire. */
      readonly error: string;
      readonly reason: string;
      readonly requestId: string;
    }
  | {
      /** A page of ours was asked for something that it does not do, or not for this End-User. */
      readonly type: 'sign_out.refused' | 'review.refused';
      /** As the proxy says. */
      readonly subject: string | undefined;
      /** The error code on the wire. */
      readonly error: string;
      readonly reason: string;
      readonly requestId: string;
    }
  | {
      /** A form of another site, or a name that is not ours: somebody's browser was led here. */
      readonly type: 'request.refused';
      /** As in the log. */
      readonly route: string;
      readonly reason: 'cross_site' | 'host_foreign';
      readonly requestId: string;
    }
  /** What signs and seals became another; one event of each process that learned of it. */
  | {
      readonly type: 'key.created' | 'key.added';
      /** The algorithm, or `seal`. */
      readonly kind: string;
      readonly kid: string | undefined;
      readonly file: string | undefined;
      /** Since when it signs, UTC. */
      readonly activeFrom: string;
    }
  | {
      readonly type: 'key.removed' | 'key.deleted';
      readonly kind: string | undefined;
      readonly kid: string | undefined;
      readonly file: string | undefined;
    }
  /** Another configuration came into force. Lists are names, with commas between them; undefined where there is nothing to name. */
  | {
      readonly type: 'configuration.reloaded';
      /** Options that say something else, with both values of numbers and switches. */
      readonly options: string | undefined;
      /** Options whose files hold something else. */
      readonly files: string | undefined;
      readonly clientsAdded: string | undefined;
      readonly clientsRemoved: string | undefined;
      readonly clientsChanged: string | undefined;
      /** Options that go on as they were until a restart. */
      readonly restartNeeded: string | undefined;
    }
  /** It could not, and the one of before stays in force. */
  | {
      readonly type: 'configuration.refused';
      readonly reason: 'configuration_invalid' | 'clients_lost' | 'pairwise_salt' | 'not_opened';
      /** Each as `file:line: key: what to do`. */
      readonly problems: string | undefined;
    }
  /** A process began to serve, or ended; one event of each process. */
  | { readonly type: 'issuer.started' | 'issuer.stopped'; readonly issuer: string }
  | {
      readonly type: 'identity.refused';
      readonly reason: string;
      readonly header: string | undefined;
      /** Which check of an assertion failed, or which of its claims is at fault. */
      readonly detail?: string;
      readonly peer: string | undefined;
      readonly requestId: string;
    }
  | {
      /** Somebody asked more often than a rule allows: once for each of them in its window. */
      readonly type: 'rate_limit.exceeded';
      readonly rule: string;
      /** What was counted. */
      readonly occasion: string;
      readonly reason: 'rate_limited';
      readonly clientId: string | undefined;
      readonly subject: string | undefined;
      readonly peer: string | undefined;
      readonly requestId: string;
    };

/** Never throws and never makes a request wait. */
export type Audit = (event: AuditEvent) => void;
