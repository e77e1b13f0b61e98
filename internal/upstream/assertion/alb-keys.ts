// The keys of an Application Load Balancer: one PEM for each key id, at a host of its region.

import { type CryptoKey, importSPKI } from 'jose';
import { isWithin } from '../../jwks/age.ts';
import { fetchText } from '../../jwks/fetch-text.ts';
import type { FindKey } from '../../jwks/key-set.ts';
import type { UriKeysDeps } from '../../jwks/uri-keys.ts';
import { Unavailable } from '../../protocol/errors.ts';
import { DAY } from '../../protocol/time.ts';

const MAX_KEYS = 16;
/** Seconds without a question once one found nothing: key ids may be made up. */
const COOL_DOWN = 30;
/** Seconds without a question once nobody answered. */
const RETRY = 5;

type Kept = { readonly key: CryptoKey; readonly at: number };
type Pause = { readonly at: number; readonly seconds: number; readonly problem?: Unavailable };

/** @param region checked to be one: it becomes a part of the host. */
export function createAlbKeys(
  region: string,
  { now, outbound }: Pick<UriKeysDeps, 'now' | 'outbound'>,
): FindKey {
  const origin = `https://public-keys.auth.elb.${region}.amazonaws.com`;
  const kept = new Map<string, Kept>();
  let asking: Promise<unknown> | undefined;
  let pause: Pause | undefined;

  async function fetchKey(kid: string): Promise<CryptoKey | undefined> {
    const at = now();
    try {
      const pem = await fetchText(outbound, `${origin}/${kid}`);
      pause = pem === undefined ? { at, seconds: COOL_DOWN } : undefined;
      if (pem === undefined) return undefined;
      const key = await importSPKI(pem, 'ES256');
      keep(kid, { key, at });
      return key;
    } catch (error) {
      const problem = new Unavailable('keys', 'fetch a key of the load balancer', error);
      pause = { at, seconds: RETRY, problem };
      throw problem;
    }
  }

  function keep(kid: string, entry: Kept): void {
    const [oldest] = kept.keys();
    if (kept.size >= MAX_KEYS && oldest !== undefined) kept.delete(oldest);
    kept.set(kid, entry);
  }

  /** One question at a time: whoever sends made-up key ids waits for what the first one finds. */
  async function find(kid: string): Promise<CryptoKey | undefined> {
    const known = kept.get(kid);
    if (known !== undefined && isWithin(known.at, DAY, now())) return known.key;
    if (pause !== undefined && isWithin(pause.at, pause.seconds, now())) {
      if (pause.problem !== undefined) throw pause.problem;
      return undefined;
    }
    if (asking !== undefined) {
      await asking.catch(() => undefined);
      return find(kid);
    }
    const asked = fetchKey(kid).finally(() => {
      asking = undefined;
    });
    asking = asked;
    return asked;
  }

  return async ({ kid }) => (kid === undefined ? undefined : find(kid));
}
