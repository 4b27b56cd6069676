import { VirtualClock } from '@smx-edge/model';
import { ControlUnit, HastyClock } from '../../../test-support/control-unit.js';
import type { PointChange, PointReading } from '../../context.js';
import { defineExtension } from '../../define.js';
import type { Device } from '../../device.js';
import type { PartKind } from '../part-counters.js';
import { runExtension, type Harness } from '../../runtime/index.js';
import { SunSpecUnit } from '../sunspec-unit.js';
import { UnitReader } from '../unit-reader.js';
import { SunSpecControls } from './sunspec-controls.js';

const METER = 'pcc/power/active';
const EXPORT = 'inverter/export/limit';
const SHOWN: PointReading = { path: METER, unit: 'W', kind: 'measurement', type: 'number', value: 0, t: 0, quality: 'good' }; // prettier-ignore

const unit = new ControlUnit();
const time = new VirtualClock();
const clock = new HastyClock();
let points: PointReading[] = [SHOWN];
let tell: (changes: readonly PointChange[]) => void;
let poll: () => Promise<void>;
let harness: Harness;

beforeAll(async () => {
  const extension = defineExtension({
    start: async (smx) => {
      const controls = new SunSpecControls({
        smx: {
          ...{ state: smx.state, log: smx.log },
          every: (interval, fn) => smx.every(interval, fn),
          onStop: (fn) => smx.onStop(fn),
          points: () => Promise.resolve(points),
          subscribe: (_filter, fn) => {
            tell = (changes) => void fn(changes);
            return { dispose: () => {} };
          },
        },
        ...{ meter: METER, period: 1000, revert: 0, clock },
      });
      const sunspec = new SunSpecUnit(unit);
      const reader = new UnitReader(sunspec);
      const devices = new Map<PartKind, Device>([['inverter', smx.device('inverter')]]);
      poll = async () => {
        const parts = await reader.read();
        const live = { unit: 1, sunspec, modbus: unit };
        await controls.see({ live, parts, models: reader.last }, devices);
        // what follows the meter waits for nobody here
        for (let i = 0; i < 50; i++) await new Promise(setImmediate);
        clock.pass(1000);
      };
      await poll();
    },
  });
  harness = runExtension(extension, { config: {}, clock: time });
  await harness.until(() => harness.seen.refOf(EXPORT) !== undefined);
});
afterAll(() => harness.stop());

const grid = (value: number): void => tell([{ path: METER, value, t: 0, quality: 'good' }]);
const limit = (): number | undefined => unit.values(123)['WMaxLimPct'];

it('of a battery that charges from the grid is not taken for a house that needs so much', async () => {
  unit.set(103, { W: -4000 });
  await poll();
  grid(4600);
  expect(await harness.command(EXPORT, 1000)).toEqual({ outcome: 'applied', value: 1000 });
  // 600 W of the house and the limit, less 1 % of 10 kW
  expect(limit()).toBe(15);
});

it('goes by the meter of another instance no longer once its point is taken away, which nobody tells', async () => {
  for (let i = 0; i < 6; i++) await poll();
  expect(limit()).toBe(15);
  points = [];
  time.advance(5000);
  for (let i = 0; i < 3; i++) await poll();
  expect(limit()).toBe(10);
  expect(harness.seen.events.filter(({ code }) => code === 'control.blind').map(({ state }) => state)).toEqual(['raised']); // prettier-ignore
  points = [SHOWN];
  for (let i = 0; i < 12; i++) {
    grid(4600);
    await poll();
  }
  expect(limit()).toBe(15);
});
