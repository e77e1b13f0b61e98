import { expect, test } from '../support/browser-test.ts';
import { startApp } from '../support/start-app.ts';

test.use({ signedInAs: 'alice' });

test('signing out ends the session here and at the issuer', async ({ app, issuer, page }) => {
  await page.goto(`${app.url}/login`);
  await page.getByRole('button', { name: 'Sign out' }).click();

  await expect(page).toHaveURL(`${app.url}/`);
  await expect(page.getByText('You are not signed in.')).toBeVisible();
  expect(issuer).toHaveSeen({ step: 'endSession', client: 'web' });
});

test('signing out of another application ends the session here', async ({ app, issuer, page }) => {
  const other = await startApp(issuer, 'other');
  try {
    await page.goto(`${app.url}/login`);
    await page.goto(`${other.url}/login`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(`${other.url}/`);

    await expect(async () => {
      await page.goto(app.url);
      await expect(page.getByText('You are not signed in.')).toBeVisible({ timeout: 100 });
    }).toPass();
  } finally {
    await other.stop();
  }
});
