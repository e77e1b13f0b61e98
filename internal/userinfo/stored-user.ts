// An End-User as the store of the issuer keeps one: a text that the store does not read.

import type { Claims, JsonValue } from '../protocol/claims.ts';

export type StoredUser = {
  readonly claims: Claims;
  readonly isDisabled: boolean;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly changedAt: number;
};

/** As the store keeps it. */
export const printStoredUser = ({ claims, isDisabled, createdAt, changedAt }: StoredUser): string =>
  JSON.stringify({ claims, created_at: createdAt, changed_at: changedAt, disabled: isDisabled });

/** Undefined for what `printStoredUser` did not write. */
export function parseStoredUser(text: string): StoredUser | undefined {
  const user = parseObject(text);
  if (user === undefined) return undefined;
  const { claims, disabled, created_at: createdAt, changed_at: changedAt } = user;
  if (!isObject(claims) || typeof disabled !== 'boolean') return undefined;
  if (typeof createdAt !== 'number' || typeof changedAt !== 'number') return undefined;
  return { claims, isDisabled: disabled, createdAt, changedAt };
}

function parseObject(text: string): { readonly [name: string]: JsonValue } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is { readonly [name: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
