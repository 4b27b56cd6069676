import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { belgianTelegram, P1Gateway } from '../bench/support/telegrams.js';
import { hasBrowser, launch, open, type, type Watched } from '../page/browser.js';
import { Box, stop, type Running } from './smxcore-support.js';

const PASSWORD = 'correct horse';
const VIEWS = ['now', 'charts', 'devices', 'control', 'system', 'access', 'ledger'];
const ROLES = {
  volts: { purpose: 'voltage only', grants: [{ read: ['pcc/voltage/+'] }] },
  dso: {
    purpose: 'grid observation',
    grants: [{ read: ['pcc/power/#'], every: '15m', until: '2099-12-31T23:00:00Z' }],
  },
};
const HOUSE = {
  pv: { kind: 'pv', points: { power: ['W', -2400] } },
  battery: { kind: 'battery', points: { power: ['W', 800], soc: ['%', 64] } },
};

/** A telegram a second for as long as the meter is on. */
class Meter {
  watts = 1000;
  isOn = true;
  private readonly timer: NodeJS.Timeout;

  constructor(readonly gateway: P1Gateway) {
    this.timer = setInterval(() => {
      if (this.isOn) gateway.send(belgianTelegram(Date.now(), this.watts));
    }, 1000);
  }

  close(): void {
    clearInterval(this.timer);
    this.gateway.close();
  }
}

(hasBrowser() ? describe : describe.skip)('the page', () => {
  let box: Box;
  let meter: Meter;
  let core: Running;
  let url: string;
  let browser: Browser;

  beforeAll(async () => {
    meter = new Meter(await P1Gateway.listen());
    const config = {
      ...{ site: 'test', data: './var', packages: './packages', roles: './roles.yaml' },
      ...{ timezone: 'Europe/Brussels', http: { port: 0 }, broker: { port: 0 } },
      extensions: {
        p1: { use: 'p1-reader', config: { device: 'pcc', source: `tcp://127.0.0.1:${meter.gateway.port}` } },
        house: { use: 'fixed-values', allow: { publish: ['#'] }, config: { devices: HOUSE } },
        broken: { use: 'no-such-thing', config: {} },
      },
      links: { away: { url: 'mqtt://127.0.0.1:9', role: 'dso' } },
    };
    box = new Box('', JSON.stringify(config));
    cpSync(join(__dirname, '../fixtures/packages'), join(box.folder, 'packages'), { recursive: true });
    writeFileSync(join(box.folder, 'roles.yaml'), JSON.stringify({ roles: ROLES }));
    [{ core, url }, browser] = await Promise.all([box.core(), launch()]);
  });

  afterAll(async () => {
    await browser.close();
    await box.remove();
    meter.close();
  });

  const part = (page: Page, kind: string) => page.locator(`.flows [data-part="${kind}"]`);
  const power = (page: Page, kind: string, text: string): Promise<void> => part(page, kind).getByText(text).waitFor();

  it('makes the owner with the set-up code and shows the house live', async () => {
    const { page, faults } = await open(browser, url);
    const code = readFileSync(join(box.folder, 'var/setup'), 'utf8').trim();
    await type(page, [code, 'anna', PASSWORD, 'another one']);
    await page.getByRole('alert').getByText('not the same').waitFor();
    await page.getByLabel('once more').fill(PASSWORD);
    await page.keyboard.press('Enter');
    // 1000 W from the grid and 2400 from the sun, of which 800 go into the battery
    await power(page, 'grid', '1.00 kW');
    await power(page, 'pv', '2.40 kW');
    await power(page, 'battery', '64 %');
    await power(page, 'house', '2.60 kW');
    const sentence = page.locator('.sentence');
    await sentence
      .getByText('Coming in: 1.00 kW from the grid and 2.40 kW from the sun. Going out: 800 W into the battery.')
      .waitFor();
    meter.watts = 1234;
    await power(page, 'grid', '1.23 kW');
    await power(page, 'house', '2.83 kW');
    meter.watts = 0;
    await power(page, 'grid', 'idle');
    meter.watts = 1000;
    const vera = JSON.stringify({ name: 'vera', role: 'volts', password: PASSWORD });
    const post = `{ method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(vera)} }`;
    expect(await page.evaluate(`fetch('/api/v1/users', ${post}).then((answer) => answer.status)`)).toBe(201);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  const logIn = async (options: BrowserContextOptions = {}, name = 'anna'): Promise<Watched> => {
    const watched = await open(browser, url, options);
    await type(watched.page, [name, PASSWORD]);
    await watched.page.locator('.frame').waitFor();
    return watched;
  };
  const go = async (page: Page, view: string): Promise<void> => {
    await page.goto(`${url}/#/${view}`);
    await page.locator(`nav a[aria-current="page"][href="#/${view.split('/')[0]!}"]`).waitFor();
  };
  const width = (page: Page): Promise<number> =>
    page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');

  it('tells a wrong password from a right one, and lets out again', async () => {
    const { page, faults } = await open(browser, url);
    await type(page, ['anna', 'wrong password']);
    await page.getByRole('alert').getByText('The name or the password is wrong.').waitFor();
    expect(await page.locator('.frame').count()).toBe(0);
    // what the browser itself says of an answer 401
    expect(faults.splice(0)).toEqual([expect.stringContaining('401')]);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await power(page, 'grid', '1.00 kW');
    await page.reload();
    await power(page, 'grid', '1.00 kW');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.locator('input:focus').waitFor();
    expect(await page.evaluate(`fetch('/api/v1/points').then((answer) => answer.status)`)).toBe(401);
    expect(faults.splice(0)).toEqual([expect.stringContaining('401')]);
    await page.reload();
    await page.getByLabel('Name').waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('is used by keyboard: skips to the content, changes the view, reads a chart value by value', async () => {
    const { page, faults } = await logIn();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('MAIN');
    await page.getByRole('link', { name: 'Charts' }).focus();
    await page.keyboard.press('Enter');
    const chart = page.getByRole('img', { name: /^Power, Last hour. Grid: least/ });
    await chart.locator('canvas').waitFor();
    await chart.focus();
    await page.keyboard.press('ArrowLeft');
    await page.locator('.card', { has: chart }).locator('.legend time').waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('shows a meter that stopped as stale, never as 0 or as fresh, and the house as unknown', async () => {
    const { page, faults } = await logIn();
    await power(page, 'grid', '1.00 kW');
    meter.isOn = false;
    await part(page, 'grid')
      .getByText(/^stale, \d\d:\d\d:\d\d$/)
      .waitFor();
    await power(page, 'grid', '–');
    await power(page, 'house', 'not known');
    await page.locator('.sentence').getByText('a value of “Grid” is missing').waitFor();
    await page.locator('.phases .value.old[data-path="pcc/voltage/l1"]').waitFor();
    meter.isOn = true;
    await power(page, 'house', '2.60 kW');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('shows a party only what it is granted, in the granted form', async () => {
    const { page, faults } = await logIn({}, 'vera');
    await page.getByText('No power is being read here yet').waitFor();
    await page.locator('.phases').getByText('234.7').waitFor();
    await go(page, 'devices');
    await page.getByText('1 values').click();
    await page.getByRole('row', { name: /voltage\/l1 234.7 V .* as it comes/ }).waitFor();
    expect(await page.locator('nav a').allTextContents()).toEqual(['Now', 'Charts', 'Devices', 'Access']);
    await go(page, 'access');
    await page.getByText('each value as it comes').waitFor();
    expect(await page.locator('.seen code').allTextContents()).toEqual(['pcc/voltage/l1']);
    for (const view of VIEWS) {
      await page.goto(`${url}/#/${view}`);
      expect(await page.locator('main').textContent()).not.toMatch(/power\/active|battery|kW/);
    }
    expect(faults.filter((fault) => !fault.includes('403'))).toEqual([]);
    await page.context().close();
  });

  it('says what is wrong with extensions and links, what each party sees, and whether the ledger is whole', async () => {
    const { page, faults } = await logIn();
    await go(page, 'system');
    const broken = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'broken' }) });
    await broken.getByText('no extension "no-such-thing" is installed').waitFor();
    await broken.getByText('failed', { exact: true }).waitFor();
    const away = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'away' }) });
    await away.getByText('SMX_LINK_REFUSED').waitFor();
    await away.getByText('What to do:').waitFor();
    await go(page, 'access');
    await page.getByRole('link', { name: /^dso/ }).click();
    await page.getByText('Purpose: grid observation. Acting under it: away.').waitFor();
    await page.getByText('mean of each 15m').first().waitFor();
    await page.getByText('only until 1 Jan 2100 00:00: read pcc/power/#').waitFor();
    await go(page, 'ledger');
    await page.getByText(/^All is whole: \d+ entries of the ledger and \d+ rows of load profiles verify.$/).waitFor();
    await page.getByRole('row', { name: /log-in vera via: page/ }).waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('fits a phone, speaks Dutch where the browser does, and changes language at once', async () => {
    const phone = { viewport: { width: 360, height: 740 }, locale: 'nl-BE', colorScheme: 'dark' } as const;
    const { page, faults } = await open(browser, url, phone);
    await page.getByRole('button', { name: 'Aanmelden' }).waitFor();
    expect(await width(page)).toBeLessThanOrEqual(0);
    await type(page, ['anna', PASSWORD]);
    await power(page, 'grid', '1,00 kW');
    for (const view of [...VIEWS, 'devices/pcc/power/active']) {
      await go(page, view);
      await page.locator('main .card').first().waitFor();
      expect([view, await width(page)]).toEqual([view, 0]);
    }
    await page.getByLabel('Taal').selectOption('en');
    await page.getByRole('link', { name: 'Now' }).click();
    await power(page, 'grid', '1.00 kW');
    expect(await page.evaluate('document.documentElement.lang')).toBe('en');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('says that the connection is lost, and does not pretend', async () => {
    const { page } = await logIn();
    await power(page, 'grid', '1.00 kW');
    await stop(core);
    await page.getByRole('status').getByText('Connection lost').waitFor();
    expect(await page.evaluate('Number(getComputedStyle(document.querySelector(".flows")).opacity)')).toBeLessThan(1);
  });
});
