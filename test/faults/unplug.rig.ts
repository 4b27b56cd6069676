import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../e2e/smxcore-support.js';
import { least, most, none, progress, type Extent, type Rig, type RigRow } from './rig.js';
import type { Absence } from './support/delivery.js';
import { seeded } from './support/random.js';
import { Site } from './support/site.js';

/** ms that the cable is out, at most. */
const LONGEST = 3000;
/** Every so many times it is out until values have turned stale. */
const LONG_EVERY = 10;
/** ms by which what was on its way, or late on this machine, counts as during the fault. */
const SLACK = 2500;
/** Greatest age of a value of the P1 reader, ms. */
const MAX_AGE = 10_000;
/** s from the cable being in again to a new telegram in the core; the meter sends one each second. */
const RESUMED = 5;

/** A serial line whose cable can be taken out: then its device is gone, as that of a USB converter. */
class Cable {
  private socat: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), 'smx-cable-'));
  readonly device = join(this.folder, 'p1');

  constructor(private readonly meter: number) {}

  async plug(): Promise<void> {
    this.socat = spawn('socat', ['-u', `tcp:127.0.0.1:${this.meter}`, `pty,raw,echo=0,link=${this.device}`], {
      stdio: 'ignore',
    });
    await until(() => existsSync(this.device));
  }

  /** The node goes at once; what was not read is gone with it. */
  async pull(): Promise<void> {
    if (this.socat!.exitCode !== null) return;
    const gone = new Promise((resolve) => this.socat!.once('close', resolve));
    this.socat!.kill('SIGKILL');
    await gone;
    rmSync(this.device, { force: true });
  }

  async remove(): Promise<void> {
    await this.pull();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The cable of the meter is taken out and put in again: reading goes on by itself, and nothing stale looks fresh. */
export const rig: Rig = {
  name: 'unplug',
  needs: ['mosquitto', 'socat'],
  async run(extent: Extent): Promise<RigRow[]> {
    const times = extent === 'few' ? 1 : 100;
    const random = seeded(times);
    let cable: Cable | undefined;
    const source = async (port: number): Promise<string> => {
      cable = new Cable(port);
      await cable.plug();
      return `serial:${cable.device}`;
    };
    const site = await Site.open({ source });
    const absences: Absence[] = [];
    let [slowest, fresh] = [0, 0];
    try {
      const first = await site.begin();
      const tell = progress('unplug');
      for (let i = 1; i <= times; i++) {
        const from = Date.now() - SLACK;
        await cable!.pull();
        if (i % LONG_EVERY === 0) {
          await pause(MAX_AGE + SLACK);
          if (await site.looksFresh()) fresh++;
        } else await pause(random() * LONGEST);
        await cable!.plug();
        const end = Date.now();
        await until(async () => (await site.newest()) > end);
        slowest = Math.max(slowest, (Date.now() - end) / 1000);
        absences.push({ from, to: Date.now() });
        tell(i, times);
      }
      const verdict = await site.settle(first, absences);
      const name = `cable of the meter out, ${times} times:`;
      const rows = [
        none(`${name} journalled values that the consumer lacks`, verdict.lost.length),
        none(`${name} rows twice or not given`, verdict.twice.length + verdict.wrong.length),
        none(`${name} values not read while it was in`, verdict.unread.length),
        none(`${name} values that looked fresh beyond their greatest age`, fresh),
        least(`${name} values given, kept and delivered once`, verdict.good, { target: times, unit: '' }),
      ];
      if (extent === 'few') return rows;
      return [...rows, most(`${name} from in again to a new value`, slowest, { target: RESUMED, unit: 's' })];
    } finally {
      await site.close();
      await cable?.remove();
    }
  },
};
