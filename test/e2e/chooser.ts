// The page of `asteroid dev` that asks who somebody is, as a person answers it.

import type { Browser, Visit } from './browser.ts';
import { CALLBACK } from './relying-party.ts';

/** On to the relying party, or to whatever page comes before it. */
export function chooseAt(page: Visit, user: string, browser: Browser): Promise<Visit> {
  const { body } = page.answer;
  const [, action] = /<form method="post" action="([^"]+)"/.exec(body) ?? [];
  const back = wayBackOf(body);
  if (action === undefined || back === undefined) throw new Error(`no chooser: ${body}`);
  return browser.submit(page.url, action, { ...back, user }, CALLBACK);
}

/** What the page sends along; undefined where it is another page. */
export function wayBackOf(body: string): Readonly<Record<string, string>> | undefined {
  const [, form = ''] = /<form method="post"[^>]*>(.*?)<\/form>/s.exec(body) ?? [];
  const hidden = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]+)">/g)];
  const fields = hidden.map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')]);
  return fields.some(([name]) => name === 'rd') ? Object.fromEntries(fields) : undefined;
}
