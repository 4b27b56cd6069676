import { least, none, type Extent, type Rig, type RigRow } from './rig.js';
import { ocppKills } from './support/ocpp-kills.js';
import { seeded } from './support/random.js';

/** Of each version and policy. */
const KILLS = { few: 12, many: 500 } as const;

const CASES = (['1.6', '2.0.1'] as const).flatMap((version) => (['mirror', 'hold'] as const).map((away) => ({ version, away }))); // prettier-ignore

async function run(extent: Extent): Promise<RigRow[]> {
  const count = KILLS[extent];
  const kinds = CASES.map(async ({ version, away }) => {
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

/**
 * Whenever proxy, back end or charge point die, the back end has each transaction message as over a direct connection. The charge
 * point dies by its connection only: a virtual one queues in memory, so that its process would take with it what no proxy can keep.
 */
export const rig: Rig = { name: 'ocpp-kill', needs: [], run };
