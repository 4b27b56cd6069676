import { rig as clock } from './clock.rig.js';
import { rig as dlmsFrames } from './dlms-frames.rig.js';
import { rig as energyKill } from './energy-kill.rig.js';
import { rig as flips } from './flips.rig.js';
import { lacking, type Rig } from './rig.js';
import { rig as badDisk } from './bad-disk.rig.js';
import { rig as diskFull } from './disk-full.rig.js';
import { rig as kill } from './kill.rig.js';
import { rig as network } from './network.rig.js';
import { rig as ocppKill } from './ocpp-kill.rig.js';
import { rig as powerCut } from './power-cut.rig.js';
import { rig as unplug } from './unplug.rig.js';

/** The bounded part of the rigs; `npm run faults` does all of it. */
const RIGS: readonly Rig[] = [
  powerCut,
  badDisk,
  diskFull,
  flips,
  kill,
  network,
  unplug,
  clock,
  dlmsFrames,
  energyKill,
  ocppKill,
];

describe.each(RIGS.map((rig) => [rig.name, rig] as const))('fault: %s', (_name, rig) => {
  const missing = lacking(rig);
  if (missing !== undefined) {
    it.skip(`needs ${missing}, which this machine lacks`, () => undefined);
    return;
  }
  it('does what was promised', async () => {
    const rows = await rig.run('few');
    const short = rows.filter(({ figure, target, better }) => (better === 'more' ? figure < target : figure > target));
    expect(short).toEqual([]);
    expect(rows.length).toBeGreaterThan(0);
  });
});
