import type { Config } from '../config.ts';
import { isSocket, type Listener } from '../sections/listen.ts';
import { isLoopbackHost } from '../sections/loopback.ts';
import { type Check, problem, type Remark } from './remark.ts';

type Named = { readonly name: string; readonly listener: Listener };

const listeners = ({ listen }: Config): readonly Named[] =>
  Object.entries(listen).flatMap(([name, listener]) =>
    listener === undefined ? [] : [{ name, listener }],
  );

/** The listener that reads identities. */
export const identityListener = ({ listen }: Config): Named =>
  listen.browser === undefined
    ? { name: 'public', listener: listen.public }
    : { name: 'browser', listener: listen.browser };

/** No two listeners at one address, and none beyond loopback where nothing is proven. */
export const listenerCheck: Check = {
  reads: ['listen'],
  find(config, { mode, exposed }) {
    const remarks: Remark[] = [];
    const taken = new Map<string, string>();
    for (const { name, listener } of listeners(config)) {
      const address = addressOf(listener);
      const other = address === undefined ? undefined : taken.get(address);
      if (other !== undefined) {
        const key = isSocket(listener) ? 'socket' : 'port';
        remarks.push(
          problem(['listen', name, key], `is that of listen.${other} too; choose another`),
        );
      }
      if (address !== undefined) taken.set(address, name);
      if (mode === 'dev' && !exposed && !isSocket(listener) && !isLoopbackHost(listener.host)) {
        const text =
          'is not loopback, and dev lets anybody sign in as anybody; set ASTEROID_DEV_EXPOSE=1 if you mean it';
        remarks.push(problem(['listen', name, 'host'], text));
      }
    }
    return remarks;
  },
};

/** Undefined for port 0, which is a different one each time. */
function addressOf(listener: Listener): string | undefined {
  if (isSocket(listener)) return listener.socket;
  return listener.port === 0 ? undefined : `${listener.host} ${listener.port}`;
}
