import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import { hasBrowser, launch, open, type } from '../page/browser.js';
import { Box } from './smxcore-support.js';

/** A car of a virtual house charges through a real proxy, and the page tells who sees, bills and limits it. */
const PASSWORD = 'correct horse';
const HOUSE = {
  seed: 5,
  pv: 0,
  heatPump: false,
  battery: false,
  meters: [],
  ev: { trips: false, until: 100, offered: 0 },
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

(hasBrowser() ? describe : describe.skip)('the page of a house with a charge point', () => {
  let site: Site;
  let box: Box;
  let url: string;
  let browser: Browser;

  beforeAll(async () => {
    const listen = `ws://127.0.0.1:${await freePort()}/ocpp`;
    const station = { protocol: 'charge-point', name: 'garage', identity: 'CP1', backend: listen, password: 'demo', retry: { most: 2 }, settings: { MeterValueSampleInterval: '2' } }; // prettier-ignore
    const csms = { protocol: 'csms', name: 'csms', stations: { CP1: 'demo' } };
    site = await startSite(parseSiteConfig({ ...HOUSE, start: new Date().toISOString(), devices: [csms, station] }));
    const config = { listen, backend: site.devices.get('csms')!.source };
    box = new Box(`extensions:\n  ev: ${JSON.stringify({ use: 'ocpp-proxy', control: 'on', config })}\n`);
    [{ url }, browser] = await Promise.all([box.core(), launch()]);
  });

  afterAll(async () => {
    await browser.close();
    await box.remove();
    await site.stop();
  });

  const fact = (page: Page, term: string) =>
    page.locator('.outlet dl > div').filter({ has: page.getByRole('term').filter({ hasText: term }) });

  it('shows the outlet, its two links and session, and who limits it and why', async () => {
    const { page, faults } = await open(browser, url);
    const code = readFileSync(join(box.folder, 'var/setup'), 'utf8').trim();
    await type(page, [code, 'anna', PASSWORD, PASSWORD]);
    await page.getByRole('link', { name: 'Charging' }).click();
    const outlet = page.getByRole('region', { name: 'ev1' });
    await outlet.locator('header').getByText('charging').waitFor();
    await fact(page, 'Charge point CP1').getByText('online').waitFor();
    await fact(page, 'Charge point CP1').getByText('ocpp1.6').waitFor();
    await fact(page, 'Back end').getByText('online').waitFor();
    await fact(page, 'Session')
      .getByText(/^since \d\d:\d\d:\d\d, tag [0-9a-f]{8}$/)
      .waitFor();
    await fact(page, 'Offered to the car').getByText('16.00').waitFor();
    await outlet.getByText('No command holds it now.').waitFor();

    const args = ['write', 'ev1/current/limit', '10', '--for', '10m', '--reason', 'the oven is on'];
    expect((await box.smx(args)).out).toContain('verified');
    await outlet.getByText('The charge point has taken the limit of 10.00\u202fA.').waitFor();
    await outlet.getByRole('listitem').filter({ hasText: 'owner' }).getByText('the oven is on').waitFor();
    await fact(page, 'Offered to the car').getByText('10.00').waitFor();
    await page.getByRole('region', { name: 'Asked of CP1 by this box' }).getByText('GetCompositeSchedule').waitFor();

    // ends it by the page
    await outlet.getByRole('button', { name: 'Cancel' }).click();
    await fact(page, 'Offered to the car').getByText('16.00').waitFor();

    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    await page.getByRole('link', { name: 'Now' }).click();
    await page.locator('.flows [data-part="car"]').getByText('charging').waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
