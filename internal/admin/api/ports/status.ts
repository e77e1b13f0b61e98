/** What probes ask, and what only operators should know. */
type Status = {
  readonly issuer: string;
  /** Of Asteroid. */
  readonly version: string;
  /** Of Node. */
  readonly node: string;
  readonly ready: boolean;
  readonly dependencies: readonly { readonly name: string; readonly ready: boolean }[];
  /** How many processes serve, this one included. */
  readonly workers: number;
  /** Seconds since 1970: since when this process is there. */
  readonly startedAt: number;
  /** Seconds since 1970. */
  readonly now: number;
};

export type StatusReader = () => Promise<Status>;
