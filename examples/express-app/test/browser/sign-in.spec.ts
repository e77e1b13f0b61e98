import { expect, test } from '../support/browser-test.ts';

test.describe('with the chooser', () => {
  test('somebody signs in', async ({ app, page }) => {
    await page.goto(app.url);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Alice Example' }).click();

    await expect(page).toHaveURL(`${app.url}/`);
    await expect(page.getByText('You are signed in as alice.')).toBeVisible();
  });

  test('somebody does not want to', async ({ app, page }) => {
    await page.goto(`${app.url}/login`);
    await page.getByRole('button', { name: 'Deny' }).click();

    await expect(page.getByRole('heading', { name: 'You were not signed in' })).toBeVisible();
    await page.getByRole('link', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Bob Sample' }).click();
    await expect(page.getByText('You are signed in as bob.')).toBeVisible();
  });
});

test.describe('when somebody is signed in already', () => {
  test.use({ signedInAs: 'alice' });

  test('they see no page of the issuer', async ({ app, page }) => {
    await page.goto(`${app.url}/profile`);

    await expect(page).toHaveURL(`${app.url}/profile`);
    await expect(page.getByText('alice@example.com')).toBeVisible();
  });

  test('their access token is refreshed behind their back', async ({ app, issuer, page }) => {
    await page.goto(`${app.url}/login`);
    issuer.clock.advance('2h');
    await page.getByRole('link', { name: 'Profile' }).click();

    await expect(page.getByText('alice@example.com')).toBeVisible();
    expect(issuer).toHaveIssued({ sub: 'alice', grant_type: 'refresh_token' });
  });
});
