// The page of `asteroid dev` that asks who somebody is, as a person answers it.

import type { Browser, Visit } from './browser.ts';
import { CALLBACK } from './relying-party.ts';

/** On to the relying party, or to whatever page comes before it. */
export function chooseAt(page: Visit, user: string, browser: Browser): Promise<Visit> {
  const { body } = page.answer;
  const [, action] = /<form method="post" action="([^"]+)"/.exec(body) ?? [];
  const [, handle] = /<input type="hidden" name="handle" value="([^"]+)"/.exec(body) ?? [];
  if (action === undefined || handle === undefined) throw new Error(`no chooser: ${body}`);
  return browser.submit(page.url, action, { handle, user }, CALLBACK);
}
