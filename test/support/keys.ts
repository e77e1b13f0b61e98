import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { KeyEvent } from '../../internal/keys/events.ts';
import { openFileKeys } from '../../internal/keys/file/file.ts';
import { type KeyKind, toKeyFileName } from '../../internal/keys/filename.ts';
import type { PublicJwk } from '../../internal/keys/keys.ts';
import { createTestClock } from './clock.ts';

/** 2027-01-15T08:00:00Z, where the test clock starts. */
export const START = 1_800_000_000;

export const HOUR = 3600;
export const DAY = 24 * HOUR;

export const newP256 = (): KeyObject =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

export const newRsa = (modulusLength = 2048): KeyObject =>
  generateKeyPairSync('rsa', { modulusLength }).privateKey;

export const toPem = (key: KeyObject): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** An RSA key that tests may share: making one takes a while. */
export const RSA_PEM = toPem(newRsa());

const made: string[] = [];

export function newDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'asteroid-keys-'));
  made.push(dir);
  return dir;
}

export function removeDirectories(): void {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
}

/** Writes a key file as an operator would, and tells its path. */
export function putKey(
  dir: string,
  kind: KeyKind,
  activeFrom = START,
  content: string | Buffer = toPem(newP256()),
): string {
  const path = join(dir, toKeyFileName({ kind, activeFrom }));
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

/** A ring over a directory with a clock that the test moves, and everything it reported. */
export async function openDirectory(
  dir: string,
  different: Partial<Parameters<typeof openFileKeys>[0]> = {},
) {
  const clock = createTestClock(START);
  const events: KeyEvent[] = [];
  const keys = await openFileKeys({
    dir,
    now: clock,
    tokenLifetime: () => HOUR,
    publishAhead: 600,
    report: (event) => events.push(event),
    ...different,
  });
  return { keys, clock, events };
}

/** What a relying party makes of a JWKS it fetched. */
export const toKeySet = (keys: readonly PublicJwk[]) =>
  createLocalJWKSet({ keys: structuredClone(keys) } as unknown as JSONWebKeySet);
