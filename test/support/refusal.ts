import { OAuthError } from '../../internal/protocol/errors.ts';

export type Refusal = { readonly code: string; readonly reason: string };

/** What a synchronous call was refused with; throws when it was not. */
export function refusalOf(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof OAuthError) return { code: error.code, reason: error.reason };
    throw error;
  }
  throw new Error('it was not refused');
}
