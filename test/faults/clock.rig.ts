import { setTimeout as pause } from 'node:timers/promises';
import { stop, until } from '../e2e/smxcore-support.js';
import { least, most, none, type Extent, type Rig, type RigRow } from './rig.js';
import { BoxClock, FAKETIME } from './support/box-clock.js';
import { judgeTimes, type TimedRow } from './support/clock-oracle.js';
import { Controller, LEASE } from './support/controller.js';
import { COUNTED, CountingMeter } from './support/counting-meter.js';
import { Site } from './support/site.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const POINT = `pcc/${COUNTED}`;
/** A box says that its clock is unsure before this (its software is younger), ms UTC. */
const EARLIEST = Date.UTC(2026, 0, 1);
/** A clock that moves by more than this from one second to the next was set, ms. */
const STEP = 2000;
/** ms for which what is not there yet is waited for: values at the consumer, events. */
const PATIENCE = 60_000;
/** Of a time of the rig and the clock that the box had then, ms. */
const UNSURE = 5000;
/** What a step may be told too long or too short, ms. */
const ROUGHLY = 1000;
/** A lease is over this early at the soonest, and a default on the device this late at the latest, ms. */
const EARLY = 500;
const LATE = 1000;

/** Telegrams that are looked at before the next change; those of the last seconds before it may be of the one or the other. */
const AFTER = { few: 1, many: 8 } as const;

/** Seconds before the end and the begin of summer time in Europe, ms UTC. */
const DST = [Date.UTC(2026, 9, 25, 0, 59, 58), Date.UTC(2027, 2, 28, 0, 59, 58)];

const JUMPS: readonly { readonly name: string; readonly to: (now: number) => number }[] = [
  { name: '-1 h', to: (now) => now - HOUR },
  { name: '-1 y', to: (now) => now - 365 * DAY },
  { name: '+30 d', to: (now) => now + 30 * DAY },
  { name: '1970', to: () => 1_000_000 },
];

/** A box whose clock is set while it reads, delivers and obeys, and what came of it. */
class Bench {
  /** Telegrams that have to be there: first and last, while the core was up. */
  readonly spans: (readonly [number, number])[] = [];
  /** Commands that were carried out though they were issued at another time than the box believed. */
  readonly late: string[] = [];
  readonly early: string[] = [];
  /** Longest that a lease was over before its command was, ms. */
  overdue = 0;
  leases = 0;
  private first = 0;

  constructor(
    private readonly site: Site,
    private readonly clock: BoxClock,
    private readonly meter: CountingMeter,
    private readonly controller: Controller,
    private readonly extent: Extent,
  ) {}

  async begin(): Promise<void> {
    const before = await this.newest();
    await until(async () => (await this.newest()) > before);
    // what was journalled before the stream began is not of it
    await until(async () => (await this.table()).some(({ count }) => count > before));
    this.first = await this.newest();
  }

  async end(): Promise<void> {
    this.spans.push([this.first, await this.newest()]);
    const [first, last] = this.spans.at(-1)!;
    const end = performance.now() + PATIENCE;
    // what is of before comes beside what is live, and may come later
    await until(async () => {
      const there = new Set((await this.table()).map(({ count }) => count));
      for (let count = first; count <= last; count++) if (!there.has(count)) return performance.now() > end;
      return true;
    });
  }

  /** The clock is wrong for a while, that of meter and controller is not. */
  async jump(to: number): Promise<void> {
    const lease = await this.controller.order(this.clock.now());
    await this.set(to - Date.now());
    await this.refused(Date.now());
    await this.further(2 * AFTER[this.extent]);
    if (this.extent === 'many' && to < EARLIEST) await until(() => this.controller.clock === 'unsure');
    await this.ended(lease);
    await this.set(0);
    if (this.extent === 'many' && to < EARLIEST) await until(() => this.controller.clock === 'ok');
    await this.further(AFTER[this.extent]);
  }

  /** All clocks run over the end or begin of summer time. */
  async summer(from: number): Promise<void> {
    this.meter.ahead = from - Date.now();
    await this.set(this.meter.ahead);
    const lease = await this.controller.order(this.clock.now());
    const fixed = await this.controller.order(this.clock.now(), { until: this.clock.now() + LEASE });
    await this.further(4);
    await this.ended(fixed);
    await this.controller.held(lease);
    this.meter.ahead = 0;
    await this.set(0);
    if (this.extent === 'many') await this.further(AFTER.many);
  }

  /** The clock runs fast, and then slow, by a quarter. */
  async drift(): Promise<void> {
    for (const by of [50, -50])
      for (let i = 0; i < 50; i++) {
        await pause(200);
        this.clock.set(this.clock.ahead + by);
      }
    await this.further(1);
  }

  /** A box without a battery in its clock starts in 1970, and its clock is set once the network is there. */
  async boot(): Promise<void> {
    await this.end();
    await stop(this.site.running);
    this.clock.start(1_000_000 - Date.now());
    await this.site.startCore();
    await this.begin();
    await this.refused(Date.now());
    await this.further(AFTER.many);
    await this.set(0);
    await this.further(AFTER[this.extent]);
  }

  /** Register of the newest telegram in the core. */
  async newest(): Promise<number> {
    const [point] = await this.site.get<readonly { readonly value: number | null }[]>(`points?match=${POINT}`);
    return point?.value ?? 0;
  }

  async table(): Promise<TimedRow[]> {
    const rows = await this.site.ask<{ t: number; v: number; q: string | null }>(
      `select t, value as v, quality as q from reading where path = '${POINT}'`,
    );
    return rows.map(({ t, v, q }) => ({ t, count: v, quality: q ?? 'good' }));
  }

  async history(): Promise<TimedRow[]> {
    const { points } = await this.site.get<{ points: Record<string, [number, number, string?][]> }>(
      `history?match=${POINT}&from=0&to=${Date.now() + 400 * DAY}`,
    );
    return (points[POINT] ?? []).map(([t, count, quality = 'good']) => ({ t, count, quality }));
  }

  /** Two steps within the second in which the box looks would be one to it: the next comes after it had time to see this. */
  private async set(ahead: number): Promise<void> {
    this.clock.set(ahead);
    const end = performance.now() + PATIENCE;
    await until(async () => (await steps(this.site, this.clock)).untold.length === 0 || performance.now() > end);
  }

  /** A command by a clock that the box is far from. */
  private async refused(t: number): Promise<void> {
    const id = await this.controller.order(t);
    const came = this.controller.cameOf(id);
    if (came.at(-1) !== 'SMX_COMMAND_STALE') this.late.push(came.join(' '));
  }

  private async ended(lease: string): Promise<void> {
    const held = await this.controller.held(lease);
    this.leases++;
    this.overdue = Math.max(this.overdue, held - LEASE);
    if (held < LEASE - EARLY) this.early.push(`${lease} ${Math.round(held)}`);
  }

  /** Resolves once so many telegrams that are sent from now on are in the core. */
  private async further(count: number): Promise<void> {
    const last = this.meter.last + count;
    await until(async () => (await this.newest()) >= last);
  }
}

/** Clock steps that were not told, and told ones that were none. */
async function steps(site: Site, clock: BoxClock): Promise<{ untold: string[]; invented: string[] }> {
  const changes = clock.changes
    .slice(1)
    .map(({ ahead, isUnseen }, i) => (isUnseen ? 0 : ahead - clock.changes[i]!.ahead));
  const untold = changes.filter((by) => Math.abs(by) >= STEP);
  const invented: string[] = [];
  const events =
    await site.get<readonly { code: string; text: string; data: { from: number; to: number } }[]>(
      'events?match=box&from=0',
    );
  for (const { code, text, data } of events) {
    if (code !== 'SMX_CLOCK_STEP') continue;
    const found = untold.findIndex((by) => Math.abs(by - (data.to - data.from)) < ROUGHLY);
    if (found < 0) invented.push(text);
    else untold.splice(found, 1);
  }
  return { untold: untold.map(String), invented };
}

/** Batches that the consumer lacks between its first and its last, and epochs beside the first. */
async function holes(site: Site): Promise<number> {
  const [row] = await site.ask<Record<'epochs' | 'batches' | 'lowest' | 'highest', number>>(
    'select count(distinct epoch) as epochs, count(distinct seq) as batches, min(seq) as lowest, max(seq) as highest ' +
      "from batch where stream = 'inst'",
  );
  const { epochs, batches, lowest, highest } = row!;
  return highest - lowest + 1 - batches + epochs - 1;
}

/** The clock of the box is set, runs wrong, or was never set: nothing is lost, no time lies, and nothing is done late. */
export const rig: Rig = {
  name: 'clock',
  needs: ['mosquitto', FAKETIME],
  async run(extent: Extent): Promise<RigRow[]> {
    const clock = new BoxClock();
    const meter = await CountingMeter.start();
    const site = await Site.open({ source: () => Promise.resolve(meter.source), env: clock.env, hasBattery: true });
    const controller = await Controller.connect(site.broker.port);
    try {
      const bench = new Bench(site, clock, meter, controller, extent);
      await bench.begin();
      if (extent === 'few') {
        await bench.jump(JUMPS[0]!.to(Date.now()));
        await bench.summer(DST[0]!);
      } else
        for (let round = 0; round < 3; round++) {
          for (const { to } of JUMPS) await bench.jump(to(Date.now()));
          for (const from of DST) await bench.summer(from);
          await bench.drift();
          await bench.boot();
        }
      await bench.end();
      return await rows({ bench, site, clock, meter, extent });
    } finally {
      await controller.end();
      await site.close();
      await meter.stop();
      clock.remove();
    }
  },
};

interface Done {
  readonly bench: Bench;
  readonly site: Site;
  readonly clock: BoxClock;
  readonly meter: CountingMeter;
  readonly extent: Extent;
}

async function rows({ bench, site, clock, meter, extent }: Done): Promise<RigRow[]> {
  const kept = await bench.history();
  const taken = await bench.table();
  // a history ends now, and gives what stands under a later time once that has come
  const isPast = (at: number): boolean => clock.between(at - UNSURE, at + UNSURE).every((ahead) => ahead < UNSURE);
  const verdicts = bench.spans.flatMap(([first, last]) =>
    [
      { rows: kept, isDue: isPast },
      { rows: taken, isDue: () => true },
    ].map((found) =>
      judgeTimes({ ...found, sent: meter.sent, first, last, ahead: (from, to) => clock.between(from, to) }),
    ),
  );
  const all = (what: 'lost' | 'twice' | 'wrong' | 'unsaid'): string[] => verdicts.flatMap((verdict) => verdict[what]);
  const { untold, invented } = await steps(site, clock);
  const found = {
    lost: all('lost'),
    twice: all('twice'),
    wrong: all('wrong'),
    unsaid: all('unsaid'),
    untold,
    invented,
  };
  for (const [what, which] of Object.entries({ ...found, late: bench.late, early: bench.early }))
    if (which.length > 0) process.stderr.write(`${what}: ${which.slice(0, 12).join('; ')}\n`);
  const name = 'clock set:';
  const asked = [
    none(`${name} values lost`, found.lost.length),
    none(`${name} rows twice`, found.twice.length),
    none(`${name} batches missing at the consumer, or a new epoch`, await holes(site)),
    none(`${name} rows under a time that is wrong and does not say so`, found.wrong.length),
    none(`${name} rows said to be right or unsure that were not`, found.unsaid.length),
    none(`${name} steps not told, or told and none`, untold.length + invented.length),
    none(`${name} commands carried out though issued by another clock`, bench.late.length),
    none(`${name} leases that ended early`, bench.early.length),
    least(`${name} leases that ended`, bench.leases, { target: extent === 'few' ? 2 : 18, unit: '' }),
  ];
  if (extent === 'few') return asked;
  return [...asked, most(`${name} from the end of a lease to the end of its command`, bench.overdue / 1000, { target: LATE / 1000, unit: 's' })]; // prettier-ignore
}
