import { describe, expect, it } from 'vitest';
import type { Page, ReviewedApplication } from '../../internal/oidc/endpoint.ts';
import { NO_LINKS } from '../support/http-app.ts';
import { directives, page, show } from '../support/pages.ts';

const HOSTILE = `<script>alert(1)</script>"onmouseover='x' \`\${7*7}</title>`;
const AT = 1_700_000_000;

const APPLICATION: ReviewedApplication = {
  clientName: 'Corner Shop',
  isKnown: true,
  links: { ...NO_LINKS, logoUri: 'https://shop.example/logo.png' },
  hosts: ['shop.example'],
  scope: [{ name: 'custom:read', description: undefined }],
  since: AT,
  usedAt: AT + 3600,
  isRemembered: true,
  signIns: [
    { where: 'device', since: AT, usedAt: undefined, isOffline: true, handle: 'of-the-device' },
    { where: 'this_browser', since: AT, usedAt: AT, isOffline: false, handle: 'of-here' },
  ],
  others: 3,
  handle: 'of-the-shop',
};

const review = (
  applications: readonly ReviewedApplication[],
  more: Partial<Extract<Page, { kind: 'review' }>> = {},
) =>
  page({
    kind: 'review',
    subject: 'alice',
    notice: undefined,
    applications,
    isPartial: false,
    ...more,
  });

describe('the page of what was granted', () => {
  it('has a form of ours for each thing that can be ended, and a link to the question about all', async () => {
    const { body } = await show(review([APPLICATION]), { issuerUrl: 'https://op.example/a/b' });

    const handles = [...body.matchAll(/name="handle" value="([\w-]+)"/g)].map(([, text]) => text);
    expect(handles).toEqual(['of-the-device', 'of-here', 'of-the-shop']);
    expect(body.match(/<form method="post" action="\/a\/b\/review">/g)).toHaveLength(3);
    expect(body).toContain('href="/a/b/review?all=1"');
  });

  it('says days and times in UTC, for people and for programs', async () => {
    const { body } = await show(review([APPLICATION]));

    expect(body).toContain('<time datetime="2023-11-14T22:13:20.000Z">November 14, 2023</time>');
    expect(body).toMatch(/>November 14, 2023 at 11:13\sPM UTC<\/time>/);
  });

  it('shows pictures of clients and nothing else, and no name as anything but a name', async () => {
    const hostile = {
      ...APPLICATION,
      clientName: HOSTILE,
      hosts: [HOSTILE],
      scope: [{ name: HOSTILE, description: undefined }],
    };
    const notice = { kind: 'application', clientName: HOSTILE } as const;
    const { body, headers } = await show(review([hostile], { subject: HOSTILE, notice }));
    const policy = directives(headers['content-security-policy']);

    expect(body).not.toContain('<script');
    expect(body).not.toContain('"onmouseover');
    expect(policy.get('img-src')).toBe('https://shop.example');
    expect([policy.get('form-action'), policy.get('default-src')]).toEqual(["'self'", "'none'"]);
  });

  it('names where pictures are from while that fits through a proxy', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        ...APPLICATION,
        links: { ...NO_LINKS, logoUri: `https://application-${index}.example/logo.png` },
      }));
    const few = (await show(review(many(20)))).headers['content-security-policy'] ?? '';
    const all = (await show(review(many(400)))).headers['content-security-policy'] ?? '';

    expect(directives(few).get('img-src')?.split(' ')).toHaveLength(20);
    expect(directives(few).get('img-src')).toContain('https://application-19.example');
    expect(directives(all).get('img-src')).toBe('https:');
    expect(all.length).toBeLessThan(2048);
  });

  it('offers to be asked again where only that is left, and nothing where there is nothing', async () => {
    const agreed = { ...APPLICATION, signIns: [], others: 0, usedAt: undefined };

    expect((await show(review([agreed]))).body).toMatch(
      /Have <bdi>Corner Shop<\/bdi> ask me again/,
    );
    const empty = (await show(review([]))).body;
    expect(empty).not.toContain('<form');
    expect(empty).not.toContain('all=1');
  });

  it('says that it is not all where it is not', async () => {
    expect((await show(review([APPLICATION], { isPartial: true }))).body).toContain(
      'more than fits',
    );
    expect((await show(review([APPLICATION]))).body).not.toContain('more than fits');
  });
});
