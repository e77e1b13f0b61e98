// As much of a browser as a sign-in needs: cookies by origin, and redirects followed one by one.

import { type Answer, ask } from './rig.ts';

export type Browser = {
  /** Follows redirects until one leaves to `until`, or until an answer is none. */
  readonly visit: (url: string, until: string, headers?: Record<string, string>) => Promise<Visit>;
  /** Sends the form of the page that a visit ended at, with what somebody filled in; then as above. */
  readonly submit: (
    page: Visit,
    fields: Readonly<Record<string, string>>,
    until: string,
  ) => Promise<Visit>;
  /** The Cookie header that it would send there. */
  readonly cookies: (url: string) => string;
};

export type Visit = {
  readonly answer: Answer;
  /** The address that was asked for last, or the one that `until` begins. */
  readonly url: string;
  readonly steps: readonly string[];
};

const MOST_STEPS = 15;

/** @param cookies `name=value`, sent to every origin of loopback from the first request on. */
export function openBrowser(cookies: readonly string[] = []): Browser {
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

  const send = async (url: string, question: Parameters<typeof ask>[1] = {}): Promise<Answer> => {
    const cookie = cookiesFor(url);
    const headers = { ...(cookie === '' ? {} : { cookie }), ...question.headers };
    const answer = await ask(url, { ...question, headers });
    keep(url, answer.headers['set-cookie'] ?? []);
    return answer;
  };

  const follow = async (
    first: string,
    until: string,
    headers: Record<string, string>,
    form?: Readonly<Record<string, string>>,
  ): Promise<Visit> => {
    const steps: string[] = [];
    let url = first;
    for (;;) {
      const isForm = form !== undefined && steps.length === 0;
      const answer = await send(url, { headers, ...(isForm ? { form } : {}) });
      steps.push(`${answer.status} ${url}`);
      const { location } = answer.headers;
      if (location === undefined) return { answer, url, steps };
      url = new URL(location, url).href;
      if (url.startsWith(until)) return { answer, url, steps };
      if (steps.length === MOST_STEPS) throw new Error(`too many redirects:\n${steps.join('\n')}`);
    }
  };

  return {
    visit: (first, until, headers = {}) => follow(first, until, headers),
    submit: (page, fields, until) => {
      const { action, hidden } = readForm(page.answer.body);
      const url = new URL(action, page.url);
      return follow(url.href, until, { Origin: url.origin }, { ...hidden, ...fields });
    },
    cookies: cookiesFor,
  };
}

function readForm(body: string) {
  const [, action] = /<form method="post" action="([^"]+)"/.exec(body) ?? [];
  if (action === undefined) throw new Error(`no form: ${body}`);
  const inputs = body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  return {
    action,
    hidden: Object.fromEntries([...inputs].map(([, name = '', value = '']) => [name, value])),
  };
}
