import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { hasBrowser, launch, open, type } from '../page/browser.js';
import { Box } from './smxcore-support.js';

const PASSWORD = 'correct horse';
const POINT = 'battery/power/setpoint';
const EXTRA = `
roles: ./roles.yaml
extensions:
  virtual: { use: virtual-device, control: on, config: { ramp: 0, interval: 0 } }
`;
const ROLES = {
  ctl: { grants: [{ read: ['battery/#'] }, { command: [POINT], between: [-4000, 4000], lease: '15m', priority: 40 }] },
};

(hasBrowser() ? describe : describe.skip)('the page commands a real device process', () => {
  let box: Box;
  let url: string;
  let browser: Browser;
  let controller: string;

  beforeAll(async () => {
    box = new Box(EXTRA);
    writeFileSync(join(box.folder, 'roles.yaml'), JSON.stringify({ roles: ROLES }));
    [{ url }, browser] = await Promise.all([box.core(), launch()]);
    const { out } = await box.smx(['token', 'create', '--role', 'ctl', '--json']);
    controller = (JSON.parse(out) as { token: string }).token;
  });

  afterAll(async () => {
    await browser.close();
    await box.remove();
  });

  const ask = (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${controller}`, 'content-type': 'application/json' };
    return fetch(`${url}/api/v1/${path}`, { headers, ...init });
  };
  const command = async (body: Record<string, unknown>): Promise<number> =>
    (await ask('commands', { method: 'POST', body: JSON.stringify(body) })).status;
  const read = async (path: string): Promise<unknown> => (await ask(path)).json();
  const card = (page: Page) => page.getByRole('region', { name: POINT });
  const held = (page: Page, by: string, text: string) =>
    card(page).getByRole('listitem').filter({ hasText: by }).filter({ hasText: text });
  const shows = (page: Page, value: string): Promise<void> =>
    card(page).locator(`header [data-path="${POINT}"]`).getByText(value, { exact: true }).waitFor();
  const set = async (page: Page, value: string, reason: string): Promise<void> => {
    await card(page).getByLabel('Value (W)').fill(value);
    await card(page).getByLabel('For').selectOption('5m');
    await card(page).getByLabel('Reason').fill(reason);
    await card(page).getByRole('button', { name: 'Set', exact: true }).click();
  };

  it('shows who holds a set-point and why, overrides, cancels, and raises what a device ignores', async () => {
    const { page, faults } = await open(browser, url);
    const code = readFileSync(join(box.folder, 'var/setup'), 'utf8').trim();
    await type(page, [code, 'anna', PASSWORD, PASSWORD]);
    await page.getByRole('link', { name: 'Control' }).click();
    await card(page).getByText('Nobody holds it').waitFor();

    expect(await command({ id: 'c1', point: POINT, value: -1000, for: '10m', reason: 'peak shaving' })).toBe(202);
    await held(page, 'by ctl, controller', 'peak shaving').getByText('verified').waitFor();

    await set(page, '1500', 'car first');
    const own = held(page, 'by anna, owner', 'car first');
    await own.getByText('verified').waitFor();
    await own.getByText('measured 1.50 kW').waitFor();
    await held(page, 'by ctl, controller', 'peak shaving').getByText('superseded').waitFor();
    await card(page).getByRole('heading', { name: 'Waits' }).waitFor();
    // a party sees its own commands and bounds, never those of others
    expect(await read('commands?open=true')).toEqual([expect.objectContaining({ id: 'c1', state: 'superseded' })]);
    expect(await read(`points?match=${POINT}`)).toEqual([
      expect.objectContaining({ write: { min: -4000, max: 4000, lease: '15m', authority: 'controller' } }),
    ]);

    await own.getByRole('button', { name: 'Cancel' }).click();
    await own.waitFor({ state: 'detached' });
    // what waited is on the device again, until the owner ends that too
    const theirs = held(page, 'by ctl, controller', 'peak shaving');
    await theirs.getByText(/verified|applied/).waitFor();
    await theirs.getByRole('button', { name: 'Cancel' }).click();
    await card(page).getByText('Nobody holds it').waitFor();
    const past = card(page).getByRole('row');
    await past
      .filter({ hasText: 'anna' })
      .filter({ hasText: 'verified' })
      .getByText('cancelled', { exact: true })
      .waitFor();
    await past.filter({ hasText: 'ctl' }).getByText('cancelled by the owner').waitFor();
    await shows(page, '0');

    // a plan of a party: whose, what comes next, and its end by the owner
    const plan = { start: Date.now() - 1000, step: '1h', values: [700, -300, 200] };
    expect((await ask(`schedules/${POINT}`, { method: 'PUT', body: JSON.stringify(plan) })).status).toBe(200);
    const planned = held(page, 'by ctl, controller', '2 values to come');
    await planned.getByText(/300\sW at /).waitFor();
    await shows(page, '700');
    await planned.getByRole('button', { name: 'Cancel' }).click();
    await planned.waitFor({ state: 'detached' });
    await past.filter({ hasText: 'schedule of 3 values' }).getByText('cancelled', { exact: true }).waitFor();
    await shows(page, '0');
    expect(await read('schedules')).toEqual([]);

    expect((await box.smx(['call', 'virtual', 'behave', 'answer=ignore'])).status).toBe(0);
    await set(page, '500', '');
    await page.getByRole('alert').getByText('took the command and did nothing').waitFor();
    await card(page).getByRole('heading', { name: 'Alarms of the last hours' }).waitFor();
    await card(page)
      .getByRole('listitem')
      .filter({ hasText: 'ignored' })
      .filter({ hasText: '500 W' })
      .first()
      .waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
