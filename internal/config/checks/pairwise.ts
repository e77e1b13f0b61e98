// Whether a client's pairwise subjects have a salt, and one sector (OIDC Core §8.1).

import type { ClientMetadata } from '../client.ts';
import type { Finding, Path } from '../finding.ts';
import { isLoopbackHost } from '../sections/loopback.ts';
import { redirectHosts } from '../sections/pairwise.ts';

const say = (problem: string, ...path: Path): readonly Finding[] => [{ path, problem }];

/** @param hasSalt whether the issuer has a salt, or whether that could not be read. */
export function findPairwiseProblems(client: ClientMetadata, hasSalt: boolean): readonly Finding[] {
  if (client.subject_type === 'public') {
    return client.sector_identifier === undefined
      ? []
      : say('is of no use with subject_type: public; remove it', 'sector_identifier');
  }
  if (!hasSalt) return say('needs a salt; set pairwise.salt_file in asteroid.yaml', 'subject_type');
  return client.sector_identifier === undefined ? findSectorProblems(client) : [];
}

function findSectorProblems(client: ClientMetadata): readonly Finding[] {
  const [host, ...more] = redirectHosts(client);
  const name = 'name the sector by sector_identifier: HOST';
  if (host === undefined) {
    return say(
      `has no redirect URI with a host, which pairwise subjects need; ${name}`,
      'subject_type',
    );
  }
  if (more.length > 0) {
    return say(`is not clear, since redirect_uris have several hosts; ${name}`, 'subject_type');
  }
  // All programs of people's own machines would be one sector, and could compare what they know.
  return isLoopbackHost(host)
    ? say(`would be shared with every client on loopback; ${name}`, 'subject_type')
    : [];
}
