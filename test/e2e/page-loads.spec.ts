import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import { hasBrowser, launch, open, type } from '../page/browser.js';
import { Box, until } from './smxcore-support.js';

/** What the resident does on the page with what the box recognises. */
const PASSWORD = 'correct horse';

/** A kettle that the test switches. */
const kettle = {
  name: 'kettle',
  isOn: false,
  add(_moment: unknown, into: { readonly watt: Float64Array }): void {
    if (kettle.isOn) into.watt[0]! += 2000;
  },
};

(hasBrowser() ? describe : describe.skip)('the page of a house with an S1 port', () => {
  let site: Site;
  let box: Box;
  let url: string;
  let browser: Browser;

  beforeAll(async () => {
    site = await startSite(parseSiteConfig({ meters: [{ protocol: 's1', name: 's1', port: 0 }] }));
    site.house.household.add(kettle);
    const source = `tcp://127.0.0.1:${site.meters.get('s1')!.address.port}`;
    box = new Box(`extensions:\n  s1: ${JSON.stringify({ use: 's1-reader', config: { source, invert: false } })}\n`);
    [{ url }, browser] = await Promise.all([box.core(), launch()]);
  });

  afterAll(async () => {
    await browser.close();
    await box.remove();
    await site.stop();
  });

  it('asks before appliances are recognised, lets them be named, and ends it', async () => {
    const { page, faults } = await open(browser, url);
    const code = readFileSync(join(box.folder, 'var/setup'), 'utf8').trim();
    await type(page, [code, 'anna', PASSWORD, PASSWORD]);
    await page.getByRole('link', { name: 'Power quality' }).click();
    const card = page.getByRole('region', { name: 'Appliances' });
    await card.getByText('Nothing of that is looked at until you want it.').waitFor();
    await card.getByRole('button', { name: 'Recognise appliances' }).click();
    await card.getByText('On since').waitFor();

    const second = (): number => site.house.t;
    // another load of the house may switch in the same moment
    const item = card.getByRole('listitem').filter({ hasText: /(1\.[89]|2\.[01])\d\u202fkW on L1/ }).first(); // prettier-ignore
    await until(async () => {
      kettle.isOn = !kettle.isOn;
      const from = second();
      await until(() => second() >= from + 8000);
      return (await item.count()) > 0;
    });
    await item.locator('summary').click();
    await item.getByLabel('Name').fill('Kettle');
    await item.getByRole('button', { name: 'Keep' }).click();
    const named = card.getByRole('listitem').filter({ hasText: 'Kettle' });
    await named.waitFor();
    await page.setViewportSize({ width: 360, height: 740 });
    // waves are drawn anew for a narrower page
    await until(async () => (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) === 0);
    await page.getByLabel('Language').selectOption('nl');
    const kaart = page.getByRole('region', { name: 'Toestellen' });
    await kaart.getByRole('button', { name: 'Stoppen en wissen wat geleerd is' }).click();
    await kaart.getByRole('button', { name: 'Toestellen herkennen' }).waitFor();
    expect(await kaart.getByText('Kettle').count()).toBe(0);
    expect(faults).toEqual([]);
    await page.context().close();
  }, 240_000);
});
