// `asteroid dev --emit`: stands in front of an app as a proxy that signs people in would.

import path from 'node:path';
import { untilStopped } from '../../internal/app/process.ts';
import { type ListedProducer, startProducer } from '../../internal/app/producer.ts';
import { type DevOptions, findSample, isProduction } from './dev.ts';

export type EmitOptions = {
  readonly emit?: string;
  readonly to?: string;
  readonly as?: string;
  readonly open: boolean;
  readonly issuer?: string;
  readonly audience?: readonly string[];
  readonly signer?: string;
};

/** Forwards until a signal; refuses production, and every address that other machines reach. */
export async function emit(preset: string, options: DevOptions & EmitOptions): Promise<number> {
  if (isProduction()) return 2;
  const { port, to, users } = options;
  const problem = findProblem(options);
  if (problem !== undefined || to === undefined) {
    console.error(problem);
    return 2;
  }
  const starting = startProducer({
    ...options,
    emit: preset,
    to,
    port: Number(port),
    users: path.resolve(users ?? findSample('users.yaml')),
    onProblem: (problem) => console.error(problem),
  });
  const live = starting.then((producer) => {
    printWelcome(producer, to);
    return { listeners: new Map(), reload: async () => {}, reopen: () => {}, stop: producer.stop };
  });
  await untilStopped(live);
  return 0;
}

function findProblem({ host, port, to }: DevOptions & EmitOptions): string | undefined {
  if (host !== 'localhost' && host !== '127.0.0.1') {
    return 'asteroid dev --emit listens on loopback alone: leave --host out';
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > MOST_PORT) return '--port has to be a number';
  return to === undefined
    ? '--emit needs --to, where the app listens: --to http://localhost:3000'
    : undefined;
}

const MOST_PORT = 65_535;

function printWelcome({ url, preset, names, paths, signed }: ListedProducer, to: string): void {
  console.log(`\nAsteroid for development stands at ${url} in front of ${to}, as ${preset} would`);
  console.log(`It sends:  ${names.join(', ')}`);
  if (signed !== undefined) {
    console.log(`Issuer:    ${signed.issuer}`);
    console.log(`Audience:  ${signed.audience.join(', ')}`);
    if (signed.signer !== undefined) console.log(`Signer:    ${signed.signer}`);
    console.log(`Keys:      ${signed.keys} (${signed.alg})`);
  }
  console.log(`Its own:   ${paths.join('  ')}`);
  console.log(`Sign in with a browser: ${url}/`);
  console.log(`Be alice in one request:  curl -H 'X-Asteroid-As: alice' ${url}/\n`);
}
