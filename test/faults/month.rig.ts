import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { startMosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { processMemory } from '../bench/support/process-memory.js';
import { belgianTelegram, P1Gateway } from '../bench/support/telegrams.js';
import { Box } from '../e2e/smxcore-support.js';
import { least, most, none, progress, type Extent, type Rig, type RigRow } from './rig.js';
import { FAKETIME, hurried } from './support/box-clock.js';

const LINKS = 5;
/** Times faster than the wall clock that the box lives: 30 days in 72 minutes. */
const PACE = 600;
const HOUR = 3_600_000 / PACE;
const DAY = 24 * HOUR;
const DAYS = { few: 1, many: 30 } as const;
/** Pause between telegrams: as of DSMR 5 until all code is as warm as after an hour, then as of DSMR 4, so that the box keeps pace. */
const every = (lived: number): number => (lived < 5_400_000 ? 1000 : 10_000);
/** Has the core collect its garbage at a signal. */
const COLLECT = join(process.cwd(), 'test/faults/children/collect.cjs');

/** Percent of what `from` is, or of `whole`. */
const growth = (name: string, [from, to]: readonly [number, number], whole = from): RigRow =>
  most(name, (100 * (to - from)) / whole, { target: 2, unit: '%' });

const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1]!;

/** Memory of a core over some hours, MB. */
interface Memory {
  readonly pss: number;
  /** With all of the files that others share, who come and go. */
  readonly rss: number;
  /** Apart from garbage, from the room between what is no garbage, and from files. */
  readonly kept: number;
}

/** What a core has of memory while it lives, MB. */
class MemoryWatch {
  /** Highest PSS so far. */
  highest = 0;

  constructor(private readonly core: ChildProcess) {}

  /** Looks on for so long, ms; gives the PSS and RSS of each look. */
  async live(ms: number): Promise<{ pss: number[]; rss: number[] }> {
    const [pss, rss]: [number[], number[]] = [[], []];
    for (const end = performance.now() + ms; performance.now() < end;) {
      const memory = processMemory(this.core.pid!);
      pss.push(memory.pss);
      rss.push(memory.rss);
      await pause(200);
    }
    this.highest = Math.max(this.highest, ...pss);
    return { pss, rss };
  }

  /** Medians of five hours, in which garbage comes and goes several times, and what is kept in the next. */
  async hours(): Promise<Memory> {
    const { pss, rss } = await this.live(5 * HOUR);
    let kept = Infinity;
    for (const end = performance.now() + HOUR; performance.now() < end;) {
      this.core.kill('SIGUSR2');
      await pause(500);
      kept = Math.min(kept, processMemory(this.core.pid!).anonymous);
    }
    return { pss: median(pss), rss: median(rss), kept };
  }
}

const names = Array.from({ length: LINKS }, (_, i) => `l${i}`);

/** Acknowledges what comes, as consumers do, and counts it by party. */
function consume(client: MqttClient): Map<string, number> {
  const counts = new Map<string, number>();
  client.on('message', (topic, payload) => {
    const [base, stream] = topic.split('/t/');
    const { e, s } = JSON.parse(payload.toString()) as { e: number; s: number };
    counts.set(base!, (counts.get(base!) ?? 0) + 1);
    client.publish(`${base}/ack/${stream}`, JSON.stringify({ e, s: [[s, s]] }), { qos: 1 });
  });
  return counts;
}

/** A month of a box that runs all the time, in which its memory stays what it was after the first hour. */
export const rig: Rig = {
  name: 'month',
  needs: ['mosquitto', FAKETIME],
  async run(extent: Extent): Promise<RigRow[]> {
    const days = DAYS[extent];
    const broker = await startMosquitto();
    const gateway = await P1Gateway.listen();
    const source = `tcp://127.0.0.1:${gateway.port}`;
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const box = new Box(
      JSON.stringify({
        ...{ site: 'test', data: './var', http: { port: 0 }, broker: { port: 0 }, roles: './roles.yaml' },
        extensions: { p1: { use: 'p1-reader', config: { device: 'pcc', source } } },
        links: Object.fromEntries(names.map((name) => [name, { url, role: 'all' }])),
      }),
      '',
    );
    writeFileSync(join(box.folder, 'roles.yaml'), JSON.stringify({ roles: { all: { grants: [{ read: ['#'] }] } } }));
    const client = await connectAsync(url);
    await client.subscribeAsync('smx/1/test/+/t/+', { qos: 1 });
    const counts = consume(client);
    const begun = Date.now();
    let sent = begun;
    const meter = setInterval(() => {
      const now = begun + (Date.now() - begun) * PACE;
      const gap = every(now - begun);
      if (now - sent < gap) return;
      // what was missed in a pause is not made up for, as a meter does not
      sent = Math.max(sent + gap, now - gap);
      gateway.send(belgianTelegram(now, 500 + Math.floor(Math.random() * 4000)));
    }, 1);
    try {
      const env = hurried(PACE);
      const { core } = await box.core({ ...env, NODE_OPTIONS: `${env['NODE_OPTIONS']} --require=${COLLECT}` });
      const watch = new MemoryWatch(core.child);
      // the first hour is that of the start
      await watch.live(HOUR);
      const first = await watch.hours();
      const tell = progress('month, hours');
      const live = async (from: number, to: number): Promise<void> => {
        for (let hour = from; hour < to; hour++) {
          await watch.live(HOUR);
          tell(hour, days * 24);
        }
      };
      await live(7, 24);
      const day = days > 1 ? await watch.hours() : first;
      await live(30, days * 24 - 6);
      const last = await watch.hours();
      const name = `a box with ${LINKS} links, ${days} days in ${Math.round((days * DAY) / 60_000)} min:`;
      const delivered = names.map((party) => counts.get(`smx/1/test/${party}`) ?? 0);
      return [
        most(`${name} PSS of the core at any time`, watch.highest, { target: 110, unit: 'MB' }),
        growth(`${name} growth of PSS after the first hour`, [first.rss, last.rss], first.pss),
        growth(`${name} growth of PSS after the first day`, [day.rss, last.rss], day.pss),
        growth(`${name} growth of what it keeps after the first hour`, [first.kept, last.kept]),
        growth(`${name} growth of what it keeps after the first day`, [day.kept, last.kept]),
        least(`${name} batches that the slowest party took`, Math.min(...delivered), { target: days * 6000, unit: '' }),
        none(`${name} times that the core ended`, core.child.exitCode === null ? 0 : 1),
      ];
    } finally {
      clearInterval(meter);
      await client.endAsync(true);
      await box.remove();
      gateway.close();
      await broker.remove();
    }
  },
};
