import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, open, type } from './browser.js';
import { writePastDay } from './past-day.js';

const root = process.cwd();
const OUT = join(root, 'docs/images/page.png');
const MOST = 150_000;
/** Until the running quarter and the chart have something to show, ms. */
const LOOK = 20_000;

/** The demo in a folder of its own that already holds a day; resolves with what it prints. */
async function demo(folder: string): Promise<{ text: string; stop: () => Promise<void> }> {
  cpSync(join(root, 'config'), folder, { recursive: true });
  const config = readFileSync(join(root, 'config/demo.yaml'), 'utf8').replace('../var/demo', './var');
  writeFileSync(join(folder, 'demo.yaml'), config);
  await writePastDay(join(folder, 'var'), 10);
  const args = [join(root, 'bin/smx.js'), 'demo', '--config', join(folder, 'demo.yaml')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let text = '';
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (text.includes('Ctrl-C')) resolve();
    });
    child.once('exit', () => resolve());
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { text, stop };
}

/** Takes the picture of the page that README and docs show: the demo as it is after a day. */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'smx-picture-'));
  const { text, stop } = await demo(folder);
  const browser = await launch();
  try {
    const url = /page and API +(\S+)/.exec(text)![1]!;
    const password = /log in as +demo +password (\S+)/.exec(text)![1]!;
    const { page } = await open(browser, url, { viewport: { width: 1180, height: 820 } });
    await type(page, ['demo', password]);
    await page.getByRole('button', { name: 'Last day' }).click();
    await page.waitForTimeout(LOOK);
    await page.screenshot({ path: OUT });
    const { size } = statSync(OUT);
    if (size > MOST) throw new Error(`${OUT} has ${size} bytes, more than ${MOST}`);
  } finally {
    await browser.close();
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`no picture: ${String(error)}\n`);
  process.exitCode = 1;
});
