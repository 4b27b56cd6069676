import { setTimeout as pause } from 'node:timers/promises';
import { postgresPrograms, startPostgres, type Postgres } from '../../apps/gesscon/test-support/postgres.js';
import { until } from '../e2e/smxcore-support.js';
import { least, most, none, progress, type Extent, type Rig, type RigRow } from './rig.js';
import { killPostgres } from './support/consumer.js';
import type { Absence } from './support/delivery.js';
import { seeded } from './support/random.js';
import { Site } from './support/site.js';

/** The kills of a round fall into this time, ms. */
const SPREAD = 1500;
/** Of the newest samples a killed core may not have written this much yet: a second, and what this machine may be late, ms. */
const UNWRITTEN = 2500;
/** Time after the last kill within which the consumer has all again, s. */
const DRAINED = 10;

interface Loop {
  readonly name: string;
  readonly kills: number;
  readonly postgres?: Postgres;
  /** Whether times are judged, which a loaded machine cannot hold. */
  readonly isTimed?: boolean;
}

/** What is killed, in an order and at moments of its own in each round: each comes up while others are being killed. */
class Rounds {
  kills = 0;
  readonly absences: Absence[] = [];
  /** Of the last kill, on the clock of `performance`, ms. */
  last = 0;
  /** Longest time from a round's last kill to a new telegram in the core, s. */
  slowest = 0;

  constructor(
    private readonly site: Site,
    private readonly random: () => number,
    private readonly postgres: Postgres | undefined,
  ) {}

  async next(): Promise<void> {
    const { site, postgres } = this;
    const from = Date.now() - UNWRITTEN;
    await Promise.all([
      // one after the other: a reader can be killed only where its core runs, and a core forgives deaths when it starts
      this.at(async () => {
        if (await site.killReader()) this.killed();
        await pause(this.random() * SPREAD);
        await site.killCore();
        this.killed();
        await site.startCore();
      }),
      this.at(async () => {
        await site.broker.stop();
        this.killed();
        await site.broker.start();
      }),
      this.at(async () => {
        await site.consumer.kill();
        this.killed();
      }),
      this.at(async () => {
        if (postgres === undefined) return;
        this.killed();
        await killPostgres(postgres);
      }),
    ]);
    const back = Date.now();
    await until(async () => (await site.newest()) > back);
    this.absences.push({ from, to: Date.now() });
    this.slowest = Math.max(this.slowest, (performance.now() - this.last) / 1000);
  }

  private killed(): void {
    this.kills++;
    this.last = performance.now();
  }

  private async at(kill: () => Promise<void>): Promise<void> {
    await pause(this.random() * SPREAD);
    await kill();
  }
}

async function loop({ name, kills, postgres, isTimed }: Loop): Promise<RigRow[]> {
  const begun = performance.now();
  const site = await Site.open({ database: postgres?.url });
  try {
    const rounds = new Rounds(site, seeded(kills), postgres);
    const first = await site.begin();
    const tell = progress(`kill, ${name}`);
    while (rounds.kills < kills) {
      await rounds.next();
      tell(rounds.kills, kills);
    }
    const verdict = await site.settle(first, rounds.absences);
    const drained = (performance.now() - rounds.last) / 1000;
    const what = `kill -9, ${name}:`;
    const rows = [
      least(`${what} kills`, rounds.kills, { target: kills, unit: '' }),
      none(`${what} journalled values that the consumer lacks`, verdict.lost.length),
      none(`${what} rows twice`, verdict.twice.length),
      none(`${what} rows that the meter did not give`, verdict.wrong.length),
      none(`${what} values not read while all was up`, verdict.unread.length),
      least(`${what} values given, kept and delivered once`, verdict.good, { target: kills / 2, unit: '' }),
    ];
    if (isTimed !== true) return rows;
    const took = (performance.now() - begun) / 1000;
    return [
      ...rows,
      most(`${what} last kill to the last value at the consumer`, drained, { target: DRAINED, unit: 's' }),
      most(`${what} longest time from a kill to a new value in the core`, rounds.slowest, { target: 60, unit: 's' }),
      most(`${what} time of all kills`, took, { target: 7200, unit: 's' }),
    ];
  } finally {
    await site.close();
  }
}

/** Core, reader, broker, consumer and database are killed at random: nothing journalled is lost or stands twice. */
export const rig: Rig = {
  name: 'kill',
  needs: ['mosquitto'],
  async run(extent: Extent): Promise<RigRow[]> {
    if (extent === 'few') return loop({ name: 'SQLite', kills: 4 });
    const hasPostgres = postgresPrograms() !== undefined;
    const sqlite = await loop({ name: 'SQLite', kills: hasPostgres ? 300 : 1000, isTimed: true });
    if (!hasPostgres) return sqlite;
    const postgres = await startPostgres();
    try {
      return [...sqlite, ...(await loop({ name: 'PostgreSQL', kills: 700, postgres, isTimed: true }))];
    } finally {
      await postgres.remove();
    }
  },
};
