import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Box, until } from '../e2e/smxcore-support.js';
import { least, most, none, progress, type Extent, type Rig, type RigRow } from './rig.js';
import { seeded } from './support/random.js';

/** Its package `integrator` has a load whose energy in Wh is the time in ms that its samples cover. */
const PACKAGES = join(process.cwd(), 'libs/extension-host/test-fixtures');
const EXTRA = `packages: ${PACKAGES}\nextensions: { load: { use: integrator, allow: { publish: ["#"] } } }\n`;
const ENERGY = 'load/energy/active/import';
/** The kills fall into this time behind the first new value, ms: a hundred samples and some twenty writes. */
const SPREAD = 1000;
/** What the wall clock, in whole ms, may tell too much or too little at each restart. */
const ROUNDING = 2;

interface Kept {
  /** First sample ever, ms UTC. */
  readonly begun: number;
  readonly kept: {
    readonly integral: {
      readonly positive: readonly [number, number];
      readonly covered: number;
      readonly missed: number;
      readonly at: number;
    };
  };
}

interface Tally {
  kills: number;
  /** Values that were less than one that was shown before. */
  fallen: number;
  /** Starts at which the sum was not that of the time its samples cover. */
  torn: number;
  /** Most ms that a sum had too much. */
  twice: number;
  /** Most ms that one had too little. */
  lost: number;
}

/** Kills a core with its integrator while energy is being kept, and looks at each start at what the store holds. */
class Killer {
  readonly tally: Tally = { kills: 0, fallen: 0, torn: 0, twice: 0, lost: 0 };
  private shown = -1;

  constructor(
    private readonly box: Box,
    private readonly headers: Record<string, string>,
    private readonly random: () => number,
  ) {}

  async round(): Promise<void> {
    const { core, url } = await this.box.core();
    const first = await until(() => this.value(url));
    if (first < this.shown) this.tally.fallen++;
    this.judge(await until(() => this.kept(url)));
    await until(async () => ((await this.value(url)) ?? 0) > first);
    await pause(this.random() * SPREAD);
    this.shown = (await this.value(url)) ?? this.shown;
    core.child.kill('SIGKILL');
    await core.ended();
    this.tally.kills++;
  }

  private judge({ begun, kept: { integral } }: Kept): void {
    const { positive, covered, missed, at } = integral;
    const sum = positive[0] + positive[1] / 3_600_000;
    if (Math.abs(sum - covered) > 0.01) this.tally.torn++;
    const surplus = covered + missed - (at - begun);
    const room = ROUNDING * (this.tally.kills + 1);
    this.tally.twice = Math.max(this.tally.twice, surplus - room);
    this.tally.lost = Math.max(this.tally.lost, -surplus - room);
  }

  /** Wh; undefined before the first value of this run. */
  private async value(url: string): Promise<number | undefined> {
    const answer = await fetch(`${url}/api/v1/points/${ENERGY}`, { headers: this.headers });
    if (!answer.ok) return undefined;
    const { value, quality } = (await answer.json()) as { value: number | null; quality: string };
    return value === null || quality !== 'substituted' ? undefined : value;
  }

  private async kept(url: string): Promise<Kept | undefined> {
    const answer = await fetch(`${url}/api/v1/extensions/load/calls/kept`, {
      ...{ method: 'POST', headers: this.headers, body: '{}' },
    });
    const found = answer.ok ? ((await answer.json()) as { [K in keyof Kept]?: Kept[K] | null }) : {};
    return found.begun && found.kept ? { begun: found.begun, kept: found.kept } : undefined;
  }
}

async function run(extent: Extent): Promise<RigRow[]> {
  const kills = extent === 'few' ? 4 : 200;
  const box = new Box(EXTRA);
  try {
    const { out } = await box.smx(['token', 'create', '--role', 'owner', '--json']);
    const { token } = JSON.parse(out) as { token: string };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const killer = new Killer(box, headers, seeded(kills));
    const tell = progress('energy-kill');
    while (killer.tally.kills < kills) {
      await killer.round();
      tell(killer.tally.kills, kills);
    }
    const { tally } = killer;
    const atMost = { target: 50, unit: 'ms' };
    return [
      least('energy over kill -9: kills', tally.kills, { target: kills, unit: '' }),
      none('energy over kill -9: sums that were kept without their last sample', tally.torn),
      none('energy over kill -9: shown values that fell', tally.fallen),
      most('energy over kill -9: most that was counted twice', Math.max(0, tally.twice), atMost),
      most('energy over kill -9: most that was not counted', Math.max(0, tally.lost), atMost),
    ];
  } finally {
    await box.remove();
  }
}

/** Energy that is integrated is counted once, whenever its core is killed. */
export const rig: Rig = { name: 'energy-kill', needs: [], run };
