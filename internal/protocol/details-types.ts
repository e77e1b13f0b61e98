// What an operator declares of a type of `authorization_details` (RFC 9396 §2).

/** Forms that a member can have: a list is one of texts, an object is shallow. */
export const MEMBER_KINDS = ['text', 'number', 'boolean', 'list', 'object'] as const;
export type MemberKind = (typeof MEMBER_KINDS)[number];

export type DetailsType = {
  /** For people: what is asked for. */
  readonly description: string;
  /** Name → form; nothing else may be in it. */
  readonly members: ReadonlyMap<string, MemberKind>;
  readonly required: readonly string[];
};
