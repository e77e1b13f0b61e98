// The secrets of clients, from the four places where they may stand: as text or hash in
// clients.yaml, in a file of their own, or in an environment variable.

import path from 'node:path';
import type { ClientMetadata } from '../config/client.ts';
import { secretVariable } from '../config/clients.ts';
import type { Path } from '../config/finding.ts';
import { findNearest } from '../config/nearest.ts';
import { clearSecret, parseSecretHash, sha256Secret } from '../config/secret-hash.ts';
import { findSecretProblem, isShortSecret } from '../config/secret-text.ts';
import type { ClientSecret } from '../protocol/client.ts';
import { HMAC_ALGS, HMAC_BYTES } from '../protocol/client-assertion.ts';
import { CLIENT_SECRET_PREFIX, type Environment } from './environment.ts';
import type { Problem, Report } from './problem.ts';
import { readSecret } from './secrets.ts';

export type SecretTerms = {
  readonly env: Environment;
  readonly mode: 'serve' | 'dev';
  /** clients.yaml, against which files are named. */
  readonly file: string;
  readonly report: Report;
  /** A problem or warning at a path of clients.yaml. */
  readonly at: (path: Path, problem: string) => Problem;
};

/** The live secrets of one client; what is wrong with them goes to the report. */
export async function readClientSecrets(
  client: ClientMetadata,
  base: Path,
  terms: SecretTerms,
): Promise<readonly ClientSecret[]> {
  const variable = secretVariable(client.client_id);
  const given = terms.env[variable];
  const method = client.token_endpoint_auth_method;
  const takesSecret = method.startsWith('client_secret_');
  const use = useOf(client);
  if (given !== undefined && given !== '') {
    if (!takesSecret) {
      const problem = `has a secret in ${variable}, and token_endpoint_auth_method: ${method}; remove one of the two`;
      terms.report.problems.push(terms.at(base, problem));
    }
    // Only this one: what stands in the file may be the sample's.
    const place = { file: variable, line: 1, key: 'environment' };
    const found = judgeText(given, place, use, terms);
    return found === undefined ? [] : [found];
  }
  const forms = [{ at: base, form: client }, ...client.client_secrets.map(atEntry(base))];
  const secrets = await Promise.all(forms.map(({ at, form }) => readForms(form, at, use, terms)));
  if (takesSecret && !hasForm(client)) {
    const plain = terms.mode === 'dev' ? 'client_secret, ' : '';
    const hash = use.kind === 'shown' ? 'client_secret_hash or ' : plain && 'or ';
    const problem = `is missing; add ${plain}${hash}client_secret_file, set ${variable}, or make the client public by token_endpoint_auth_method: none`;
    terms.report.problems.push(terms.at([...base, 'client_secret'], problem));
  }
  return secrets.flat();
}

/** What becomes of a secret: it is shown, or it signs and is at least so long (RFC 7518 §3.2). */
type Use = { readonly kind: 'shown' } | { readonly kind: 'signs'; readonly minBytes: number };

function useOf(client: ClientMetadata): Use {
  if (client.token_endpoint_auth_method !== 'client_secret_jwt') return { kind: 'shown' };
  const alg = HMAC_ALGS.find((known) => known === client.token_endpoint_auth_signing_alg);
  return { kind: 'signs', minBytes: HMAC_BYTES[alg ?? 'HS256'] };
}

type Forms = Pick<ClientMetadata, 'client_secret' | 'client_secret_hash' | 'client_secret_file'>;

const atEntry = (base: Path) => (form: Forms, index: number) => ({
  at: [...base, 'client_secrets', index],
  form,
});

const hasForm = (client: ClientMetadata): boolean =>
  client.client_secret !== undefined ||
  client.client_secret_hash !== undefined ||
  client.client_secret_file !== undefined ||
  client.client_secrets.length > 0;

async function readForms(
  forms: Forms,
  base: Path,
  use: Use,
  terms: SecretTerms,
): Promise<readonly ClientSecret[]> {
  const { client_secret: text, client_secret_hash: hash, client_secret_file: file } = forms;
  const found: (ClientSecret | undefined)[] = [];
  if (text !== undefined) {
    const place = terms.at([...base, 'client_secret'], '');
    found.push(judgeText(text, place, use, terms));
    if (terms.mode === 'serve') {
      const hash = use.kind === 'shown' ? 'client_secret_hash (asteroid hash) or ' : '';
      const problem = `is plain text; replace it by ${hash}client_secret_file`;
      terms.report.warnings.push({ ...place, problem });
    }
  }
  if (hash !== undefined) {
    const parsed = parseSecretHash(hash);
    if (typeof parsed !== 'string') found.push(parsed);
    else terms.report.problems.push(terms.at([...base, 'client_secret_hash'], parsed));
  }
  if (file !== undefined) {
    found.push(await readFrom(file, [...base, 'client_secret_file'], use, terms));
  }
  return found.filter((secret) => secret !== undefined);
}

async function readFrom(
  file: string,
  at: Path,
  use: Use,
  terms: SecretTerms,
): Promise<ClientSecret | undefined> {
  const absolute = path.resolve(path.dirname(terms.file), file);
  const secret = await readSecret(absolute);
  if (!secret.ok) {
    terms.report.problems.push(terms.at(at, `${absolute} ${secret.problem}`));
    return undefined;
  }
  if (secret.isWorldReadable && terms.mode === 'serve') {
    const problem = `${absolute} may be read by everybody on this machine; chmod o-r`;
    terms.report.warnings.push(terms.at(at, problem));
  }
  return judgeText(secret.text, terms.at(at, ''), use, terms);
}

function judgeText(
  text: string,
  place: Omit<Problem, 'problem'>,
  use: Use,
  { mode, report }: SecretTerms,
): ClientSecret | undefined {
  const problem = findSecretProblem(text);
  if (problem !== undefined) {
    report.problems.push({ ...place, problem });
    return undefined;
  }
  if (use.kind === 'signs') {
    if (text.length >= use.minBytes) return clearSecret(text);
    const short = `is shorter than ${use.minBytes} bytes, and signs; use openssl rand -base64 ${use.minBytes}`;
    report.problems.push({ ...place, problem: short });
    return undefined;
  }
  if (mode === 'serve' && isShortSecret(text)) {
    const short =
      'is shorter than 16 characters; use a random one, as openssl rand -base64 32 makes them';
    report.warnings.push({ ...place, problem: short });
  }
  return sha256Secret(text);
}

/** Variables that hold a secret for nobody: a typing error, or a client that is gone. */
export function warnOfStraySecrets(ids: Iterable<string>, env: Environment, report: Report): void {
  const known = new Set([...ids].map(secretVariable));
  for (const file of Object.keys(env).sort()) {
    if (!file.startsWith(CLIENT_SECRET_PREFIX) || known.has(file)) continue;
    const nearest = findNearest(file, known);
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    const problem = `names no client and is ignored${hint}`;
    report.warnings.push({ file, line: 1, key: 'environment', problem });
  }
}
