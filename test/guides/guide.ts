// A guide is held against the real product: the configuration that its page shows is what runs, with
// nothing changed but names of hosts and files. Owns what all of these programs share.

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openBrowser, type Visit } from '../e2e/browser.ts';
import {
  type Asteroid,
  type AsteroidOptions,
  ask,
  ROOT,
  startAsteroid,
  temporaryFolder,
  UPSTREAM_SECRET,
} from '../e2e/rig.ts';

export type Guide = {
  /** The text of the first block of this language that contains the marker. */
  readonly block: (language: string, marker: string) => string;
};

export function readGuide(name: string): Guide {
  const text = readFileSync(path.join(ROOT, 'docs/guides', `${name}.md`), 'utf8');
  return {
    block(language, marker) {
      for (const [, kind, body = ''] of text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
        if (kind === language && body.includes(marker)) return body;
      }
      throw new Error(`docs/guides/${name}.md has no ${language} block with ${marker}`);
    },
  };
}

/** What a name on the page stands for here. */
export type Names = Readonly<Record<string, string>>;

/** Every name has to be on the page: one that is not there any more would change nothing unseen. */
export function localise(text: string, names: Names): string {
  return Object.entries(names).reduce((current, [name, value]) => {
    if (!current.includes(name)) throw new Error(`the guide no longer says ${name}`);
    return current.replaceAll(name, value);
  }, text);
}

/** A secret in a file, as both sides are told to read it. */
export function makeSecret(): { readonly file: string; readonly value: string } {
  const file = path.join(temporaryFolder(), 'secret');
  const value = randomBytes(32).toString('base64url');
  writeFileSync(file, value, { mode: 0o600 });
  return { file, value };
}

type Further = Partial<AsteroidOptions> & {
  /** Entries of clients.yaml beside that of the guide. */
  readonly others?: string;
};

/** The issuer with the client of the guide. */
export const startIssuer = (
  guide: Guide,
  names: Names,
  { others = '', ...options }: Further = {},
): Promise<Asteroid> =>
  startAsteroid({
    ...options,
    clients: localise(guide.block('yaml', '# clients.yaml'), names) + others,
  });

/** As the proxy would send every request of alice, who is in engineering. */
export const ALICE = {
  'x-authenticated-user': 'alice',
  'x-authenticated-email': 'alice@example.test',
  'x-authenticated-groups': 'engineering',
  'x-asteroid-upstream-secret': UPSTREAM_SECRET,
} as const;

export type SignedIn = Visit & { readonly browser: ReturnType<typeof openBrowser> };

/** Begins at the product, and follows wherever it leads until that is no redirect. */
export async function signIn(url: string, headers: Names = ALICE): Promise<SignedIn> {
  const browser = openBrowser([], headers);
  const visit = await browser.visit(url, 'nowhere:');
  return { ...visit, browser };
}

export type GuideClient = {
  readonly id: string;
  /** Absent: a public one. */
  readonly secret?: string;
  readonly redirectUri: string;
};

/** The ID Token of a sign-in by code with PKCE, for products that take one from a program. */
export async function fetchIdToken(
  issuer: string,
  { id, secret, redirectUri }: GuideClient,
  scope: string,
  headers: Names,
): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const request = new URLSearchParams({
    ...{ client_id: id, redirect_uri: redirectUri, response_type: 'code', scope, state: 'guide' },
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const visit = await openBrowser([], headers).visit(`${issuer}/authorize?${request}`, redirectUri);
  const code = new URL(visit.url).searchParams.get('code') ?? '';
  const basic = Buffer.from(`${id}:${secret}`).toString('base64');
  const answer = await ask(`${issuer}/token`, {
    headers: secret === undefined ? {} : { authorization: `Basic ${basic}` },
    form: {
      ...{ grant_type: 'authorization_code', code, redirect_uri: redirectUri },
      ...(secret === undefined ? { client_id: id } : {}),
      code_verifier: verifier,
    },
  });
  const { id_token: token }: { id_token?: string } = JSON.parse(answer.body);
  if (token === undefined) throw new Error(`no ID Token: ${answer.status} ${answer.body}`);
  return token;
}

/** Fails with what was seen; a program that says nothing has found nothing. */
export function check(what: string, holds: boolean, seen: unknown): void {
  if (!holds) throw new Error(`${what}: no\n${JSON.stringify(seen, null, 2)}`);
  console.log(`  ${what}: yes`);
}
