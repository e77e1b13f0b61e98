// From the words of asteroid.yaml to who may register clients, and what those may be.

import type { ClientTerms } from '../config/checks/client.ts';
import type { Config } from '../config/config.ts';
import type { Finding } from '../config/finding.ts';
import { readRegistration } from '../config/registration.ts';
import type { Snapshot } from '../loader/load.ts';
import type {
  Judgement,
  Registration,
  StatementIssuer,
} from '../oidc/registration/registration.ts';
import { createClientOutbound, type Terms, watchOutbound } from './parts.ts';

/** Those of the moment. */
type Files = Pick<Snapshot, 'registrationFiles'>;

type Given = NonNullable<Config['registration']>;

/** @param clients what they may be at all. @param snapshot that of the moment: tokens and keys that changed count from the next request on. */
export function createConfiguredRegistration(
  config: Config,
  clients: ClientTerms,
  snapshot: () => Files,
  isLocal: boolean,
  terms: Pick<Terms, 'telemetry'> = {},
): Registration | undefined {
  const { registration: policy } = config;
  if (policy === undefined) return undefined;
  return {
    initialAccessTokens: policy.open
      ? undefined
      : () => snapshot().registrationFiles.initialAccessTokens,
    statementIssuers: policy.software_statements.map((given) => toStatementIssuer(given, snapshot)),
    clientLifetime: policy.client_lifetime,
    judge: (clientId, metadata) => {
      const reading = readRegistration(clientId, metadata, { policy, clients });
      return reading.ok ? { ok: true, metadata: reading.effective } : toRefusal(reading.findings);
    },
    outbound: watchOutbound(terms, 'registration', createClientOutbound(config, isLocal)),
  };
}

const NO_KEYS = '{"keys":[]}';

const toStatementIssuer = (
  { issuer, jwks_uri, algorithms, required }: Given['software_statements'][number],
  snapshot: () => Files,
): StatementIssuer => ({
  issuer,
  algorithms,
  required,
  keys:
    jwks_uri === undefined
      ? {
          kind: 'text',
          text: () => snapshot().registrationFiles.statementKeys.get(issuer) ?? NO_KEYS,
        }
      : { kind: 'uri', uri: jwks_uri, writtenBy: 'operator' },
});

const MANY = 5;

/** RFC 7591 §3.2.2 has an error of its own for redirect URIs. */
const toRefusal = (findings: readonly Finding[]): Judgement => ({
  ok: false,
  error: findings.some(({ path }) => path[0] === 'redirect_uris')
    ? 'invalid_redirect_uri'
    : 'invalid_client_metadata',
  description: findings.slice(0, MANY).map(describe).join(', '),
});

/**
 * The member, and what is wrong with it; what to do about it is said to operators. Names below the
 * member are left out, since some of them are the client's own (RFC 6749 §5.2 for the characters).
 */
function describe({ path: [member = '', index], problem }: Finding): string {
  const at = typeof index === 'number' ? `${member}[${index}]` : String(member);
  const [fault = ''] = problem.split(';', 1);
  return `${at}: ${fault}`.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '');
}
