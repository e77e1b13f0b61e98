// Pages as an operator makes them theirs, and what nobody can put into them by that.

import { describe, expect, it } from 'vitest';
import { readPageTemplate } from '../../internal/config/page-template.ts';
import { type Brand, PLAIN } from '../../internal/http/pages/brand.ts';
import { contrastOf, parseColour } from '../../internal/http/pages/colour.ts';
import { textsIn } from '../../internal/http/pages/languages.ts';
import { type Accents, paletteFor } from '../../internal/http/pages/palette.ts';
import { printStyle } from '../../internal/http/pages/style.ts';
import { LANGUAGES, type Words } from '../../internal/protocol/languages.ts';
import { HOST, startHttp } from '../support/http-app.ts';
import { DEVICE_PAGE, directives, page } from '../support/pages.ts';
import { ask } from '../support/raw-http.ts';

const HOSTILE = `<script>alert(1)</script>"onmouseover='x' \`{{main}}{{nonce}}\${7*7}</title></style>`;

const templateOf = (text: string): Brand['template'] => {
  const reading = readPageTemplate(text, undefined);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.template;
};

const TEMPLATE = templateOf(`<!doctype html>
<html lang="{{lang}}" dir="{{dir}}"><head>{{head}}{{style}}<style>p { margin: 0 }</style></head>
<body title="{{title}}">{{brand}}{{main}}{{links}}</body></html>`);

async function show(brand: Partial<Brand>, drawn = page(DEVICE_PAGE), language = 'en') {
  const { target } = await startHttp({
    endpoints: { device: async () => drawn },
    deps: { brand: () => ({ ...PLAIN, ...brand }) },
  });
  const { headers, body } = await ask(target, [
    `GET /device?ui_locales=${language} HTTP/1.1`,
    HOST,
  ]);
  return { body, headers, policy: directives(headers['content-security-policy']) };
}

describe('a brand', () => {
  it('is not there where nobody names one: the title says the host', async () => {
    const { body, policy } = await show({});

    expect(body).toContain('<title>Connect Television? · op.example</title>');
    expect(body).not.toMatch(/<header|<footer|<img/);
    expect(policy.has('img-src')).toBe(false);
  });

  it('is a name above the page and in its title', async () => {
    const { body } = await show({ name: 'Ours' });

    expect(body).toContain('<header class="brand">Ours</header>');
    expect(body).toContain('<title>Connect Television? · Ours</title>');
  });

  it('is a picture from its origin and from nowhere else', async () => {
    const { body, policy } = await show({ logo: 'https://cdn.example/a.png?b=1&c=2' });

    expect(body).toContain('<img src="https://cdn.example/a.png?b=1&amp;c=2" alt="op.example"');
    expect(policy.get('img-src')).toBe('https://cdn.example');
  });

  it('is a picture that is in the page, beside that of a client', async () => {
    const logo = 'data:image/png;base64,AAAA';
    const { body, policy } = await show({ logo, name: 'Ours' });

    expect(body).toContain(`<img src="${logo}" alt=""`);
    expect(policy.get('img-src')).toBe('data:');
  });

  it('has links, in the language of the reader', async () => {
    const links = [{ text: { en: 'Help', de: 'Hilfe' }, url: 'https://help.example/?a=1&b=2' }];
    const { body } = await show({ links }, page(DEVICE_PAGE), 'de');

    expect(body).toContain(
      '<a href="https://help.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">Hilfe',
    );
    expect(body).toContain('<nav aria-label="Weitere Links">');
  });

  it('decides the language of who reads none of ours', async () => {
    const { headers } = await show({ defaultLanguage: 'fr' }, page(DEVICE_PAGE), 'it');

    expect(headers['content-language']).toBe('fr');
  });
});

describe('scopes in words (OIDC Core §5.4)', () => {
  const names = ['openid', 'offline_access', 'constructor', 'api:read'];
  const asked = (description?: Words) =>
    page({ ...DEVICE_PAGE, scope: names.map((name) => ({ name, description })) });

  for (const language of LANGUAGES) {
    it(`${language}: are those of the standards, and names where there are none`, async () => {
      const { standard } = textsIn(language).asked;
      const { body } = await show({}, asked(), language);

      for (const text of [standard.openid, standard.offline_access, 'constructor', 'api:read']) {
        expect(body).toContain(`<li>${text}</li>`);
      }
    });

    it(`${language}: are the operator’s before ours, in the language that there is`, async () => {
      const { body } = await show(
        { defaultLanguage: 'fr' },
        asked({ fr: 'à vous', zh: '您的' }),
        language,
      );

      expect(body.split(`<li>${language === 'zh' ? '您的' : 'à vous'}</li>`)).toHaveLength(5);
    });
  }
});

describe('what cannot be put into pages (CO-3)', () => {
  const hostile = page({
    ...DEVICE_PAGE,
    clientName: HOSTILE,
    subject: HOSTILE,
    userCode: HOSTILE,
    scope: [
      { name: HOSTILE, description: undefined },
      { name: 'a', description: HOSTILE },
    ],
    details: [{ description: HOSTILE, members: [[HOSTILE, HOSTILE]] }],
    handle: HOSTILE,
  });

  for (const language of LANGUAGES) {
    for (const template of [PLAIN.template, TEMPLATE]) {
      it(`${language}, ${template === TEMPLATE ? 'a template' : 'ours'}: is anything of others`, async () => {
        const words = { name: HOSTILE, links: [{ text: HOSTILE, url: 'https://a.example' }] };
        const { body, policy } = await show({ ...words, template }, hostile, language);
        const nonce = policy.get('style-src')?.slice("'nonce-".length, -1) ?? '';

        expect(
          body.split('&lt;script&gt;alert(1)&lt;/script&gt;&quot;onmouseover=&#39;x&#39;').length,
        ).toBeGreaterThan(10);
        expect(body).not.toMatch(/<script|"onmouseover|'x'/);
        expect(body.split('</title>')).toHaveLength(2);
        expect(body.split('<main>')).toHaveLength(2);
        const styles = template === TEMPLATE ? 2 : 1;
        expect(body.split('</style>')).toHaveLength(1 + styles);
        expect(body.split(`<style nonce="${nonce}">`)).toHaveLength(1 + styles);
        // What looks like a place of the template in a name stays what it is.
        expect(body).toContain('{{main}}{{nonce}}');
        expect(body.split(nonce)).toHaveLength(1 + styles);
      });
    }
  }

  it.each(['red', '#12345', '#12345g', 'url(x)', '#fff;}', '', '#FFFFFF\n'])(
    'is the colour %j',
    (text) => {
      expect(() => parseColour(text)).toThrow('a colour is not written as #rrggbb');
      expect(() => printStyle({ light: text })).toThrow();
      expect(() => printStyle({ dark: text })).toThrow();
    },
  );

  it('is an origin that would end a directive', async () => {
    const { policy } = await show({ logo: "https://a;script-src'unsafe-inline'/x" });

    expect(policy.get('img-src')).toBe('https:');
    expect(policy.has('script-src')).toBe(false);
  });
});

describe('colours (WCAG 2.2 §1.4.3, §1.4.11)', () => {
  const TEXT = [
    ['ink', 'paper'],
    ['ink', 'back'],
    ['ink', 'tint'],
    ['soft', 'paper'],
    ['soft', 'back'],
    ['soft', 'tint'],
    ['mark', 'paper'],
    ['mark', 'back'],
    ['mark', 'tint'],
    ['alarm', 'alarm-tint'],
    ['care', 'care-tint'],
    ['on-main', 'main'],
    ['on-main', 'main-pressed'],
  ] as const;
  const ACCENTS: readonly Accents[] = [
    {},
    ...[
      '#000',
      '#fff',
      '#ffd400',
      '#777777',
      '#ff0000',
      '#00ff00',
      '#2456c8',
      '#0b6e4f',
      '#7f7f80',
    ].flatMap((colour) => [{ light: colour }, { dark: colour }, { light: colour, dark: colour }]),
  ];

  for (const scheme of ['light', 'dark'] as const) {
    it.each(ACCENTS)(`can be read in ${scheme} with %j`, (accents) => {
      const palette = paletteFor(scheme, accents);

      for (const [text, ground] of TEXT) {
        const ratio = contrastOf(palette[text], palette[ground]);
        expect([text, ground, ratio >= 4.5]).toEqual([text, ground, true]);
      }
      expect(contrastOf(palette.edge, palette.paper)).toBeGreaterThanOrEqual(3);
    });
  }

  it('are as far apart as the standard says', () => {
    expect(contrastOf('#000', '#fff')).toBeCloseTo(21, 5);
    expect(contrastOf('#fff', '#000000')).toBeCloseTo(21, 5);
    expect(contrastOf('#777777', '#ffffff')).toBeCloseTo(4.478, 3);
    expect(contrastOf('#123456', '#123456')).toBe(1);
  });

  it('are the operator’s own where they are to be pressed', () => {
    expect(paletteFor('light', { light: '#0B6E4F' }).main).toBe('#0b6e4f');
    expect(paletteFor('dark', { dark: '#abc' }).main).toBe('#aabbcc');
    expect(paletteFor('light', { dark: '#abc' }).main).toBe(paletteFor('light', {}).main);
    // Made of that for light pages, and lighter where it would not stand out.
    expect(paletteFor('dark', { light: '#ffd400' }).main).toBe('#ffd400');
    expect(paletteFor('dark', { light: '#000033' }).main).not.toBe('#000033');
  });
});
