// The producer with what a process brings along: clock, randomness, and the End-Users of a file or of a
// test.

import { readUsers } from '../config/users.ts';
import { loadUsers } from '../loader/users.ts';
import type { ListedProducer, ProducerTerms } from '../producer/api.ts';
import type { Users } from '../producer/end-user.ts';
import { type Producer, startProducer as start } from '../producer/producer.ts';
import { isProductName, PRODUCTS } from '../producer/products/table.ts';
import type { Awaitable } from '../protocol/awaitable.ts';
import { toSubject } from '../protocol/ids.ts';
import { createFreshFile } from '../userinfo/fresh-file.ts';
import { systemClock } from './clock.ts';
import { createRandom } from './random.ts';
import { checkUser } from './stand-in.ts';
import { AssemblyError } from './upstream-options.ts';

export type { ListedProducer, ProducerTerms };

/** Listens on loopback until stopped; throws what whoever starts it can put right. */
export async function startProducer(terms: ProducerTerms): Promise<ListedProducer> {
  const { emit, port = 0, open = false, onProblem = () => {} } = terms;
  if (!isProductName(emit)) {
    throw new AssemblyError(
      `nobody speaks as ${emit} does; there are ${Object.keys(PRODUCTS).join(', ')}`,
    );
  }
  const to = readApp(terms.to, port);
  const users = openUsers(terms.users, onProblem);
  await checkUsers(users, terms.as);
  const random = createRandom();
  const own = { emit, to, port, users, check: checkUser, open, now: systemClock, random };
  return list(await start({ ...terms, ...own }));
}

function list({ url, emission, paths, stop }: Producer): ListedProducer {
  const { signed, name, names } = emission;
  if (signed === undefined) return { url, preset: name, names, paths, signed, stop };
  const { issuer, audience, alg, keysPath, alb } = signed.terms;
  const keys = url + keysPath;
  return {
    ...{ url, preset: name, names, paths, stop },
    signed: { issuer, audience, alg, keys, signer: alb?.signer },
  };
}

async function checkUsers(read: () => Awaitable<Users>, as: string | undefined): Promise<void> {
  const users = await Promise.resolve(read()).catch((error: Error) => {
    throw error.cause ?? error;
  });
  if (as === undefined || users.has(toSubject(as))) return;
  throw new AssemblyError(
    `as: there is no End-User ${as}; there are ${[...users.keys()].join(', ')}`,
  );
}

function readApp(text: string, ownPort: number): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' || url.href !== `${url.origin}/`) {
    throw new AssemblyError('to: has to be where the app listens, as in http://localhost:3000');
  }
  if (LOOPBACK.has(url.hostname) && url.port === String(ownPort)) {
    throw new AssemblyError('to: is where the producer itself would listen; give one another port');
  }
  return url;
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

function openUsers(users: ProducerTerms['users'], onProblem: (problem: string) => void) {
  if (typeof users === 'string') {
    const { read } = createFreshFile({
      file: users,
      load: () => loadUsers(users),
      now: systemClock,
      onProblem: ({ message, cause }) =>
        onProblem(cause instanceof Error ? cause.message : message),
    });
    return read;
  }
  const { users: known, problems } = readUsers({ users });
  if (problems.length > 0) {
    throw new AssemblyError(
      problems.map(({ path, problem }) => `${path.join('.')}: ${problem}`).join('\n'),
    );
  }
  return () => known;
}
