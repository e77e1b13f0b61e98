// What a client sent about itself, as far as it is JSON of one meaning, and what a software statement
// makes of it.

import type { JsonValue } from '../../protocol/claims.ts';
import { invalidClientMetadata, OAuthError } from '../../protocol/errors.ts';
import type { Members } from '../../protocol/jwt.ts';
import { parseJsonText } from '../json-text.ts';
import type { Judgement } from './registration.ts';

/** A JWK Set of a few long keys, and a lot of URIs. */
const BOUNDS = { maxLength: 64 * 1024, maxDepth: 8 };

/**
 * Throws `invalid_client_metadata` unless the body is one object whose names are all different. The
 * members have no prototype, so that none of them is special.
 */
export function readMembers(body: string | undefined): Members {
  const json: JsonValue | undefined = parseJsonText(body ?? '', BOUNDS);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw invalidClientMetadata({
      description: 'the body has to be one JSON object without repeated names',
      reason: 'client_metadata_malformed',
    });
  }
  return Object.freeze(Object.assign(Object.create(null), json));
}

/** Throws what the judgement says, if that is no. */
export function accepted(judgement: Judgement): Members {
  if (judgement.ok) return judgement.metadata;
  const { error, description } = judgement;
  throw new OAuthError(error, description, { reason: error });
}

/** The text of a member, if it is text and there. */
export function readText(members: Members, name: string): string | undefined {
  const value = members[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw invalidClientMetadata({ description: `${name}: has to be text` });
}
