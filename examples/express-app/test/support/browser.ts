// As much of a browser as a sign-in needs: cookies by origin, redirects followed one by one.

export type Page = {
  /** Where it was in the end. */
  readonly url: string;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
};

export type Browser = {
  open(url: string): Promise<Page>;
  /** Sends a form without fields, as a button does. */
  press(url: string): Promise<Page>;
};

const MOST_REDIRECTS = 10;

export function openBrowser(): Browser {
  const cookies = new Map<string, Map<string, string>>();

  async function send(url: URL, method: string): Promise<Response> {
    const jar = cookies.get(url.origin) ?? new Map<string, string>();
    cookies.set(url.origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { Cookie: cookie, Accept: 'text/html' };
    const response = await fetch(url, { method, redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  async function follow(address: string, first: string): Promise<Page> {
    let url = new URL(address);
    let method = first;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
      const response = await send(url, method);
      const location = response.headers.get('location');
      const text = await response.text();
      if (location === null) {
        return { url: url.href, status: response.status, text, headers: response.headers };
      }
      url = new URL(location, url);
      method = 'GET';
    }
    throw new Error(`too many redirects: ${url.origin}${url.pathname}`);
  }

  return { open: (url) => follow(url, 'GET'), press: (url) => follow(url, 'POST') };
}
