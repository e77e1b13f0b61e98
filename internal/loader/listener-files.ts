// Certificates and keys of listeners, and the CAs of those who show one there: read with the configuration
// that names them, so that every process has the same, and half of a swap never comes into force.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { Path } from '../config/finding.ts';
import { type NamedTerms, readText, say } from './named-files.ts';

/** PEM texts by the names of their files, which are absolute. */
export type ListenerFiles = ReadonlyMap<string, string>;

type Named = { readonly file: string; readonly path: Path; readonly kind: 'chain' | 'key' | 'ca' };

const KINDS = { cert_file: 'chain', key_file: 'key', client_ca_file: 'ca' } as const;

/** Every file that a listener is secured by. */
export function listListenerFiles({ listen, upstream }: Config): readonly Named[] {
  const ca = upstream.trust.mtls?.ca_file;
  const own = Object.entries(listen).flatMap(([name, listener]) =>
    Object.entries(KINDS).flatMap(([key, kind]): readonly Named[] => {
      const tls: { readonly [key: string]: string | undefined } = listener?.tls ?? {};
      const file = tls[key];
      return file === undefined ? [] : [{ file, path: ['listen', name, 'tls', key], kind }];
    }),
  );
  const path = ['upstream', 'trust', 'mtls', 'ca_file'];
  return ca === undefined ? own : [...own, { file: ca, path, kind: 'ca' }];
}

export async function readListenerFiles(terms: NamedTerms): Promise<ListenerFiles> {
  const { config, isRead } = terms;
  const texts = new Map<string, string>();
  for (const { file, path, kind } of listListenerFiles(config)) {
    if (!isRead(path[0] === 'listen' ? 'listen' : 'upstream.trust')) continue;
    const text = await readText(terms, file, path);
    if (text === undefined) continue;
    const isSound = kind === 'key' ? isKey(text) : hasCertificates(text);
    if (isSound) texts.set(file, text);
    else say(terms, path, `${file} ${PROBLEMS[kind]}`);
  }
  if (isRead('listen')) checkPairs(terms, texts);
  return texts;
}

const PROBLEMS = {
  chain: 'has no certificate in PEM in it that can be read',
  key: 'has no private key in PEM in it that can be read without a passphrase',
  ca: 'has no certificate in PEM in it that can be read',
} as const;

/** While a certificate is renewed, one of the two may be there before the other. */
function checkPairs(terms: NamedTerms, texts: ListenerFiles): void {
  for (const [name, listener] of Object.entries(terms.config.listen)) {
    const { cert_file = '', key_file = '' } = listener?.tls ?? {};
    const [cert, key] = [texts.get(cert_file), texts.get(key_file)];
    if (cert === undefined || key === undefined) continue;
    if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) continue;
    const problem = `${key_file} is not the key of the certificate in ${cert_file}`;
    say(terms, ['listen', name, 'tls', 'key_file'], problem);
  }
}

const isKey = (text: string): boolean => succeeds(() => createPrivateKey(text));

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function hasCertificates(text: string): boolean {
  const blocks = text.match(BLOCK) ?? [];
  return blocks.length > 0 && blocks.every((block) => succeeds(() => new X509Certificate(block)));
}

/** What OpenSSL says about a key is for nobody's log. */
function succeeds(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
