import { least, none, type Extent, type Rig, type RigRow } from './rig.js';
import { buildShim, shimEnv, type Failing } from './support/disk-shim.js';
import { Ground } from './support/ground.js';
import { Keeper } from './support/keeper.js';
import { seeded } from './support/random.js';
import { cutPower } from './support/undo-log.js';

const MINUTES = 25;

interface Sums {
  lost: number;
  wrong: number;
  unreadable: number;
  /** Runs that ended in another way than by a word of the store. */
  ends: number;
  /** Runs in which the disk worked again and the store did not. */
  stuck: number;
  refused: number;
}

/** A disk that fails some calls, with what they were for lost for good; then the power goes. */
async function failOnce(shim: string, failing: Failing, sums: Sums): Promise<void> {
  const ground = new Ground();
  const tell = (what: string): boolean =>
    process.stderr.write(`${failing.what} ${failing.from}, ${failing.count} times: ${what}\n`);
  try {
    ground.prepare();
    const env = shimEnv(shim, { folder: ground.dir, undo: ground.undo, failing });
    const keeper = new Keeper({ dir: ground.dir, first: 0, count: MINUTES, env });
    await keeper.until(({ failed }, i) => failed !== undefined || isThrough(keeper, i));
    keeper.kill();
    await keeper.exited;
    const { facts } = keeper;
    const failed = facts.find((fact) => fact.failed !== undefined);
    const isRefusal = failed?.failed?.startsWith('SMX_') === true;
    sums.refused += facts.filter(({ refused }) => refused !== undefined).length + (isRefusal ? 1 : 0);
    if ((failed !== undefined && !isRefusal) || (failed === undefined && !facts.some((_, i) => isThrough(keeper, i)))) {
      sums.ends++;
      tell(`${JSON.stringify(failed)} ${keeper.errors}`);
    }
    const isOpen = facts.some(({ opened }) => opened !== undefined);
    const isRight = facts.some(({ kept }) => kept === MINUTES - 1);
    if (isOpen && !isRight) {
      sums.stuck++;
      tell(`not right again: ${JSON.stringify(facts.at(-1))}`);
    }
    ground.oracle.learn(facts);
    cutPower({ ...ground.undo, mode: 'all', random: seeded(failing.from) });
    const { lost, twice, wrong, events } = await ground.oracle.check(ground.dir);
    sums.lost += lost.length;
    sums.wrong += twice.length + wrong.length;
    const damaged = events.filter(({ code }) => code === 'SMX_STORE_DAMAGED').length;
    sums.unreadable += damaged;
    const found = [...lost, ...twice, ...wrong];
    if (found.length + damaged > 0) tell(`${damaged} set aside; ${found.slice(0, 8).join('; ')}`);
  } finally {
    ground.remove();
  }
}

/** Whether the last minute is behind it, kept or refused. */
function isThrough(keeper: Keeper, i: number): boolean {
  const { kept, refused } = keeper.facts[i]!;
  return (kept ?? refused) === MINUTES - 1;
}

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);

const PLACES: Record<Extent, { sync: readonly number[]; write: readonly number[] }> = {
  few: { sync: [12, 33, 61], write: [95, 171, 240] },
  many: { sync: range(1, 151, 1), write: range(1, 451, 3) },
};

/** The n-th sync or write fails, once or some times: nothing is acknowledged that is not on disk, and all goes on. */
export const rig: Rig = {
  name: 'bad-disk',
  needs: ['gcc'],
  async run(extent: Extent): Promise<RigRow[]> {
    const shim = buildShim();
    const rows: RigRow[] = [];
    for (const what of ['sync', 'write'] as const) {
      const sums: Sums = { lost: 0, wrong: 0, unreadable: 0, ends: 0, stuck: 0, refused: 0 };
      const places = PLACES[extent][what];
      for (const [i, from] of places.entries()) await failOnce(shim, { what, from, count: i % 3 === 2 ? 25 : 1 }, sums);
      const name = `disk fails the n-th ${what}, ${places.length} places:`;
      rows.push(
        none(`${name} acknowledged lost`, sums.lost),
        none(`${name} twice or wrong`, sums.wrong),
        none(`${name} databases unreadable`, sums.unreadable),
        none(`${name} ends without a word`, sums.ends),
        none(`${name} not right again once the disk was`, sums.stuck),
        least(`${name} refusals said`, sums.refused, { target: 1, unit: '' }),
      );
    }
    return rows;
  },
};
