// The catalogue's page on a server that has items with analyses: words, a drawn box, and two versions side by side.
import { given, journey, picture, until } from './browser.mjs';

const url = given('JOURNEY_URL');
const title = given('JOURNEY_TITLE');
const word = given('JOURNEY_WORD');

await journey(async (page) => {
  const rows = page.getByTestId('item-row');
  const map = page.getByTestId('map');
  const settled = () => until('the map is still', async () => (await map.getAttribute('aria-busy')) === 'false');

  await page.goto(url);
  await page.getByText('Live', { exact: true }).waitFor();
  await rows.filter({ hasText: title }).waitFor();
  const all = await rows.count();
  if (all < 2) throw new Error(`The journey needs at least two items to tell apart; there are ${all}.`);

  await page.getByRole('searchbox').fill(word);
  await until('words narrow the list', async () => (await rows.count()) === 1);
  await rows.filter({ hasText: title }).waitFor();
  await page.getByRole('button', { name: 'Clear all filters' }).first().click();
  await until('all are back', async () => (await rows.count()) === all);

  // A box in the middle of the map, which shows all items, and then one in the corner, where none is.
  await settled();
  const frame = await map.boundingBox();
  const drag = async (fromX, fromY, toX, toY) => {
    await page.getByTestId('draw-box').click();
    await page.mouse.move(frame.x + frame.width * fromX, frame.y + frame.height * fromY);
    await page.mouse.down();
    await page.mouse.move(frame.x + frame.width * toX, frame.y + frame.height * toY, { steps: 4 });
    await page.mouse.up();
  };
  await drag(0.1, 0.1, 0.9, 0.9);
  await page.getByRole('button', { name: 'Search everywhere again' }).waitFor();
  await until('the box holds the items', async () => (await rows.count()) === all);
  await settled();
  await picture(page, 'box');
  await drag(0.01, 0.01, 0.04, 0.04);
  await page.getByText('Nothing fits these filters').waitFor();
  await page.getByRole('button', { name: 'Search everywhere again' }).click();
  await until('all are back again', async () => (await rows.count()) === all);

  await rows.filter({ hasText: title }).click();
  const analyses = page.getByTestId('analyses');
  await analyses.waitFor();
  await analyses.getByText('3 versions').waitFor();
  const [left, right] = [analyses.getByLabel('Compare'), analyses.getByLabel('with')];
  await left.selectOption({ index: 2 });
  await right.selectOption({ index: 0 });
  await until('what differs is marked', async () => (await analyses.locator('tr.differs').count()) > 0);
  await settled();
  await picture(page, 'versions');
  await right.selectOption({ index: 2 });
  await until('a version does not differ from itself', async () => (await analyses.locator('tr.differs').count()) === 0);
});
