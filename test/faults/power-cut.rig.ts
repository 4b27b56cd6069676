import { setTimeout as pause } from 'node:timers/promises';
import { least, most, none, type Extent, type Rig, type RigRow } from './rig.js';
import { buildShim, shimEnv, type ShimOptions } from './support/disk-shim.js';
import { Ground } from './support/ground.js';
import { Keeper, type Fact } from './support/keeper.js';
import type { Verdict } from './support/keeper-oracle.js';
import { seeded } from './support/random.js';
import { cutPower, type Cut } from './support/undo-log.js';

/** Cuts of one folder: then a new one begins, so that what is checked stays small. */
const CUTS_OF_FOLDER = 10;
/** ms from the first kept minute to the cut, at most. */
const LONGEST = 500;

interface Cuts {
  readonly count: number;
  readonly mode: Cut['mode'];
  readonly lies?: boolean;
  readonly seed: number;
}

interface Sums {
  lost: number;
  twice: number;
  wrong: number;
  unreadable: number;
  undone: number;
  kept: number;
  /** Cuts of which any of it was seen. */
  bad: number;
  /** ms. */
  opened: number;
}

/** Writes until the power goes, and looks at what is left. */
async function cutOnce(
  shim: string,
  ground: Ground,
  o: Cuts & { random: () => number },
): Promise<Verdict & { undone: number }> {
  ground.prepare();
  const options: ShimOptions = { folder: ground.dir, undo: ground.undo, ...(o.lies === true ? { lies: true } : {}) };
  const keeper = new Keeper({ dir: ground.dir, first: ground.next, env: shimEnv(shim, options) });
  const first = await keeper.until(({ kept, failed }: Fact) => kept !== undefined || failed !== undefined);
  await pause(o.random() * LONGEST);
  keeper.kill();
  await keeper.exited;
  if (first?.kept === undefined) throw new Error(`the keeper kept nothing: ${JSON.stringify(first)} ${keeper.errors}`);
  ground.oracle.learn(keeper.facts);
  const undone = cutPower({ ...ground.undo, mode: o.mode, random: o.random });
  const verdict = await ground.oracle.check(ground.dir);
  ground.next = verdict.last + 1;
  return { ...verdict, undone };
}

async function cuts(shim: string, o: Cuts): Promise<Sums> {
  const random = seeded(o.seed);
  const sums: Sums = { lost: 0, twice: 0, wrong: 0, unreadable: 0, undone: 0, kept: 0, bad: 0, opened: 0 };
  let ground = new Ground();
  try {
    for (let i = 0; i < o.count; i++) {
      // of a disk that lied nothing can be built upon
      if (i > 0 && (i % CUTS_OF_FOLDER === 0 || o.lies === true)) {
        sums.kept += ground.oracle.size;
        ground.remove();
        ground = new Ground();
      }
      const { lost, twice, wrong, undone, opened, events } = await cutOnce(shim, ground, { ...o, random });
      const damaged = events.filter(({ code }) => code === 'SMX_STORE_DAMAGED');
      sums.lost += lost.length;
      sums.twice += twice.length;
      sums.wrong += wrong.length;
      sums.unreadable += damaged.length;
      sums.undone += undone;
      sums.opened = Math.max(sums.opened, opened);
      const found = [...lost, ...twice, ...wrong, ...damaged.map(({ text }) => text)];
      if (found.length > 0) sums.bad++;
      if (found.length > 0 && o.lies !== true)
        process.stderr.write(`power cut ${i} (${o.mode}, seed ${o.seed}): ${found.slice(0, 8).join('; ')}\n`);
    }
    sums.kept += ground.oracle.size;
  } finally {
    ground.remove();
  }
  return sums;
}

function rows(mode: Cut['mode'], count: number, sums: Sums): RigRow[] {
  const name = `power cut ${mode}, ${count} times:`;
  return [
    none(`${name} acknowledged rows, events, entries, files, samples, batches, acks lost`, sums.lost),
    none(`${name} twice or wrong`, sums.twice + sums.wrong),
    none(`${name} databases or journals unreadable`, sums.unreadable),
    least(`${name} minutes acknowledged`, sums.kept, { target: count, unit: 'min' }),
    least(`${name} changes that did not reach the disk`, sums.undone, { target: 1, unit: '' }),
    most(`${name} slowest opening`, sums.opened / 1000, { target: 10, unit: 's' }),
  ];
}

/** Power goes while a store writes: what it had acknowledged is there. A disk that lies is the control, which must fail. */
export const rig: Rig = {
  name: 'power-cut',
  needs: ['gcc'],
  async run(extent: Extent): Promise<RigRow[]> {
    const count = extent === 'few' ? 4 : 200;
    const control = extent === 'few' ? 1 : 10;
    const shim = buildShim();
    const all = await cuts(shim, { count, mode: 'all', seed: 1 });
    const rand = await cuts(shim, { count, mode: 'rand', seed: 2 });
    const lied = await cuts(shim, { count: control, mode: 'rand', lies: true, seed: 3 });
    return [
      ...rows('all', count, all),
      ...rows('rand', count, rand),
      least('power cut, control: of a disk that lies about syncs, cuts in which loss was seen', lied.bad, {
        target: control,
        unit: `of ${control}`,
      }),
    ];
  },
};
