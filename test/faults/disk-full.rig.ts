import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { least, most, none, type Extent, type Rig, type RigRow } from './rig.js';
import { Keeper, type Fact } from './support/keeper.js';
import { KeeperOracle } from './support/keeper-oracle.js';
import { seeded } from './support/random.js';
import { canMount, SmallDisk, type DiskKind } from './support/small-disk.js';

/** Cycles of one disk: then a new one begins, so that what is checked stays small. */
const CYCLES_OF_DISK = 10;
const RESERVE = 16 * 2 ** 20;
/** Minutes after which the reserve must be there. */
const LONGEST = 2000;

interface Sums {
  cycles: number;
  lost: number;
  wrong: number;
  /** Samples that gaps tell of and that are there, or the other way round. */
  inexact: number;
  gaps: number;
  /** Cycles in which no fault with the code of a full disk was told. */
  silent: number;
  /** Full disks whose beginning or end no event tells. */
  untold: number;
  refused: number;
  /** Disks on which it did not go on: the process ended, or the reserve did not come back. */
  ends: number;
  /** ms from the room to the end of the fault. */
  slowest: number;
}

const lastFault = (facts: readonly Fact[]): Fact['fault'] => facts.findLast(({ fault }) => fault !== undefined)?.fault;

const isFull = ({ fault }: Fact): boolean => fault === 'SMX_STORE_FULL';

class Filling {
  readonly data: string;
  private readonly keeper: Keeper;

  constructor(
    private readonly disk: SmallDisk,
    private readonly random: () => number,
  ) {
    this.data = join(disk.at, 'data');
    this.keeper = new Keeper({ dir: this.data, first: 0 });
  }

  /** Fills the disk and frees it; `flood`: while it is full more comes than can be held. False where the keeper ended. */
  async cycle(flood: boolean, sums: Sums): Promise<boolean> {
    const { disk, keeper, random } = this;
    if (!(await this.reserve())) return false;
    const from = keeper.facts.length;
    disk.fill();
    if ((await keeper.until(isFull, from)) === undefined) return false;
    // a stranger that goes on takes what the reserve gave
    if (flood || random() < 0.7) {
      disk.fill();
      const refused = await keeper.until(({ refused: minute }) => minute !== undefined, from);
      if (refused === undefined) return false;
    }
    if (flood) {
      // ext4 gives blocks that came free a moment later
      disk.fill();
      const before = keeper.facts.length;
      keeper.flood();
      if ((await keeper.until((fact) => fact.flood !== undefined, before)) === undefined) return false;
    }
    await pause(random() * 100);
    const full = keeper.facts.length;
    const begun = performance.now();
    disk.free();
    // between a write that goes well again and the word of the reserve there is no fault for a moment
    const isWell = (_: Fact, i: number): boolean => lastFault(keeper.facts.slice(0, i + 1)) === null;
    if ((await keeper.until(isWell, full)) === undefined) return false;
    sums.slowest = Math.max(sums.slowest, performance.now() - begun);
    const kept = keeper.facts.length;
    return (await keeper.until((fact) => fact.kept !== undefined, kept)) !== undefined;
  }

  /** Until the reserve is laid in; false where that takes too long, or the keeper ended. */
  private async reserve(): Promise<boolean> {
    const path = join(this.data, 'ballast');
    for (let i = 0; i < LONGEST; i++) {
      if (existsSync(path) && statSync(path).size === RESERVE) return true;
      if ((await this.keeper.until(({ given }) => given !== undefined, this.keeper.facts.length)) === undefined) break;
    }
    return false;
  }

  /** Ends in order, and gives what the keeper said. */
  async end(): Promise<{ facts: readonly Fact[]; errors: string }> {
    const { keeper } = this;
    keeper.end();
    await keeper.exited;
    return keeper;
  }
}

async function fillDisk(kind: DiskKind, cycles: number, { sums, seed }: { sums: Sums; seed: number }): Promise<void> {
  const disk = new SmallDisk(kind);
  const tell = (what: string): boolean => process.stderr.write(`disk full (${kind}, seed ${seed}): ${what}\n`);
  try {
    const filling = new Filling(disk, seeded(seed));
    let went = 0;
    while (went < cycles && (await filling.cycle(went % 10 === 1, sums))) went++;
    const { facts, errors } = await filling.end();
    sums.cycles += went;
    if (went < cycles || facts.at(-1)?.closed !== true) {
      sums.ends++;
      tell(`${JSON.stringify(facts.at(-1))} ${errors}`);
    }
    const faults = facts.filter(isFull).length;
    sums.silent += Math.max(0, went - faults);
    sums.refused += facts.filter(({ refused }) => refused !== undefined).length;
    const oracle = new KeeperOracle();
    oracle.learn(facts);
    const { lost, twice, wrong, missing, events } = await oracle.check(filling.data);
    const gaps = events.filter(({ code }) => code === 'SMX_STORE_GAP');
    const told = gaps.reduce((sum, { data }) => sum + ((data as { samples?: number }).samples ?? 0), 0);
    const ended = events.filter(({ code, state }) => code === 'SMX_STORE_FULL' && state === 'cleared').length;
    sums.lost += lost.length;
    sums.wrong += twice.length + wrong.length;
    sums.inexact += Math.abs(missing - told);
    sums.gaps += gaps.length;
    sums.untold += Math.max(0, went - ended);
    if (lost.length + twice.length + wrong.length > 0 || missing !== told)
      tell(`${[...lost, ...twice, ...wrong].slice(0, 8).join('; ')}; ${missing} samples missing, gaps tell ${told}`);
  } finally {
    disk.remove();
  }
}

/** A disk is filled to the last byte, by a stranger, and freed: nothing that was acknowledged is lost, and all goes on. */
export const rig: Rig = {
  name: 'disk-full',
  needs: ['mount', 'mkfs.ext4'],
  lacks: () => (canMount('tmpfs') && canMount('ext4') ? undefined : 'the right to mount'),
  async run(extent: Extent): Promise<RigRow[]> {
    const disks = extent === 'few' ? 2 : 20;
    const cycles = extent === 'few' ? 3 : CYCLES_OF_DISK;
    const sums: Sums = {
      ...{ cycles: 0, lost: 0, wrong: 0, inexact: 0, gaps: 0, silent: 0, untold: 0, refused: 0, ends: 0, slowest: 0 },
    };
    for (let i = 0; i < disks; i++) await fillDisk(i % 2 === 0 ? 'tmpfs' : 'ext4', cycles, { sums, seed: i + 1 });
    const name = `disk filled and freed, ${disks * cycles} times:`;
    return [
      least(`${name} cycles`, sums.cycles, { target: disks * cycles, unit: '' }),
      none(`${name} acknowledged lost`, sums.lost),
      none(`${name} twice or wrong`, sums.wrong),
      none(`${name} samples missing beside what gaps tell, or told and there`, sums.inexact),
      least(`${name} gaps of floods`, sums.gaps, { target: disks / 2, unit: '' }),
      none(`${name} full disks without a fault`, sums.silent),
      none(`${name} full disks without an event`, sums.untold),
      least(`${name} refusals said`, sums.refused, { target: disks, unit: '' }),
      none(`${name} disks on which it did not go on`, sums.ends),
      most(`${name} slowest to write again once there was room`, sums.slowest / 1000, { target: 5, unit: 's' }),
    ];
  },
};
