import { expect, test } from '../support/browser-test.ts';

test.use({ signedInAs: 'alice' });

test('a signature that does not fit is met with a friendly page, and a second chance', async ({
  app,
  issuer,
  page,
}) => {
  issuer.faults.once('id_token.signature.corrupt');
  await page.goto(`${app.url}/login`);

  await expect(page.getByRole('heading', { name: 'We could not sign you in' })).toBeVisible();
  await expect(page.getByText(/Reference: \w+/)).toBeVisible();
  await page.getByRole('link', { name: 'Try again' }).click();
  await expect(page.getByText('You are signed in as alice.')).toBeVisible();
});

test('an issuer that has too much to do is waited for', async ({ app, issuer, page }) => {
  issuer.faults.once('token.status', { status: 503, retry_after: 1 });
  await page.goto(`${app.url}/login`);

  await expect(
    page.getByRole('heading', { name: 'Signing in is not possible right now' }),
  ).toBeVisible();
});
