import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startP1Site, type P1Site } from '@smx-edge/site-simulator';
import { Box, stop, until, type Running } from './smxcore-support.js';

const did = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;

/** A data folder that is a file system of its own. */
class Card {
  private readonly root = mkdtempSync(join(tmpdir(), 'smx-card-'));
  private readonly image = join(this.root, 'image');

  constructor(private readonly at: string) {
    mkdirSync(at, { recursive: true });
  }

  make(): boolean {
    return did('mkfs.ext4', '-q', this.image, '32m') && this.mount();
  }

  mount(): boolean {
    return did('mount', '-o', 'loop,errors=remount-ro', this.image, this.at);
  }

  /** What the kernel does after an error of the disk. */
  fail(): boolean {
    return did('mount', '-o', 'remount,abort', this.at);
  }

  unmount(): boolean {
    return did('umount', this.at);
  }

  remove(): void {
    did('umount', '-l', this.at);
    rmSync(this.root, { recursive: true });
  }
}

const canMount = ((): boolean => {
  const at = mkdtempSync(join(tmpdir(), 'smx-mount-'));
  const card = new Card(at);
  const can = process.getuid?.() === 0 && card.make() && card.fail();
  card.remove();
  rmSync(at, { recursive: true });
  return can;
})();

let box: Box;
let card: Card;
let site: P1Site;

beforeEach(async () => {
  site = await startP1Site({ host: '127.0.0.1', port: 0 });
  const source = `tcp://127.0.0.1:${site.address.port}`;
  box = new Box(`extensions:\n  p1: { use: p1-reader, config: { device: pcc, source: "${source}" } }\n`);
  card = new Card(join(box.folder, 'var'));
});

afterEach(async () => {
  const folder = join(box.folder, 'var');
  did('umount', '-l', folder);
  card.remove();
  await box.remove();
  await site.stop();
});

/** The address as the log tells it, where no file can. */
const addressOf = ({ out, err }: Running): string | undefined => /http:\/\/127\.0\.0\.1:\d+/.exec(out + err)?.[0];

(canMount ? it : it.skip)(
  'a core on a read-only disk serves what is live, and keeps it once the disk is back',
  async () => {
    expect(card.make()).toBe(true);
    const first = await box.core();
    const { out } = await box.smx(['token', 'create', '--role', 'owner', '--name', 'me', '--json']);
    const { token } = JSON.parse(out) as { token: string };
    const headers = { authorization: `Bearer ${token}` };
    const value = async (url: string): Promise<{ value: number | null; t: number } | undefined> => {
      const answer = await fetch(`${url}/api/v1/points/pcc/power/active`, { headers });
      return answer.ok ? ((await answer.json()) as { value: number | null; t: number }) : undefined;
    };
    await until(async () => (await value(first.url))?.value ?? undefined);
    expect((await stop(first.core)).status).toBe(0);

    expect(card.fail()).toBe(true);
    const began = Date.now();
    const core = box.start(['run']);
    const url = await until(() => {
      if (core.child.exitCode !== null) throw new Error(`the core ended: ${core.out}${core.err}`);
      return addressOf(core);
    });
    await until(async () => ((await value(url))?.t ?? 0) > began);
    const health = async (): Promise<{ ok: boolean; code?: string }> =>
      (
        (await (await fetch(`${url}/api/v1/health`, { headers })).json()) as {
          parts: { store: { ok: boolean; code?: string } };
        }
      ).parts.store;
    expect(await health()).toMatchObject({ ok: false, code: 'SMX_STORE_READONLY' });

    const back = Date.now();
    expect(card.unmount() && card.mount()).toBe(true);
    await until(async () => (await health()).ok);
    const history = `${url}/api/v1/history?match=pcc/power/active&from=${began}`;
    // what came while nothing could be kept is kept now, and the command line finds its way again
    await until(async () => {
      const times = (await (await fetch(history, { headers })).text()).match(/\b\d{13}\b/g) ?? [];
      return times.some((t) => Number(t) < back);
    });
    await until(async () => (await box.smx(['points'])).status === 0);
    expect((await stop(core)).status).toBe(0);
  },
);
