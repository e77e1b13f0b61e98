type KeyEntry = {
  readonly kid: string;
  readonly alg: string;
  readonly state: 'next' | 'signing' | 'published' | 'retired' | 'expired';
  /** Seconds since 1970, as `until`. */
  readonly active_from: number;
  /** When that ends by itself; absent while no later key replaces it. */
  readonly until?: number;
};

/** What changes throws `AdminRefusal` and `Unavailable`; all processes know by then. */
export type KeyDirectory = {
  /** Where keys live, as the configuration has it. */
  readonly source: () => string;
  list(): readonly KeyEntry[];
  rotate(alg: string | undefined, immediately: boolean): Promise<void>;
  retire(kid: string): Promise<void>;
};
