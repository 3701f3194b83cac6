// The console on a server that has data: footprints, an item, its tiles, features, a job that moves.
import { given, journey, picture, until } from './browser.mjs';

const url = given('JOURNEY_URL');
const key = given('JOURNEY_KEY');
const raster = given('JOURNEY_RASTER');
const vector = given('JOURNEY_VECTOR');
const footprint = [217, 72, 15];
const tasks = 10000;

await journey(async (page, eye) => {
  const map = page.getByTestId('map');
  const shot = async () => map.screenshot();
  const settled = async (what) => {
    // A pointer that rests on an item lights up its footprint.
    await page.mouse.move(720, 12);
    let before = await shot();
    await until(what, async () => {
      if ((await map.getAttribute('aria-busy')) !== 'false') return false;
      const now = await shot();
      const still = (await eye.difference(before, now)) === 0;
      before = now;
      return still;
    });
    return before;
  };

  await page.goto(url);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.locator(`[data-testid=item-row]`, { hasText: raster }).waitFor();
  await until('footprints are on the map', async () => (await eye.share(await shot(), footprint)) > 0.0002);
  await settled('the map is still');
  await picture(page, 'catalogue');

  await page.getByRole('searchbox').fill('no such thing');
  await page.getByText('Nothing fits these filters').waitFor();
  await page.getByRole('button', { name: 'Clear all filters' }).first().click();

  await page.locator(`[data-testid=item-row]`, { hasText: raster }).click();
  await page.getByRole('heading', { name: raster }).waitFor();
  const without = await settled('the map has come to the item');
  await page.getByTestId('draw-switch').check();
  await until('tiles are on the map', async () => (await eye.difference(without, await shot())) > 0.05);
  await settled('all tiles are drawn');
  await picture(page, 'raster');
  await page.getByTestId('draw-switch').uncheck();
  await until('the tiles are gone', async () => (await eye.difference(without, await shot())) < 0.01);
  await page.getByTestId('draw-switch').check();

  await page.locator(`[data-testid=item-row]`, { hasText: vector }).click();
  await page.getByRole('heading', { name: vector }).waitFor();
  const bare = await settled('the map has come to the features');
  await page.getByTestId('draw-switch').check();
  await page.getByText(/[1-9][0-9,]* features in this view/).waitFor();
  await until('features are on the map', async () => (await eye.difference(bare, await shot())) > 0.01);
  await picture(page, 'vector');

  await page.getByRole('link', { name: /^Jobs/ }).click();
  await page.getByTestId('job-row').first().waitFor();
  await page.evaluate(noteBars);
  const job = await submit();
  const row = page.locator(`[data-job="${job}"]`);
  await row.waitFor();
  // It has moved when it was at two places on its way.
  await until('the bar moves by itself', () => page.evaluate((id) => (window.bars.get(id)?.size ?? 0) >= 2, job));
  await picture(page, 'jobs');
  await row.click();
  await page.getByTestId('job-detail').getByText('Completed').waitFor();
  await page.getByText(`${tasks} of ${tasks} tasks`).first().waitFor();
  await picture(page, 'job');

  await page.getByRole('button', { name: 'Use dark colours' }).click();
  await page.goBack();
  await page.goto(`${url}#/`);
  await page.locator(`[data-testid=item-row]`, { hasText: raster }).click();
  await settled('the dark map is still');
  await picture(page, 'dark');
  await page.getByTestId('key-button').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Access key' }).waitFor();
  await picture(page, 'key');
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Access key' }).waitFor({ state: 'hidden' });
  await page.setViewportSize({ width: 390, height: 780 });
  await settled('the small map is still');
  await picture(page, 'small');
});

/** Runs in the page: notes each place that a job's bar is at, which looking from outside would miss. */
function noteBars() {
  window.bars = new Map();
  const note = () => {
    for (const bar of document.querySelectorAll('[data-job] [role=progressbar]')) {
      const id = bar.closest('[data-job]').dataset.job;
      const at = bar.getAttribute('aria-valuenow');
      if (at === '0' || at === '100') continue;
      window.bars.set(id, (window.bars.get(id) ?? new Set()).add(at));
    }
  };
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
}

async function submit() {
  const answer = await fetch(new URL('api/jobs/submit/hello_world', url), {
    method: 'POST',
    headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify({ n: tasks, message: `journey ${Date.now()}` }),
  });
  if (!answer.ok) throw new Error(`The job was refused: ${await answer.text()}`);
  return (await answer.json()).job_id;
}
