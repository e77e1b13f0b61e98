// The document of `sector_identifier_uri` (OIDC Core §8.1, OIDC Registration §5): the only thing that is
// fetched at a registration. Clients of one sector can compare what they know of End-Users, so that
// the host has to list each of their redirect URIs.

import { OutboundError, readText as readAnswer } from '../../outbound/outbound.ts';
import { invalidClientMetadata, type OAuthErrorOptions } from '../../protocol/errors.ts';
import type { Members } from '../../protocol/jwt.ts';
import { parseJsonText } from '../json-text.ts';
import { readText } from './metadata.ts';
import type { Registration } from './registration.ts';

const LIMITS = { timeout: 5, maxBytes: 64 * 1024 };
const BOUNDS = { maxLength: LIMITS.maxBytes, maxDepth: 1 };

/** Throws unless the document that is named, if one is, lists all redirect URIs. */
export async function checkSector(metadata: Members, { outbound }: Registration): Promise<void> {
  const uri = readText(metadata, 'sector_identifier_uri');
  if (uri === undefined) return;
  const listed = await fetchList(uri, outbound);
  const { redirect_uris: redirectUris } = metadata;
  const isListed = Array.isArray(redirectUris) && redirectUris.every((one) => listed.has(one));
  if (!isListed) throw refused({ reason: 'sector_not_listed' }, 'does not list every redirect URI');
}

/** An array of strings and of nothing else: what else would have to be guessed at. */
async function fetchList(
  url: string,
  outbound: Registration['outbound'],
): Promise<ReadonlySet<unknown>> {
  const json = parseJsonText((await fetchText(url, outbound)) ?? '', BOUNDS);
  if (!Array.isArray(json) || !json.every((one) => typeof one === 'string')) {
    throw refused({ reason: 'sector_document' }, 'leads to no JSON array of strings');
  }
  return new Set(json);
}

// What went wrong there is for the log: to a stranger it would tell what answers inside our network.
async function fetchText(
  url: string,
  outbound: Registration['outbound'],
): Promise<string | undefined> {
  try {
    return readAnswer(await outbound({ url, headers: { accept: 'application/json' }, ...LIMITS }));
  } catch (cause) {
    const reason =
      cause instanceof OutboundError && cause.failure === 'address_forbidden'
        ? 'sector_address_forbidden'
        : 'sector_unreachable';
    throw refused({ reason, cause }, 'could not be fetched');
  }
}

const refused = (why: Pick<OAuthErrorOptions, 'reason' | 'cause'>, problem: string) =>
  invalidClientMetadata({ description: `sector_identifier_uri: ${problem}`, ...why });
