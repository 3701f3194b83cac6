// What every journey needs: a Chromium that draws maps without a graphics card, a page whose every complaint is
// noted, waiting on conditions, and looking at pixels.
import * as fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

const longestWaitMs = 60_000;
const flags = ['--headless', '--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader',
  '--disable-background-networking'];

/** A value the caller has to give. */
export function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`The journey needs ${name}.`);
  return value;
}

/** Runs a journey in a fresh browser; it fails on any complaint of the page that `expected` does not name. */
export async function journey(walk, { expected = () => false } = {}) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
  const complaints = [];
  try {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 860 }, colorScheme: 'light', reducedMotion: 'reduce', locale: 'en-GB',
    });
    context.setDefaultTimeout(longestWaitMs);
    const page = await context.newPage();
    listen(page, (complaint) => expected(complaint) || complaints.push(complaint));
    await walk(page, await eye(context));
    if (complaints.length > 0) throw new Error(`The page complained:\n${complaints.join('\n')}`);
  } finally {
    await browser.close();
  }
}

/** Keeps a picture where the caller wants pictures. */
export async function picture(page, name) {
  const folder = process.env.JOURNEY_PICTURES;
  if (!folder) return;
  fs.mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

/** Asks again and again until the answer is yes. */
export async function until(what, ask) {
  const deadline = Date.now() + longestWaitMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function listen(page, complain) {
  page.on('pageerror', (error) => complain(`error: ${error.stack ?? error}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || (message.type() === 'warning' && !isAboutGraphics(message.text())))
      complain(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complain(`answer ${response.status()}: ${response.url()}`);
  });
  page.on('requestfailed', (request) => {
    // What the page itself gave up: a search that was overtaken, tiles out of view, the stream at the end.
    const reason = request.failure()?.errorText;
    if (reason !== 'net::ERR_ABORTED') complain(`request failed: ${request.url()} (${reason})`);
  });
}

// Pictures are read back from a graphics card that is not there; the browser remarks on the price.
function isAboutGraphics(text) {
  return /GL Driver Message|GPU stall|WebGL-0x/.test(text);
}

/** Compares pictures, in a blank page of its own. */
async function eye(context) {
  const blank = await context.newPage();
  const compute = (pictures, mode, color) => blank.evaluate(async ([bases, how, wanted]) => {
    const all = await Promise.all(bases.map(async (base) => {
      const image = new Image();
      image.src = `data:image/png;base64,${base}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const drawing = canvas.getContext('2d');
      drawing.drawImage(image, 0, 0);
      return drawing.getImageData(0, 0, image.width, image.height).data;
    }));
    const [one, other] = all;
    let hits = 0;
    for (let i = 0; i < one.length; i += 4) {
      const [r, g, b] = how === 'color' ? wanted : [other[i], other[i + 1], other[i + 2]];
      const far = Math.abs(one[i] - r) + Math.abs(one[i + 1] - g) + Math.abs(one[i + 2] - b);
      if (how === 'color' ? far < 40 : far > 30) hits++;
    }
    return hits / (one.length / 4);
  }, [pictures.map((bytes) => bytes.toString('base64')), mode, color]);
  return {
    /** The share of the pixels that differ. */
    difference: (one, other) => compute([one, other], 'difference', null),
    /** The share of the pixels that have about this colour. */
    share: (one, color) => compute([one], 'color', color),
  };
}
