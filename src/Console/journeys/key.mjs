// The console on a server whose reads are not open: it says that a key is needed, takes one, shows what it opens.
import { given, journey, picture } from './browser.mjs';

const url = given('JOURNEY_URL');
const key = given('JOURNEY_KEY');
const org = given('JOURNEY_ORG');
let keyless = true;

await journey(async (page) => {
  await page.goto(url);
  await page.getByText('Key needed', { exact: true }).waitFor();
  await page.getByText('This needs a key and none was sent.').first().waitFor();
  await picture(page, 'key-needed');

  await page.getByRole('button', { name: 'Enter a key' }).first().click();
  await page.getByLabel('Key', { exact: true }).fill('wp_not_a_key_of_anybody');
  await page.getByRole('button', { name: 'Use this key' }).click();
  await page.getByText('This key is not known').waitFor();
  await page.getByLabel('Key', { exact: true }).fill(key);
  keyless = false;
  await page.getByRole('button', { name: 'Use this key' }).click();
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByTestId('key-button').getByText(org).waitFor();
  await page.getByText('The catalogue is empty').waitFor();
  await picture(page, 'empty');

  await page.getByTestId('key-button').click();
  keyless = true;
  await page.getByRole('button', { name: 'Forget this key' }).click();
  await page.getByText('Key needed', { exact: true }).waitFor();
}, { expected: (complaint) => keyless && / 401\b/.test(complaint) });
