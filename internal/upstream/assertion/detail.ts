/** Why an assertion does not count; for the audit trail, since whoever forges learns from each of them. */
export type Detail =
  /** No signed token in compact form. */
  | 'form'
  | 'algorithm'
  | 'critical'
  | 'type'
  | 'kid'
  /** No key of the signer, or not exactly one, fits. */
  | 'key'
  | 'signature'
  /** No JSON object, or a time that is not a number. */
  | 'claims'
  | 'issuer'
  | 'audience'
  | 'signer'
  | 'client'
  | 'expired'
  | 'not_yet_valid'
  /** Issued in the future. */
  | 'issued_ahead'
  | 'too_old'
  /** A claim that is required to have one value has not. */
  | 'require'
  | 'subject';
