/** What profiles ask for beyond the metadata that others gave a name to. */
export type ProfileTerms = {
  /** An authorization request names its redirect URI, even where only one is registered. */
  readonly requireRedirectUri: boolean;
};
