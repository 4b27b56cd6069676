import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { control, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import { hasBrowser, launch, open, type } from '../page/browser.js';
import { Box, until } from './smxcore-support.js';

/** What the page tells of power quality is what the S1 port of a virtual house sends. */
const PASSWORD = 'correct horse';
interface WeekReport {
  readonly limits: readonly {
    readonly quantity: string;
    readonly phase: string | null;
    readonly required: number;
    readonly high: number;
  }[];
  readonly intervals: object;
}

/** V by which the voltage of the house may have changed since the page was told. */
const DRIFT = 6;

(hasBrowser() ? describe : describe.skip)('the page of a house with an S1 port', () => {
  let site: Site;
  let box: Box;
  let url: string;
  let browser: Browser;

  beforeAll(async () => {
    site = await startSite(parseSiteConfig({ meters: [{ protocol: 's1', name: 's1', port: 0 }] }));
    const source = `tcp://127.0.0.1:${site.meters.get('s1')!.address.port}`;
    box = new Box(`extensions:\n  s1: ${JSON.stringify({ use: 's1-reader', config: { source } })}\n`);
    [{ url }, browser] = await Promise.all([box.core(), launch()]);
  });

  afterAll(async () => {
    await browser.close();
    await box.remove();
    await site.stop();
  });

  const card = (page: Page, name: string) => page.getByRole('region', { name });
  const number = (text: string): number => Number(text.replace(',', '').replace('−', '-').split('\u202f')[0]);

  /** Logs in as the one user there is, or makes them. */
  async function enter(page: Page): Promise<void> {
    const code = readFileSync(join(box.folder, 'var/setup'), 'utf8').trim();
    await type(page, [code, 'anna', PASSWORD, PASSWORD]);
    await page.getByRole('link', { name: 'Power quality' }).click();
  }

  it('shows waves, phasors and harmonics as they are, and the wave of a dip', async () => {
    const { page, faults } = await open(browser, url);
    await enter(page);

    // the oscilloscope stands still and tells the voltage of the house
    const scope = card(page, 'Oscilloscope');
    const first = scope.locator('li[data-channel="l1"]').first();
    await first.getByText('RMS').waitFor();
    const rms = number((await first.locator('.muted').textContent())!);
    expect(Math.abs(rms - site.house.grid.voltage[0]!)).toBeLessThan(DRIFT);
    expect(await scope.getByText('does not stand still').count()).toBe(0);
    const line = await scope.locator('path[data-channel="l1"]').first().getAttribute('d');
    expect(line!.split('L').length).toBeGreaterThan(100);
    await scope.getByRole('img', { name: /^Voltages\. L1: 2\d\d/ }).waitFor();

    // phases that are not looked at go away
    await scope.getByRole('button', { name: 'L2' }).click();
    await scope.locator('[data-channel="l2"]').first().waitFor({ state: 'detached' });
    await scope.getByRole('button', { name: 'L2' }).click();
    await scope.locator('[data-channel="l2"]').first().waitFor();

    const phasors = card(page, 'Phasors');
    const row = phasors.getByRole('row').filter({ hasText: 'L3' });
    await row.waitFor();
    const cells = await row.getByRole('cell').allTextContents();
    expect(Math.abs(number(cells[0]!) - site.house.grid.voltage[2]!)).toBeLessThan(DRIFT);
    expect(Math.abs(number(cells[1]!) - 120)).toBeLessThan(2);
    await phasors.getByText('L1-L2-L3').waitFor();

    const spectrum = card(page, 'Harmonics');
    await spectrum.getByText('orders 2 to 25: the samples carry no more').waitFor();
    await spectrum.getByText('limit of EN 50160').waitFor();
    const told = await spectrum.locator('li[data-channel="l1"] .muted').textContent();
    expect(Number(/THD ([\d.]+)/.exec(told!)![1])).toBeGreaterThan(0.3);
    await spectrum.getByRole('button', { name: 'Currents' }).click();
    await spectrum.getByText('In A, orders 2 to 25').waitFor();

    // a week that has just begun says nothing, and says so
    const week = card(page, 'Week after EN 50160');
    await week.getByText('Not over: 0 of 1008 intervals of 10 minutes so far.').waitFor();
    const limit = week.getByRole('row').filter({ hasText: 'Voltage' }).filter({ hasText: '95\u202f%' }).first();
    await limit.getByText('207 to 253\u202fV').waitFor();
    await limit.getByText('not over').waitFor();
    expect(await limit.getByRole('cell').nth(1).textContent()).toMatch(/^–/);

    // held, no wave is asked for any more
    await scope.getByRole('button', { name: 'Hold' }).click();
    let asked: string[] = [];
    page.on('request', (request) => asked.push(request.url().replace(/.*calls\//, '')));
    await until(() => asked.filter((name) => name === 'phasors').length > 1);
    asked = [];
    await until(() => asked.filter((name) => name === 'phasors').length > 1);
    expect(asked).not.toContain('scope');
    await scope.getByRole('button', { name: 'Hold' }).click();
    await until(() => asked.includes('scope'));

    expect(control(site, JSON.stringify({ do: 'dip', meter: 's1', to: 60, for: 0.2 }))).toEqual({ ok: true });
    const events = card(page, 'Events of the last week');
    const dip = events.getByRole('listitem').filter({ hasText: 'Dip' }).filter({ hasText: /(59|60|61)[\d.]*\u202f% of the declared voltage/ }); // prettier-ignore
    await dip.waitFor();
    expect(Math.abs(number((await dip.locator('.item-head span').first().textContent())!) - 200)).toBeLessThan(20);
    await events.locator('circle').first().waitFor();
    await dip.getByRole('button', { name: 'Wave' }).click();
    await dip.locator('path[data-channel="l1"]').first().waitFor();
    expect((await dip.locator('path[data-channel="l1"]').first().getAttribute('d'))!.length).toBeGreaterThan(10_000);
    expect(await dip.locator('.mark').count()).toBe(4);
    const [download] = await Promise.all([page.waitForEvent('download'), dip.getByText('Download').click()]);
    const wave = JSON.parse(gunzipSync(readFileSync(await download.path())).toString()) as { voltage: object };
    expect(Object.keys(wave.voltage)).toEqual(['l1', 'l2', 'l3']);

    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    await page.getByLabel('Language').selectOption('nl');
    await card(page, 'Fasoren').getByText('Fasevolgorde').waitFor();
    await page.getByLabel('Taal').selectOption('en');
    expect(faults).toEqual([]);

    const ivo = JSON.stringify({ name: 'ivo', role: 'installer', password: PASSWORD });
    const post = `{ method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(ivo)} }`;
    expect(await page.evaluate(`fetch('/api/v1/users', ${post}).then((answer) => answer.status)`)).toBe(201);
    await page.context().close();
  }, 180_000);

  async function logIn(name: string): Promise<Page> {
    const { page } = await open(browser, url);
    await type(page, [name, PASSWORD]);
    await page.getByRole('link', { name: 'Power quality' }).click();
    return page;
  }

  it('says to whom waves are not granted which grant it takes, and asks for them once', async () => {
    const page = await logIn('ivo');
    for (const [name, call] of [
      ['Oscilloscope', 'scope'],
      ['Phasors', 'phasors'],
      ['Harmonics', 'spectrum'],
    ] as const)
      await card(page, name).getByText(`it needs the grant “call: s1/${call}”`).waitFor();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await until(() => asked.filter((address) => address.includes('/events?')).length > 1);
    expect(asked.filter((address) => address.includes('/calls/'))).toEqual([]);
    await page.context().close();
  }, 60_000);

  it('tells a week that is over by what was kept worst', async () => {
    const page = await logIn('anna');
    await page.route('**/calls/week', async (route) => {
      const answer = (await (await route.fetch()).json()) as { running: WeekReport };
      const { running } = answer;
      // as the box tells it months later
      const limits = running.limits.map((limit) => {
        const isLow = limit.quantity === 'voltage' && limit.phase === 'l2' && limit.required === 0.95;
        const share = isLow ? 0.9425 : 1;
        return { ...limit, counted: 1000, share, lowest: limit.high / 2, highest: limit.high, verdict: isLow ? 'exceeded' : 'ok' }; // prettier-ignore
      });
      const intervals = { ...running.intervals, '10-min': { expected: 1008, flagged: 3, unmeasured: 5 } };
      const past = [{ ...running, week: '2026-W01', isOver: true, verdict: 'exceeded', intervals, limits }];
      await route.fulfill({ json: { ...answer, past } });
    });
    await page.reload();
    const week = card(page, 'Week after EN 50160');
    await week.getByRole('button', { name: '2026-W01' }).click();
    await week.getByText('1000 of 1008 intervals of 10 minutes.').waitFor();
    await week.getByText('3 do not count for an event in them. Not measured well enough: 5.').waitFor();
    const worst = week.getByRole('row').filter({ hasText: 'Voltage L2' }).first();
    expect(await worst.getByRole('cell').allTextContents()).toEqual([
      'exceeded',
      '94.25\u202f% ',
      '95\u202f%',
      '207 to 253\u202fV',
      '126.5\u202fV … 253.0\u202fV',
    ]);
    await page.context().close();
  }, 60_000);

  it('does not show as if it were so now what does not come any more', async () => {
    const page = await logIn('anna');
    const scope = card(page, 'Oscilloscope');
    await scope.locator('path[data-channel="l1"]').first().waitFor();
    await site.stop();
    await page.getByText('Nothing comes from “s1” now.').waitFor();
    await scope.waitFor({ state: 'detached' });
    await card(page, 'Events of the last week').getByRole('listitem').filter({ hasText: 'Dip' }).first().waitFor();
    await page.context().close();
  }, 60_000);
});
