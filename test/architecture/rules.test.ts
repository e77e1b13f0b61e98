import { describe, expect, it } from 'vitest';
import { literal, readSources, type Source, type Token, tokens } from './sources.ts';

/** One thing that must not be written; `find` tells where it is. */
type Rule = {
  readonly says: string;
  readonly applies: (file: string) => boolean;
  readonly find: (all: readonly Token[]) => readonly Token[];
  /** Text that breaks the rule, and the nearest text that keeps it. */
  readonly planted: string;
  readonly honest: string;
};

const inFolders =
  (...starts: readonly string[]) =>
  (file: string): boolean =>
    starts.some((start) => file.startsWith(start));

const outsideOf =
  (...starts: readonly string[]) =>
  (file: string): boolean =>
    !inFolders(...starts)(file);

/** Tokens that begin this sequence, written with spaces between. */
const sequence =
  (text: string) =>
  (all: readonly Token[]): readonly Token[] => {
    const wanted = text.split(' ');
    return all.filter((_, index) => wanted.every((word, k) => all[index + k]?.text === word));
  };

/** Timers whose delay is not a number or a named constant. */
const computedDelays = (all: readonly Token[]): readonly Token[] =>
  all.filter((token, index) => {
    if (!/^set(?:Timeout|Interval)$/.test(token.text) || all[index + 1]?.text !== '(') return false;
    return !/^(?:[A-Z][A-Z0-9_]*|[0-9_]+)$/.test(lastArgument(all, index + 1));
  });

function lastArgument(all: readonly Token[], open: number): string {
  let depth = 1;
  let argument = '';
  for (const { text } of all.slice(open + 1)) {
    if (/^[)\]}]$/.test(text)) depth -= 1;
    if (depth === 0) break;
    argument = depth === 1 && text === ',' ? '' : `${argument}${text}`;
    if (/^[([{]$/.test(text)) depth += 1;
  }
  return argument;
}

const strings =
  (pattern: RegExp) =>
  (all: readonly Token[]): readonly Token[] =>
    all.filter((token) => pattern.test(literal(token) ?? ''));

const RULES: readonly Rule[] = [
  {
    // A delay from a record overflows past 24.8 days and fires at once; one timer per record costs
    // 200 MB per million. Deadlines of questions to Redis are no such delays.
    says: 'the memory store never waits for a computed time',
    applies: inFolders('internal/store/memory/'),
    find: computedDelays,
    planted: 'setTimeout(() => drop(id, 1), (expiresAt - now) * 1000);',
    honest: 'setTimeout(() => sweep(a, b), SWEEP_INTERVAL); setInterval(f, 1_000);',
  },
  {
    // A URL object maps `http://a/b/../c`, `HTTP://A` and `http://a:80` to what was registered.
    says: 'redirect URIs are never compared as URL objects',
    applies: inFolders('internal/oidc/authorize/redirect-uri.ts'),
    find: sequence('new URL ('),
    planted: 'if (new URL(sent).href === registered) return;',
    honest: 'if (sent === registered) return; // never new URL(sent)',
  },
  {
    // Node joins duplicates in `req.headers`: two identity headers would look like one.
    says: 'headers of Node are read by http/ alone',
    applies: outsideOf('internal/http/'),
    find: sequence('req . headers'),
    planted: `const user = req.headers['x-authenticated-user'];`,
    honest: `const user = request.headers['authorization'];`,
  },
  {
    says: 'who the End-User is is decided from raw headers',
    applies: inFolders('internal/upstream/'),
    find: sequence('. headers ['),
    planted: 'const user = request.headers[name];',
    honest: 'const user = request.rawHeaders[index];',
  },
  {
    says: 'no header tells the address of a peer',
    applies: inFolders('internal/upstream/trust'),
    find: strings(/forwarded|x-real-ip/i),
    planted: `const peer = find('X-Forwarded-For');`,
    honest: `const peer = request.peer.address; // never X-Forwarded-For`,
  },
  {
    // `'admin\u00a0'.trim()` is `admin`: two accounts would become one.
    says: 'values of the upstream are never trimmed',
    applies: inFolders('internal/upstream/'),
    find: sequence('. trim ('),
    planted: 'return value.trim();',
    honest: 'return value === "" ? undefined : value;',
  },
  {
    // The memory store may be opened without a clock, and then has the system's.
    says: 'the clock is injected',
    applies: outsideOf(
      'internal/app/',
      'internal/testissuer/',
      'cmd/',
      'internal/store/memory/room.ts',
    ),
    find: sequence('Date . now'),
    planted: 'const now = Date.now() / 1000;',
    honest: 'const now = deps.now();',
  },
  {
    // Only when to connect to Redis next, and to whom, may be guessed.
    says: 'chance is never Math.random',
    applies: outsideOf('internal/store/redis/connection/chance.ts'),
    find: sequence('Math . random'),
    planted: 'const id = Math.random();',
    honest: 'const id = random(ID_BYTES);',
  },
  {
    says: 'the environment is read by loader/ and cmd/ alone',
    applies: outsideOf('internal/loader/', 'cmd/', 'internal/testissuer/'),
    find: sequence('process . env'),
    planted: 'const url = process.env.ASTEROID_ISSUER;',
    honest: 'const { issuer } = config;',
  },
];

const check = (rule: Rule, sources: readonly Source[]): readonly string[] =>
  sources
    .filter(({ file }) => rule.applies(file))
    .flatMap(({ file, text }) => rule.find(tokens(text)).map(({ line }) => `${file}:${line}`));

const sources = [...readSources('internal'), ...readSources('cmd')];

describe('rules', () => {
  for (const rule of RULES) {
    it(rule.says, () => {
      expect(sources.filter(({ file }) => rule.applies(file)).length).toBeGreaterThan(0);
      expect(check(rule, sources)).toEqual([]);
    });

    it(`${rule.says}: a planted violation is found, and the honest line is not`, () => {
      expect(rule.find(tokens(rule.planted))).toHaveLength(1);
      expect(rule.find(tokens(rule.honest))).toEqual([]);
    });
  }
});
