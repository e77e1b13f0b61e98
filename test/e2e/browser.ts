// As much of a browser as a sign-in needs: cookies by origin, and redirects followed one by one.

import { type Answer, ask, type Question } from './rig.ts';

export type Browser = {
  /** Follows redirects until one leaves to `until`, or until an answer is none. */
  readonly visit: (url: string, until: string, headers?: Record<string, string>) => Promise<Visit>;
  /** Sends a form of the page at `from`, and goes on as `visit` does. */
  readonly submit: (from: string, action: string, form: Form, until: string) => Promise<Visit>;
  /** The Cookie header that it would send there. */
  readonly cookies: (url: string) => string;
};

type Form = Readonly<Record<string, string>>;

export type Visit = {
  readonly answer: Answer;
  /** The address that was asked for last, or the one that `until` begins. */
  readonly url: string;
  readonly steps: readonly string[];
};

const MOST_STEPS = 15;

/**
 * @param cookies `name=value`, sent to every origin of loopback from the first request on.
 * @param always headers of every request, such as a password that it remembers.
 */
export function openBrowser(
  cookies: readonly string[] = [],
  always: Readonly<Record<string, string>> = {},
): Browser {
  const jar = new Map<string, Map<string, string>>();

  const cookiesFor = (url: string): string => {
    const own = jar.get(new URL(url).host) ?? new Map<string, string>();
    return [...cookies, ...[...own].map(([name, value]) => `${name}=${value}`)].join('; ');
  };

  const keep = (url: string, lines: readonly string[]): void => {
    const own = jar.get(new URL(url).host) ?? new Map<string, string>();
    jar.set(new URL(url).host, own);
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      own.set(name, value);
    }
  };

  const send = async (url: string, question: Question): Promise<Answer> => {
    const cookie = cookiesFor(url);
    const headers = { ...(cookie === '' ? {} : { cookie }), ...always, ...question.headers };
    const answer = await ask(url, { ...question, headers });
    keep(url, answer.headers['set-cookie'] ?? []);
    return answer;
  };

  const follow = async (first: string, until: string, question: Question): Promise<Visit> => {
    const steps: string[] = [];
    const { headers = {} } = question;
    let url = first;
    for (;;) {
      const answer = await send(url, steps.length === 0 ? question : { headers });
      steps.push(`${answer.status} ${url}`);
      const { location } = answer.headers;
      if (location === undefined) return { answer, url, steps };
      url = new URL(location, url).href;
      if (url.startsWith(until)) return { answer, url, steps };
      if (steps.length === MOST_STEPS) throw new Error(`too many redirects:\n${steps.join('\n')}`);
    }
  };

  return {
    visit: (url, until, headers = {}) => follow(url, until, { headers }),
    submit: (from, action, form, until) =>
      follow(new URL(action, from).href, until, {
        headers: { origin: new URL(from).origin },
        form,
      }),
    cookies: cookiesFor,
  };
}
