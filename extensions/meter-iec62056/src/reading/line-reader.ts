import type { Alarms, Line, SmxContext } from '@smx-edge/extension-api';
import { EventPace, MeterTurns, type ShownMeter } from '@smx-edge/extension-api/metering';
import { systemClock, type Clock } from '@smx-edge/model';
import { IecLine } from '../line/iec-line.js';
import { settingsOf, type IecConfig, type MeterSettings } from '../settings.js';
import { MeterReader } from './meter-reader.js';
import { PushReader } from './push-reader.js';

/** Where neither readouts nor registers are wanted, ms. */
const OTHERWISE = 60_000;
/** Between looks whether one that gave nothing may be asked again, ms. */
const LOOK = 1000;

/** A meter of this protocol as calls show it. */
export interface ReadMeter extends ShownMeter {
  /** The newest readout in its own words. */
  readonly readout: string | undefined;
}

/** All meters of one line: asked in turn, or listened to. */
export interface LineReader {
  readonly meters: readonly ReadMeter[];
  run(): Promise<void>;
}

/** `clock`: for intervals within a conversation; default that of the system. Throws SMX_CONFIG_INVALID. */
export function lineReader(smx: SmxContext<IecConfig>, alarms: Alarms, clock: Clock = systemClock): LineReader {
  const { meters, line: settings, isPushed, share } = settingsOf(smx.config, smx.timezone);
  if (isPushed) {
    const push = new PushReader({ smx, alarms, settings, clock, meter: meters[0]! });
    return { meters: [push], run: () => push.run() };
  }
  const isShared = meters.length > 1;
  const open = (): Line => smx.open(settings.source, { idle: 0 });
  const line = new IecLine({ settings, share, isShared, open, clock, now: smx.now });
  const pace = new EventPace();
  const addresses = meters.flatMap(({ address }) => (address === undefined ? [] : [address]));
  const readers = meters.map((meter) => new MeterReader({ smx, meter, alarms, pace, line, addresses, clock }));
  const interval = Math.min(...meters.map(beatOf));
  const turns = new MeterTurns({ smx, meters: readers, interval, turned: () => line.turned() });
  const run = async (): Promise<void> => {
    await turns.begin();
    // readouts may be a minute apart, which nobody waits for at the start or after a fault
    turns.beat();
    smx.every(LOOK, () => {
      if (readers.some((reader) => reader.isImpatient(smx.now()))) turns.beat();
    });
  };
  return { meters: readers, run };
}

function beatOf({ readout, poll }: MeterSettings): number {
  return Math.min(readout > 0 ? readout : OTHERWISE, poll?.every ?? OTHERWISE);
}
