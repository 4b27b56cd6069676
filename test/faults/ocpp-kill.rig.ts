import type { StationVersion } from '@smx-edge/site-simulator';
import { least, none, type Extent, type Rig, type RigRow } from './rig.js';
import { ocppKills } from './support/ocpp-kills.js';
import { seeded } from './support/random.js';

/** Of each version and policy. */
const KILLS = { few: 12, many: 500 } as const;

async function killed(count: number, version: StationVersion): Promise<RigRow[]> {
  const kinds = (['mirror', 'hold'] as const).map(async (away) => {
    const { answered, proxies, lost, doubled, disordered, stuck } = await ocppKills({ count, away, version, random: seeded(count) }); // prettier-ignore
    const what = `OCPP proxy, ${version}, ${away}, ${count} deaths (${proxies} × kill -9 of it): transaction messages`;
    return [
      least(`${what} that arrived`, answered, { target: count, unit: '' }),
      none(`${what} lost`, lost),
      none(`${what} doubled`, doubled),
      none(`${what} out of order`, disordered),
      none(`${what} stuck once all was there again`, stuck),
    ];
  });
  return (await Promise.all(kinds)).flat();
}

/** One version after the other: each death loads the next process, and two lines of them are what two cores do. */
async function run(extent: Extent): Promise<RigRow[]> {
  return [...(await killed(KILLS[extent], '1.6')), ...(await killed(KILLS[extent], '2.0.1'))];
}

/**
 * Whenever proxy, back end or charge point die, the back end has each transaction message as over a direct connection. The charge
 * point dies by its connection only: a virtual one queues in memory, so that its process would take with it what no proxy can keep.
 */
export const rig: Rig = { name: 'ocpp-kill', needs: [], run };
