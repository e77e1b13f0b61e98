/** What a client says about DPoP (RFC 9449 §5.2). */
export type DpopMetadata = {
  /** Its tokens are always bound to a key: a request without a proof gets none. */
  readonly dpopBoundAccessTokens: boolean;
};
