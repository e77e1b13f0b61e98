import { describe, expect, it } from 'vitest';
import { EMPTY } from '../../internal/chooser/entry.ts';
import type { ChooserPage } from '../../internal/oidc/endpoint.ts';
import { CHOOSER_PAGE, directives, page, show } from '../support/pages.ts';

const HOSTILE = `<script>alert(1)</script>"onmouseover='x' \`\${7*7}{{7*7}}</textarea></title>&amp;`;

const draw = (different: Partial<ChooserPage> = {}) =>
  show(page({ ...CHOOSER_PAGE, ...different }));

describe('the chooser page', () => {
  it('has a button for each End-User and one to deny, below the path of the issuer', async () => {
    const { body } = await show(page(CHOOSER_PAGE), { issuerUrl: 'https://op.example/a/b' });

    expect(body).toContain('<form method="post" action="/a/b/choose">');
    expect(body).toContain('name="rd" value="https://op.example/authorize?a=b&amp;c"');
    for (const user of ['alice', 'bob']) expect(body).toContain(`name="user" value="${user}"`);
    expect(body).toContain('Alice Example');
    expect(body).toContain('name="decision" value="deny"');
  });

  it('has no Deny where no client waits for an answer', async () => {
    const { body } = await draw({ clientName: undefined });

    expect(body).not.toContain('value="deny"');
    expect(body).toContain('<h1>Who do you want to be?</h1>');
  });

  it('may lead to itself and to where the client waits, and on from there', async () => {
    const policyOf = async (different: Partial<ChooserPage>) =>
      directives((await draw(different)).headers['content-security-policy']).get('form-action');

    expect(await policyOf({})).toBe("'self' http://localhost:3000 http: https:");
    expect(await policyOf({ leadsTo: [] })).toBe("'self'");
  });

  it('looks for a name where there are many, and says how many are left', async () => {
    const few = await draw();
    const many = await draw({ search: { query: 'ali', more: 3, isShown: true } });
    const none = await draw({ users: [], search: { query: 'zz', more: 0, isShown: true } });

    expect(few.body).not.toContain('type="search"');
    expect(many.body).toContain('type="search" name="q" value="ali"');
    expect(many.body).toContain('3 more: look for a name.');
    expect(none.body).toContain('Nobody in the file is called that.');
  });

  it('shows what is wrong beside its field, tied to it, with what was typed', async () => {
    const { body } = await draw({
      form: {
        isOpen: true,
        values: { ...EMPTY, email: 'at home', email_verified: 'true', claims: '\n{"a":' },
        problems: { email: { kind: 'email' }, claims: { kind: 'not_json' } },
      },
    });

    expect(body).toContain('<details open>');
    expect(body).toMatch(
      /id="email" name="email" value="at home"[^>]* aria-describedby="hint-email wrong-email" aria-invalid="true">/,
    );
    expect(body).toMatch(/role="alert" id="wrong-email">Write an email address/);
    expect(body).toContain('<option value="true" selected>yes</option>');
    // The first line end belongs to the markup, the second to what was typed.
    expect(body).toMatch(/<textarea id="claims"[^>]*>\n\n\{&quot;a&quot;:<\/textarea>/);
    expect(body).toContain('id="wrong-claims"');
    expect(body.match(/ aria-invalid=/g)).toHaveLength(2);
  });

  it('offers what the client wishes as acr, and to say nothing', async () => {
    const { body } = await draw({ acrValues: ['phr', 'mfa'] });

    expect(body).toMatch(/<option>phr<\/option>\n<option>mfa<\/option>\n<option value="">/);
    expect((await draw()).body).not.toContain('wished-acr');
  });

  it('says who is signed in, and lets them go on with what they entered', async () => {
    const known = await draw({ current: 'bob' });
    const entered = await draw({ current: 'mallory', isEntered: true });

    expect(known.body).toContain('<bdi>bob</bdi> · signed in</small>');
    expect(known.body).not.toContain('value="keep"');
    expect(entered.body).toMatch(/value="keep" id="who-kept">Continue as <bdi>mallory<\/bdi>/);
  });

  it('begins with whom the client asks for', async () => {
    const { body } = await draw({ wanted: 'alice@example.test' });

    expect(body).toMatch(/value="alice" autofocus>/);
    expect(body.match(/autofocus/g)).toHaveLength(1);
    expect(body).toContain('<bdi>Corner Shop</bdi> asks for <strong>alice@example.test</strong>.');
  });

  for (const [what, different] of [
    ['the client name', { clientName: HOSTILE }],
    ['whom a client asks for', { wanted: HOSTILE }],
    ['a wish for an acr', { acrValues: [HOSTILE] }],
    ['who was chosen before', { current: HOSTILE, isEntered: true }],
    ['the way back', { hidden: [['rd', HOSTILE]] }],
    ['what was looked for', { search: { query: HOSTILE, more: 3, isShown: true } }],
    ['an End-User', { users: [{ subject: HOSTILE, name: HOSTILE }] }],
    ...(['sub', 'claims'] as const).map((field) => {
      const values = { ...EMPTY, [field]: HOSTILE };
      return [
        `what was typed as ${field}`,
        {
          form: {
            isOpen: true,
            values,
            problems: { [field]: { kind: 'value', claim: HOSTILE, rule: HOSTILE } },
          },
        },
      ] as const;
    }),
  ] as const satisfies readonly (readonly [string, Partial<ChooserPage>])[]) {
    it(`writes ${what} as text, whatever it is`, async () => {
      const { body } = await draw(different);

      expect(body).not.toContain('<script>');
      expect(body).not.toContain('"onmouseover');
      expect(body).toContain('&lt;script&gt;alert(1)');
      expect(body.match(/<\/textarea>/g)).toHaveLength(1);
    });
  }
});
