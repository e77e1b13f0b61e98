// An issuer that misbehaves as it was told to: what stands between the domain and those who rely on it. It
// knows two places, around every endpoint and around signing; the domain knows of neither.

import { AsyncLocalStorage } from 'node:async_hooks';
import { DEV_KID_PREFIX, markTokens } from '../../app/dev-tokens.ts';
import { createEphemeralKeys } from '../../keys/ephemeral.ts';
import type { KeyRing } from '../../keys/keys.ts';
import type { OpenKeys } from '../../keys/open.ts';
import type { Issuer } from '../../oidc/issuer.ts';
import type { FaultName, TestIssuer } from '../api.ts';
import { createActiveFaults } from './active.ts';
import { aroundIssuer, type Visit } from './endpoints.ts';
import type { Tools } from './entry.ts';
import { createFlows } from './flows.ts';
import type { Occasion } from './match.ts';
import { aroundSigning } from './signing.ts';
import { createSurroundings } from './surroundings.ts';

export type FaultDeps = Pick<Tools, 'issuerUrl' | 'now' | 'random'> & {
  /** Told of each fault that happens, in the asynchronous context of the request that it happens in. */
  readonly applied?: (name: FaultName) => void;
};

export type Faults = {
  readonly api: TestIssuer['faults'];
  readonly issuer: (issuer: Issuer) => Issuer;
  readonly keys: (keys: OpenKeys) => KeyRing;
  /** What is signed in it is signed for one token request of that client and that End-User. */
  readonly during: <Result>(whose: Pick<Occasion, 'client' | 'user'>, work: () => Result) => Result;
  /** Nobody waits any longer: connections that got no answer end. */
  readonly stop: () => void;
};

/** Of one issuer: no other in the same process has anything to do with them. */
export function createFaults({ applied = () => undefined, ...deps }: FaultDeps): Faults {
  const { stop, ...surroundings } = createSurroundings();
  const visits = new AsyncLocalStorage<Visit>();
  const flows = createFlows();
  let own: OpenKeys | undefined;
  let unpublished: OpenKeys | undefined;
  const tools: Tools = {
    ...deps,
    ...surroundings,
    publicKeys: () => own?.publicKeys() ?? [],
    ownsKeys: () => own?.forge !== undefined && own.rotate !== undefined,
    rotate: async ({ overlap }) => own?.rotate?.({ overlap, alg: undefined }),
  };
  const active = createActiveFaults(tools, applied);
  const { add, list, clear } = active;
  return {
    stop,
    during: ({ client, user }, work) =>
      visits.run({ occasion: { step: 'token', client, user }, decided: new Map() }, work),
    api: {
      add,
      list,
      clear,
      once: (name, options) =>
        add({ do: name, times: 1, ...(options === undefined ? {} : { with: options }) }),
    },
    issuer: (domain) =>
      aroundIssuer(domain, { active, flows, during: (visit, run) => visits.run(visit, run) }),
    keys(keys) {
      own = keys;
      const { forge = noForge } = keys;
      const signers = {
        keys,
        forge,
        unpublished: () => {
          unpublished ??= markTokens(
            createEphemeralKeys({ now: deps.now, kidPrefix: DEV_KID_PREFIX }),
          );
          return unpublished;
        },
      };
      const sign = aroundSigning({ active, current: () => visits.getStore(), signers });
      return { ...keys, sign };
    },
  };
}

const noForge = (): never => {
  throw new Error('no fault that needs it can be added');
};
