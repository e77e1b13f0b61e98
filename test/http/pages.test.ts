import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { formActionSources } from '../../internal/http/pages/layout.ts';
import type { Page, ProtocolResponse } from '../../internal/oidc/endpoint.ts';
import { FORM, HOST, NO_LINKS, startHttp } from '../support/http-app.ts';
import { CHOOSER_PAGE, DEVICE_PAGE as DEVICE, directives, page, show } from '../support/pages.ts';
import { ask } from '../support/raw-http.ts';

const HOSTILE = `<script>alert(1)</script>"onmouseover='x' \`\${7*7}{{7*7}}</title>&amp;`;

const CONSENT: Extract<Page, { kind: 'consent' }> = {
  kind: 'consent',
  clientName: 'Corner Shop',
  links: NO_LINKS,
  redirectHost: 'xn--bcher-kva.example',
  redirectUri: 'https://xn--bcher-kva.example/cb?x=1',
  subject: 'alice',
  scope: [
    { name: 'openid', description: 'who you are here' },
    { name: 'email', description: 'your email address' },
    { name: 'custom:read', description: undefined },
  ],
  resource: [],
  details: [],
  handle: 'cr_id.secret',
};

const ACCOUNT: Extract<Page, { kind: 'account' }> = {
  kind: 'account',
  clientName: 'Corner Shop',
  subject: 'bob',
  wanted: 'alice',
  canContinue: true,
  leadsTo: ['https://shop.example/cb', 'https://proxy.example'],
  handle: 'ac_id.secret',
};

const SIGN_OUT: Extract<Page, { kind: 'sign_out' }> = {
  kind: 'sign_out',
  clientName: 'Corner Shop',
  subject: 'alice',
  leadsTo: ['https://idp.example/out?rd=x', 'https://rp.example/after'],
  handle: 'so_id.secret',
};

const FRAMES: Extract<Page, { kind: 'front_channel_logout' }> = {
  kind: 'front_channel_logout',
  frames: [
    'https://rp.example/fc?iss=https%3A%2F%2Fop.example&sid=s',
    'https://rp.example/fc2?sid=s',
    'https://rp2.example:8443/fc?a=1&sid=s',
  ],
  next: 'https://rp.example/after?state=a%26b&c=d',
};

const ERROR: Extract<Page, { kind: 'error' }> = {
  kind: 'error',
  code: 'invalid_request',
  description: 'the client is unknown',
  requestId: 'an-id',
};

const PAGES: readonly { readonly name: string; readonly response: ProtocolResponse }[] = [
  { name: 'error', response: page(ERROR, 400) },
  { name: 'consent', response: page(CONSENT) },
  { name: 'account', response: page(ACCOUNT) },
  { name: 'user_code', response: page({ kind: 'user_code', problem: undefined }) },
  { name: 'wrong user_code', response: page({ kind: 'user_code', problem: 'unknown' }, 400) },
  { name: 'device', response: page(DEVICE) },
  { name: 'device_answered', response: page({ kind: 'device_answered', allowed: true }) },
  { name: 'chooser', response: page(CHOOSER_PAGE) },
  { name: 'sign_out', response: page(SIGN_OUT) },
  { name: 'signed_out', response: page({ kind: 'signed_out', stayed: false }) },
  { name: 'stayed', response: page({ kind: 'signed_out', stayed: true }) },
  { name: 'front_channel_logout', response: page(FRAMES) },
  {
    name: 'form_post',
    response: { kind: 'form_post', action: 'https://rp.example/cb', fields: { code: 'c' } },
  },
];

describe('every page (G-19, G-20, CO-2)', () => {
  for (const { name, response } of PAGES) {
    it(`${name}: cannot be framed, loads nothing, runs nothing, is not kept`, async () => {
      const { headers, body } = await show(response);
      const policy = directives(headers['content-security-policy']);

      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['cache-control']).toBe('no-store, private');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['cross-origin-opener-policy']).toBe('unsafe-none');
      expect(headers['permissions-policy']).toContain('camera=()');
      expect(policy.get('default-src')).toBe("'none'");
      expect(policy.get('frame-ancestors')).toBe("'none'");
      expect(policy.get('base-uri')).toBe("'none'");
      expect(policy.get('form-action')).toBeDefined();
      const isFrames = name === 'front_channel_logout';
      expect(policy.has('script-src')).toBe(isFrames || name === 'form_post');
      expect(policy.has('frame-src')).toBe(isFrames);
      const own = isFrames ? body.replaceAll(/<iframe [^>]*><\/iframe>|<a id="next"/g, '') : body;
      expect(own).not.toMatch(/<(?:img|link|iframe|a|object|base)\b|\bsrc=|\bon\w+=|url\(/);
      expect(body).toMatch(/^<!doctype html>\n<html lang="en" dir="ltr">/);
    });

    it(`${name}: has a nonce that only this answer has`, async () => {
      const nonce = (text = ''): string => /'nonce-([\w-]+)'/.exec(text)?.[1] ?? '';
      const first = await show(response);
      const second = await show(response);
      const own = nonce(first.headers['content-security-policy']);

      expect(own.length).toBeGreaterThanOrEqual(22);
      expect(first.body).toContain(`<style nonce="${own}">`);
      expect(nonce(second.headers['content-security-policy'])).not.toBe(own);
    });
  }
});

describe('escaping (CO-3)', () => {
  const cases: readonly { readonly name: string; readonly response: ProtocolResponse }[] = [
    { name: 'the client name at consent', response: page({ ...CONSENT, clientName: HOSTILE }) },
    { name: 'the subject at consent', response: page({ ...CONSENT, subject: HOSTILE }) },
    {
      name: 'the name of a scope at consent',
      response: page({ ...CONSENT, scope: [{ name: HOSTILE, description: undefined }] }),
    },
    {
      name: 'the description of a scope at consent',
      response: page({ ...CONSENT, scope: [{ name: 'x', description: HOSTILE }] }),
    },
    {
      name: 'a detail at consent',
      response: page({
        ...CONSENT,
        details: [{ description: HOSTILE, members: [[HOSTILE, HOSTILE]] }],
      }),
    },
    { name: 'the host at consent', response: page({ ...CONSENT, redirectHost: HOSTILE }) },
    { name: 'the handle at consent', response: page({ ...CONSENT, handle: HOSTILE }) },
    { name: 'the client at the account page', response: page({ ...ACCOUNT, clientName: HOSTILE }) },
    { name: 'the subject at the account page', response: page({ ...ACCOUNT, subject: HOSTILE }) },
    { name: 'whom the account page asks for', response: page({ ...ACCOUNT, wanted: HOSTILE }) },
    { name: 'the handle at the account page', response: page({ ...ACCOUNT, handle: HOSTILE }) },
    { name: 'the client name of a device', response: page({ ...DEVICE, clientName: HOSTILE }) },
    { name: 'the subject asked about a device', response: page({ ...DEVICE, subject: HOSTILE }) },
    { name: 'the code of a device', response: page({ ...DEVICE, userCode: HOSTILE }) },
    {
      name: 'a scope of a device',
      response: page({ ...DEVICE, scope: [{ name: HOSTILE, description: undefined }] }),
    },
    { name: 'the handle of a device', response: page({ ...DEVICE, handle: HOSTILE }) },
    { name: 'the client name at a sign-out', response: page({ ...SIGN_OUT, clientName: HOSTILE }) },
    { name: 'the subject at a sign-out', response: page({ ...SIGN_OUT, subject: HOSTILE }) },
    { name: 'the handle at a sign-out', response: page({ ...SIGN_OUT, handle: HOSTILE }) },
    {
      name: 'a frame',
      response: page({ ...FRAMES, frames: [`https://rp.example/?${HOSTILE}`] }),
    },
    { name: 'the link that goes on', response: page({ ...FRAMES, next: `/?${HOSTILE}` }) },
    { name: 'the description of an error', response: page({ ...ERROR, description: HOSTILE }) },
    { name: 'the code of an error', response: page({ ...ERROR, code: HOSTILE }) },
    {
      name: 'a field of form_post',
      response: { kind: 'form_post', action: 'https://rp.example/', fields: { state: HOSTILE } },
    },
    {
      name: 'the action of form_post',
      response: { kind: 'form_post', action: `https://rp.example/?${HOSTILE}`, fields: {} },
    },
  ];

  for (const { name, response } of cases) {
    it(`keeps ${name} from being markup`, async () => {
      const { body } = await show(response);

      expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;onmouseover=&#39;x&#39;');
      expect(body).not.toContain('<script>alert');
      expect(body).not.toContain('</title>"');
      expect(body.split('</title>')).toHaveLength(2);
    });
  }
});

describe('the consent page (CO-4)', () => {
  it('names the client, the host of the answer, the End-User and each scope', async () => {
    const { body } = await show(page(CONSENT));

    for (const text of ['Corner Shop', 'xn--bcher-kva.example', 'alice', 'custom:read']) {
      expect(body).toContain(text);
    }
    expect(body).toContain('your email address');
  });

  it('says what is asked for beyond scopes, member for member', async () => {
    const details = [
      { description: 'Start a payment', members: [['creditor', 'ACME']] },
      { description: 'Your calendar', members: [] },
    ] as const;
    const { body } = await show(page({ ...CONSENT, details }));

    expect(body).toContain('<p>Start a payment</p>');
    expect(body).toContain('<li>creditor: <strong>ACME</strong></li>');
    expect(body).toContain('<p>Your calendar</p>');
    expect(body.match(/<ul/g)).toHaveLength(2);
  });

  it('sends the handle and the decision to the issuer, below its path', async () => {
    const root = await show(page(CONSENT));
    const below = await show(page(CONSENT), { issuerUrl: 'https://op.example/a/b' });

    expect(root.body).toContain('<form method="post" action="/consent">');
    expect(below.body).toContain('<form method="post" action="/a/b/consent">');
    expect(root.body).toContain('<input type="hidden" name="handle" value="cr_id.secret">');
    expect(root.body).toContain('name="decision" value="allow"');
    expect(root.body).toContain('name="decision" value="deny"');
  });

  it('may lead to itself and to where the answer goes, and on from there', async () => {
    const { headers } = await show(page(CONSENT));

    expect(directives(headers['content-security-policy']).get('form-action')).toBe(
      "'self' https://xn--bcher-kva.example https:",
    );
  });
});

describe('the account page', () => {
  it('says who is there and whom the client asks for, and sends the answer below the path', async () => {
    const { body } = await show(page(ACCOUNT), { issuerUrl: 'https://op.example/a/b' });

    expect(body).toContain('<strong>bob</strong>');
    expect(body).toContain('<bdi>Corner Shop</bdi> asks for <strong>alice</strong>.');
    expect(body).toContain('<form method="post" action="/a/b/account">');
    expect(body).toContain('<input type="hidden" name="handle" value="ac_id.secret">');
    for (const decision of ['continue', 'switch', 'cancel']) {
      expect(body).toContain(`name="decision" value="${decision}"`);
    }
    expect(body.match(/class="main"/g)).toHaveLength(1);
  });

  it('has no button to go on where nobody else will do', async () => {
    const { body } = await show(page({ ...ACCOUNT, wanted: undefined, canContinue: false }));

    expect(body).not.toContain('value="continue"');
    expect(body).toContain('<bdi>Corner Shop</bdi> asks for somebody else.');
    expect(body).toContain('<button class="main" name="decision" value="switch">');
  });

  it('says so where the client only wants a choice', async () => {
    const { body } = await show(page({ ...ACCOUNT, wanted: undefined }));

    expect(body).toContain('<bdi>Corner Shop</bdi> asks you to choose an account.');
  });

  it('may lead to itself, to where the answer goes and to where somebody else signs in', async () => {
    const leadsTo = ['com.example.app:/cb', 'https://proxy.example'];
    const { headers } = await show(page({ ...ACCOUNT, leadsTo }));

    expect(directives(headers['content-security-policy']).get('form-action')).toBe(
      "'self' com.example.app: https://proxy.example https:",
    );
  });
});

describe('the page that asks whether to sign out (LO-1)', () => {
  it('says who and for whom, and sends the answer to the issuer, below its path', async () => {
    const { body } = await show(page(SIGN_OUT), { issuerUrl: 'https://op.example/a/b' });

    expect(body).toContain('<form method="post" action="/a/b/sign_out">');
    expect(body).toContain('<input type="hidden" name="handle" value="so_id.secret">');
    expect(body).toContain('name="decision" value="sign_out"');
    expect(body).toContain('name="decision" value="stay"');
    expect(body).toContain('<strong>Corner Shop</strong>');
    expect(body).toContain('<strong>alice</strong>');
    expect(body).toContain('<meta name="referrer" content="same-origin">');
  });

  it('names nobody whom it does not know', async () => {
    const { body } = await show(
      page({ ...SIGN_OUT, clientName: undefined, subject: undefined, leadsTo: [] }),
    );

    expect(body).not.toMatch(/<strong>|undefined/);
    expect(body).toContain('An application asks');
  });

  it('may lead to the upstream and to the client, and on from there', async () => {
    const policyOf = async (leadsTo: readonly string[]) => {
      const { headers } = await show(page({ ...SIGN_OUT, leadsTo }));
      return directives(headers['content-security-policy']).get('form-action');
    };

    expect(await policyOf(SIGN_OUT.leadsTo)).toBe(
      "'self' https://idp.example https: https://rp.example",
    );
    expect(await policyOf([])).toBe("'self'");
    expect(await policyOf(['com.example.app:/out'])).toBe("'self' com.example.app:");
  });
});

describe('the page of frames (Front-Channel Logout §3; LO-6)', () => {
  it('loads each URL as it is, and may load nothing of other origins', async () => {
    const { headers, body } = await show(page(FRAMES));
    const policy = directives(headers['content-security-policy']);

    expect(policy.get('frame-src')).toBe('https://rp.example https://rp2.example:8443');
    for (const url of FRAMES.frames) {
      const src = url.replaceAll('&', '&amp;');
      expect(body).toContain(
        `<iframe src="${src}" sandbox="allow-scripts allow-same-origin" hidden></iframe>`,
      );
    }
    expect(policy.get('form-action')).toBe("'none'");
  });

  it('goes on by a link, and by a script of its own when all is loaded or after three seconds', async () => {
    const { headers, body } = await show(page(FRAMES));
    const nonce = directives(headers['content-security-policy']).get('script-src')?.slice(7, -1);

    expect(body).toContain(
      '<a id="next" class="button main" href="https://rp.example/after?state=a%26b&amp;c=d">Continue</a>',
    );
    const [, script = ''] =
      new RegExp(`<script nonce="${nonce}">([^<]+)</script>`).exec(body) ?? [];
    expect(runScript(script, ['load'])).toEqual({ went: ['https://rp.example/'], timers: [3000] });
    expect(runScript(script, ['timer'])).toEqual({ went: ['https://rp.example/'], timers: [3000] });
    expect(runScript(script, ['timer', 'load', 'timer']).went).toHaveLength(1);
    expect(runScript(script, [])).toEqual({ went: [], timers: [3000] });
  });

  it('can be shown for a client at an address without a name', async () => {
    const frames = ['http://[::1]:3000/fc', "https://a;script-src'unsafe-inline'/"];
    const { headers } = await show(page({ ...FRAMES, frames }));

    expect(directives(headers['content-security-policy']).get('frame-src')).toBe('http: https:');
  });

  for (const url of ['javascript:alert(1)', 'JavaScript:alert(1)', 'data:text/html,x', 'blob:x']) {
    it(`never goes to ${url}, nor shows it`, async () => {
      expect((await show(page({ ...FRAMES, next: url }))).status).toBe(500);
      expect((await show(page({ ...FRAMES, frames: [url] }))).status).toBe(500);
    });
  }
});

/** Runs the script of the page in a browser that has nothing but what it may use. */
function runScript(script: string, happens: readonly ('load' | 'timer')[]) {
  const went: string[] = [];
  const timers: number[] = [];
  const waiting = new Map<string, () => void>();
  const names = {
    document: { getElementById: () => ({ href: 'https://rp.example/' }) },
    location: { replace: (url: string) => went.push(url) },
    setTimeout: (call: () => void, ms: number) => {
      timers.push(ms);
      waiting.set('timer', call);
    },
    clearTimeout: () => waiting.delete('timer'),
    addEventListener: (name: string, call: () => void) => waiting.set(name, call),
    removeEventListener: (name: string) => waiting.delete(name),
  };
  runInNewContext(script, names);
  for (const name of happens) waiting.get(name)?.();
  return { went, timers };
}

describe('the page that says that it is done (LO-1)', () => {
  it('says which, and has no form and no link', async () => {
    for (const [stayed, title] of [
      [false, 'You are signed out'],
      [true, 'You are still signed in'],
    ] as const) {
      const { headers, body } = await show(page({ kind: 'signed_out', stayed }));
      expect(body).toContain(title);
      expect(body).not.toMatch(/<form|<a |href/);
      expect(directives(headers['content-security-policy']).get('form-action')).toBe("'none'");
    }
  });
});

describe('the error page (AZ-2)', () => {
  it('has no form and no link, whatever it says', async () => {
    const { headers, body } = await show(page(ERROR, 400));

    expect(directives(headers['content-security-policy']).get('form-action')).toBe("'none'");
    expect(body).not.toMatch(/<form|<a |href/);
    expect(body).toContain('an-id');
  });

  it('with 401 has a challenge no browser asks a password for', async () => {
    const { headers } = await show(page(ERROR, 401));

    expect(headers['www-authenticate']).toBe('Upstream realm="https://op.example"');
  });
});

describe('form_post (AZ-15, Form Post Response Mode §2)', () => {
  const post = (action: string): ProtocolResponse => ({
    kind: 'form_post',
    action,
    fields: { code: 'ac_x.y', state: 'a&b', iss: 'https://op.example' },
  });

  it('posts its fields to the redirect URI by a script of its own, or by a button', async () => {
    const { status, headers, body } = await show(post('https://rp.example:8443/cb?a=1&b=2'));
    const policy = directives(headers['content-security-policy']);

    expect(status).toBe(200);
    expect(body).toContain('<form method="post" action="https://rp.example:8443/cb?a=1&amp;b=2">');
    expect(body).toContain('<input type="hidden" name="code" value="ac_x.y">');
    expect(body).toContain('<input type="hidden" name="state" value="a&amp;b">');
    expect(body).toContain('document.forms[0].submit();');
    expect(body).toMatch(/<noscript>[\s\S]*<button[\s\S]*<\/noscript>/);
    expect(policy.get('form-action')).toBe('https://rp.example:8443 https:');
    expect(body).toContain(`<script nonce="${policy.get('script-src')?.slice(7, -1)}">`);
  });

  for (const action of [
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'java\tscript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'not a uri',
  ]) {
    it(`never posts to ${JSON.stringify(action)} (CVE-2024-21637)`, async () => {
      const { status, body } = await show(post(action));

      expect(status).toBe(500);
      expect(body).not.toContain('alert');
      expect(body).not.toContain('ac_x.y');
    });
  }
});

describe('where a form may lead', () => {
  for (const [uri, sources] of [
    ['https://rp.example/cb', ['https://rp.example', 'https:']],
    ['https://RP.example:443/cb', ['https://rp.example', 'https:']],
    ['http://localhost:3000/cb', ['http://localhost:3000', 'http:', 'https:']],
    ['http://[::1]:3000/cb', ['http:', 'https:']],
    ['com.example.app:/cb', ['com.example.app:']],
    ["https://a;script-src'unsafe-inline'/", ['https:']],
    ['https://a,b/', ['https:']],
  ] as const) {
    it(`for ${uri} is ${sources.join(' ')}`, () => {
      expect(formActionSources(uri)).toEqual(sources);
    });
  }
});

describe('forms of ours from other sites (CO-1, T24, T25)', () => {
  const submit = async (path: string, ...lines: readonly string[]) => {
    const http = await startHttp();
    const head = [`POST ${path} HTTP/1.1`, HOST, FORM, 'Content-Length: 8', ...lines];
    const answer = await ask(http.target, head, 'handle=h');
    return { ...answer, asked: http.asked };
  };

  for (const path of ['/consent', '/account', '/device', '/choose', '/sign_out', '/review']) {
    for (const lines of [
      ['Origin: https://evil.example'],
      ['Origin: null'],
      ['Origin: http://op.example'],
      ['Origin: https://op.example:8443'],
      ['Origin: https://op.example.evil.example'],
      ['Origin: https://op.example', 'Sec-Fetch-Site: cross-site'],
      ['Sec-Fetch-Site: cross-site'],
      ['Sec-Fetch-Site: same-site'],
    ]) {
      it(`${path} refuses ${lines.join(' with ')} with a page and 403`, async () => {
        const { status, headers, asked } = await submit(path, ...lines);

        expect(status).toBe(403);
        expect(headers['content-type']).toBe('text/html; charset=utf-8');
        expect(asked).toEqual([]);
      });
    }

    for (const lines of [
      [],
      ['Origin: https://op.example'],
      ['Origin: https://op.example', 'Sec-Fetch-Site: same-origin'],
      ['Sec-Fetch-Site: none'],
    ]) {
      it(`${path} takes ${lines.join(' with ') || 'the form of a browser that says nothing'}`, async () => {
        const { status, asked } = await submit(path, ...lines);

        expect(status).toBe(303);
        expect(asked[0]?.request.params.get('handle')).toEqual(['h']);
      });
    }
  }

  for (const path of ['/consent', '/account', '/sign_out']) {
    it(`${path} is answered by its form alone: an address that says allow is none (CO-7)`, async () => {
      const { target, asked } = await startHttp();

      const { status, headers } = await ask(target, [
        `GET ${path}?handle=h&decision=allow&user=alice HTTP/1.1`,
        HOST,
      ]);

      expect([status, headers['allow']]).toEqual([405, 'POST']);
      expect(asked).toEqual([]);
    });
  }

  it('a page under another name of ours submits to that name', async () => {
    const { target } = await startHttp({ deps: { allowedHosts: ['127.0.0.1:8880'] } });

    const { status } = await ask(target, [
      'POST /choose HTTP/1.1',
      'Host: 127.0.0.1:8880',
      'Origin: https://127.0.0.1:8880',
    ]);

    expect(status).toBe(303);
  });

  it('pages with a form of ours tell the browser to say where it comes from', async () => {
    const own = await show(page(CONSENT));
    const other = await show({ kind: 'form_post', action: 'https://rp.example/', fields: {} });

    expect(own.body).toContain('<meta name="referrer" content="same-origin">');
    expect(other.body).not.toContain('name="referrer"');
  });
});
