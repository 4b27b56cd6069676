import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Whether this machine has the browser; says where it has not. */
export function hasBrowser(): boolean {
  const there = existsSync(CHROMIUM);
  if (!there) process.stderr.write(`${CHROMIUM} is not there, so the page is not tested in a browser\n`);
  return there;
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS });
}

/** A page that keeps what went wrong in it. */
export interface Watched {
  readonly page: Page;
  /** Errors on its console, exceptions, and what its policy blocked. */
  readonly faults: string[];
}

export async function open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  await page.exposeFunction('blocked', (what: string) => faults.push(`blocked by policy: ${what}`));
  await page.addInitScript(`addEventListener('securitypolicyviolation', (e) => blocked(e.violatedDirective))`);
  await page.goto(url);
  return { page, faults };
}

/** Fills in the form that is shown, by keyboard alone; the first field has the focus. */
export async function type(page: Page, fields: readonly string[]): Promise<void> {
  await page.locator('input').first().waitFor();
  for (const [i, text] of fields.entries()) {
    if (i > 0) await page.keyboard.press('Tab');
    // past the button that shows the password before
    if (await page.evaluate(`document.activeElement.tagName === 'BUTTON'`)) await page.keyboard.press('Tab');
    await page.keyboard.type(text);
  }
  await page.keyboard.press('Enter');
}
