// The same issuer, embeddable in a test: same domain, same strictness, memory only, no file and no
// environment. Published as `asteroid-oidc/test-issuer`.

import type { HttpApp } from '../http/app.ts';
import { type Listener, listen } from '../http/listen.ts';
import { pathPrefix } from '../http/routes.ts';
import type { StartProducer } from '../producer/api.ts';
import type { RootIssuer, StartTestIssuer, TestIssuerOptions } from './api.ts';
import { readingFor } from './documents.ts';
import { createIsolation, once } from './isolated.ts';
import { Misuse } from './misuse.ts';
import { createMount } from './mount.ts';
import { openIssuer } from './open-issuer.ts';
import { checkRootOptions, toRootTerms } from './options.ts';

/** Milliseconds: as long as it takes to see who is still there, and no longer. */
const GRACE_MS = 100;

export const startTestIssuer: StartTestIssuer = async (options = {}) => {
  if (process.env['NODE_ENV'] === 'production') {
    throw new Misuse('a test issuer lets anybody be anybody: unset NODE_ENV=production');
  }
  checkRootOptions(options);
  const { listener, serve } = await listenFirst(options);
  try {
    return await begin(options, listener, serve);
  } catch (error) {
    await listener.drain(0);
    throw error;
  }
};

/** Loaded when it is asked for: most tests are of clients, and not of apps behind a proxy. */
export const startProducer: StartProducer = async (terms) => {
  if (process.env['NODE_ENV'] === 'production') {
    throw new Misuse('a producer lets anybody be anybody: unset NODE_ENV=production');
  }
  return (await import('../app/producer.ts')).startProducer(terms);
};

async function begin(
  options: TestIssuerOptions,
  listener: Listener,
  serve: (app: HttpApp) => void,
): Promise<RootIssuer> {
  const url = `http://127.0.0.1:${listener.port}`;
  const mount = createMount(() => pathPrefix(url));
  const { engine, app, close } = await readingFor('the options are not sound', async () =>
    openIssuer(toRootTerms(options, url), mount),
  );
  serve(app);
  const isolation = createIsolation(engine, mount);
  const stop = once(async () => {
    await listener.drain(GRACE_MS);
    await isolation.stop();
    await close();
  });
  return { ...engine.api, url, test: isolation.test, stop };
}

/**
 * The issuer has to know its own URL before there is one: a port that is only found and let go of may be
 * another's by the time it is listened on.
 */
async function listenFirst({ port = 0 }: TestIssuerOptions) {
  let serving: HttpApp | undefined;
  const app: HttpApp = {
    request(request, response) {
      if (serving === undefined) response.destroy();
      else serving.request(request, response);
    },
    connection: (socket, unixSocket) => serving?.connection(socket, unixSocket),
  };
  const listener = await listen(app, { address: { kind: 'tcp', host: '127.0.0.1', port } }).catch(
    (error: Error) => {
      if (port === 0) throw error;
      throw new Misuse(`${error.message}; leave out \`port\` to get one that is free`);
    },
  );
  const serve = (next: HttpApp): void => {
    serving = next;
  };
  return { listener, serve };
}
