import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page, Request } from 'playwright-core';
import { startMosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { launch, type } from '../page/browser.js';
import { writePastDay } from '../page/past-day.js';
import { medianOf, type Bench } from './row.js';
import { BenchCore } from './support/core.js';
import { processMemory } from './support/process-memory.js';
import { belgianTelegram, P1Gateway } from './support/telegrams.js';

const USER = 'anna';
const PASSWORD = 'correct horse';
const ROUNDS = 5;
const SAMPLES = 86_400;
/** So that what is measured is the box at rest, ms. */
const SETTLE = 8000;

/** ms from the key that logs in to the first power on the page. */
async function firstValue(page: Page, url: string): Promise<number> {
  await page.goto(url);
  // not the promise itself, which would be waited for
  await page.evaluate(`void (window.firstValue = new Promise((resolve) => addEventListener('submit', () => {
    const begun = performance.now();
    const look = () => /\\d/.test(document.querySelector('.flows [data-part=grid] .amount')?.textContent ?? '')
      ? resolve(performance.now() - begun) : requestAnimationFrame(look);
    look();
  }, true)))`);
  await type(page, [USER, PASSWORD]);
  const took = await page.evaluate<number>('window.firstValue');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.locator('form').waitFor();
  return took;
}

/** Bytes of the whole page as they come over the wire. */
async function transferred(browser: Browser, url: string): Promise<number> {
  const page = await browser.newPage({ locale: 'nl' });
  const requests: Request[] = [];
  page.on('requestfinished', (request) => requests.push(request));
  await page.goto(url, { waitUntil: 'networkidle' });
  await page.locator('form').waitFor();
  const sizes = await Promise.all(requests.map((request) => request.sizes()));
  await page.close();
  return sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
}

/** ms to build and draw a day of samples, as the page itself measures it. */
async function drawn(page: Page): Promise<number> {
  await page.reload();
  await page.getByRole('button', { name: 'Last day' }).click();
  await page.getByRole('button', { name: 'Each value' }).click();
  const measured = `performance.getEntriesByName('chart').find(({ detail }) => detail.points > ${SAMPLES * 0.99})?.duration`;
  // not in the page, whose policy forbids what is needed to wait there
  for (;;) {
    const took = await page.evaluate<number | undefined>(measured);
    if (took !== undefined) return took;
    await pause(100);
  }
}

/** ms of the bare canvas for as many points on a line. */
const bareLine = (page: Page): Promise<number> =>
  page.evaluate<number>(`(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 300 });
    const context = canvas.getContext('2d');
    const begun = performance.now();
    context.beginPath();
    for (let i = 0; i < ${SAMPLES}; i++) context.lineTo((i * 1200) / ${SAMPLES}, 150 + 140 * Math.sin(i));
    context.stroke();
    context.getImageData(0, 0, 1, 1);
    return performance.now() - begun;
  })()`);

export const bench: Bench = {
  name: 'page',
  async run() {
    const gateway = await P1Gateway.listen();
    const brokers = await Promise.all([startMosquitto(), startMosquitto()]);
    const core = await BenchCore.prepare({
      extensions: {
        p1: { use: 'p1-reader', config: { device: 'pcc', source: `tcp://127.0.0.1:${gateway.port}` } },
        many: { use: 'many-points', config: { count: 270 }, allow: { publish: ['#'] } },
      },
      links: Object.fromEntries(
        brokers.map(({ port }, i) => [`link${i}`, { url: `mqtt://127.0.0.1:${port}`, role: 'all' }]),
      ),
    });
    const sender = setInterval(() => gateway.send(belgianTelegram(Date.now(), 1500)), 1000);
    const browser = await launch();
    try {
      await writePastDay(`${core.folder}/var`);
      core.addUser(USER, PASSWORD);
      core.start();
      const agents = [core.subscriber('smx/1/+/all/#'), core.subscriber('smx/1/+/all/now')];
      await Promise.all(agents.map((agent) => new Promise<void>((resolve) => agent.once('message', () => resolve()))));
      const url = `http://127.0.0.1:${core.http}`;
      const bytes = await transferred(browser, url);
      const page = await browser.newPage({ locale: 'en', viewport: { width: 1280, height: 900 } });
      const first = await medianOf(ROUNDS, () => firstValue(page, url));
      await type(page, [USER, PASSWORD]);
      await page.locator('.flows').waitFor();
      await pause(SETTLE);
      const { pss } = processMemory(core.pid);
      await page.goto(`${url}/#/devices/pcc/power/active`);
      const draw = await medianOf(ROUNDS, () => drawn(page));
      const bare = await medianOf(ROUNDS, () => bareLine(page));
      for (const agent of agents) agent.end(true);
      const row = { limit: null, better: 'less' } as const;
      return [
        { ...row, name: 'page: log-in → first live value, p50, 300 points', figure: first, unit: 'ms', target: 1000 },
        {
          ...row,
          name: 'page: everything over the wire, gzip',
          figure: bytes / 1000,
          unit: 'kB',
          target: 60,
        },
        { ...row, name: 'page: 86,400 points drawn', figure: draw, unit: 'ms', target: 100, limit: bare },
        { ...row, name: 'page: core PSS, page open, 2 links, 2 local agents', figure: pss, unit: 'MB', target: 105 },
      ];
    } finally {
      clearInterval(sender);
      await browser.close();
      await core.dispose();
      await Promise.all(brokers.map((broker) => broker.remove()));
      gateway.close();
    }
  },
};
