import { VirtualClock } from '@smx-edge/model';
import fc from 'fast-check';
import { runExtension, type Harness } from '../../runtime/index.js';
import { defineExtension } from '../../define.js';
import { ControlUnit, HastyClock, type WriteFault } from '../../../test-support/control-unit.js';
import { SunSpecUnit } from '../sunspec-unit.js';
import { CONTROL_IDS, SunSpecControl } from './sunspec-control.js';

const SETPOINT = 'battery/power/setpoint';
const CHARGE = 'battery/power/charge-limit';
const DISCHARGE = 'battery/power/discharge-limit';
const RESERVE = 'battery/reserve';
const LIMIT = 'inverter/power/limit';
const AUTOMATIC = { StorCtl_Mod: 0, OutWRte: 100, InWRte: 100 };

let unit: ControlUnit;
let control: SunSpecControl;
let sunspec: SunSpecUnit;
let harness: Harness;
let clock: HastyClock;
/** What the instance keeps time with, where a test lets it pass. */
let time: VirtualClock;

/** One life of an extension that controls `unit`; it polls when it is told to. */
async function begin(state: Readonly<Record<string, unknown>> = {}, revert = 0): Promise<void> {
  clock = new HastyClock();
  time = new VirtualClock();
  const extension = defineExtension({
    start: async (smx) => {
      sunspec = new SunSpecUnit(unit);
      const [battery, inverter] = [smx.device('battery'), smx.device('inverter')];
      control = new SunSpecControl({ smx, unit: sunspec, key: '1', battery, inverter, revert, clock });
      await poll();
    },
  });
  harness = runExtension(extension, { config: {}, state, clock: time });
  await harness.until(() => harness.seen.refOf(LIMIT) !== undefined);
}

const poll = async (): Promise<void> => control.see((await sunspec.read(CONTROL_IDS)).models);
const again = (): Promise<void> => begin(Object.fromEntries(harness.seen.state));
const shown = (path: string): unknown => harness.seen.values.get(path)?.value;
const window = (): unknown => {
  const { StorCtl_Mod, OutWRte, InWRte } = unit.values(124);
  return { StorCtl_Mod, OutWRte, InWRte };
};
const limit = (): unknown => {
  const { WMaxLimPct, WMaxLim_Ena } = unit.values(123);
  return { WMaxLimPct, WMaxLim_Ena };
};

beforeEach(() => (unit = new ControlUnit()));
afterEach(() => {
  expect(harness.seen.exceptions).toEqual([]);
  expect(unit.invalid).toEqual([]);
});

describe('control of a SunSpec unit', () => {
  it('writes nothing before a command', async () => {
    await begin({}, 60);
    await poll();
    await poll();
    expect(await harness.release(SETPOINT)).toEqual({ outcome: 'applied', value: null });
    await harness.stop();
    expect(unit.written).toEqual([]);
  });

  it.each([
    [SETPOINT, 2000, { StorCtl_Mod: 3, OutWRte: -40, InWRte: 40 }],
    [SETPOINT, -1234.5, { StorCtl_Mod: 3, OutWRte: 24.69, InWRte: -24.69 }],
    [SETPOINT, 0, { StorCtl_Mod: 3, OutWRte: 0, InWRte: 0 }],
    [CHARGE, 0, { StorCtl_Mod: 1, OutWRte: 100, InWRte: 0 }],
    [CHARGE, 1500, { StorCtl_Mod: 1, OutWRte: 100, InWRte: 30 }],
    [DISCHARGE, 0, { StorCtl_Mod: 2, OutWRte: 0, InWRte: 100 }],
    [DISCHARGE, 1000, { StorCtl_Mod: 2, OutWRte: 20, InWRte: 100 }],
  ])('%s at %s W is in the registers, shown as held, and gone with its release', async (path, watts, expected) => {
    await begin();
    expect(await harness.command(path, watts)).toEqual({ outcome: 'applied', value: watts });
    expect(window()).toEqual(expected);
    expect(shown(`${path}/held`)).toBe(watts);
    expect(shown(path)).toBe(watts);
    expect(await harness.release(path)).toEqual({ outcome: 'applied', value: null });
    expect(window()).toEqual(AUTOMATIC);
    await poll();
    expect([shown(path), shown(`${path}/held`)]).toEqual([null, null]);
    expect(harness.seen.values.get(`${path}/held`)!.quality).toBe('good');
    expect(harness.seen.state.size).toBe(0);
  });

  it('makes one window of limits and set-point, and tells what of each is held', async () => {
    await begin();
    await harness.command(CHARGE, 1500);
    await harness.command(DISCHARGE, 1000);
    expect(window()).toEqual({ StorCtl_Mod: 3, OutWRte: 20, InWRte: 30 });
    expect(await harness.command(SETPOINT, 4000)).toEqual({ outcome: 'clamped', value: 1500 });
    expect(window()).toEqual({ StorCtl_Mod: 3, OutWRte: -30, InWRte: 30 });
    expect([SETPOINT, CHARGE, DISCHARGE].map((path) => shown(`${path}/held`))).toEqual([1500, 1500, 1000]);
    await harness.release(CHARGE);
    await poll();
    expect([SETPOINT, CHARGE, DISCHARGE].map((path) => shown(`${path}/held`))).toEqual([4000, null, 1000]);
    await harness.release(SETPOINT);
    expect(window()).toEqual({ StorCtl_Mod: 2, OutWRte: 20, InWRte: 100 });
    await harness.release(DISCHARGE);
    expect(window()).toEqual(AUTOMATIC);
  });

  it('writes on change only, in W of the WChaMax that is read now', async () => {
    await begin();
    await harness.command(SETPOINT, 2000);
    const before = unit.written.length;
    expect(await harness.command(SETPOINT, 2000)).toEqual({ outcome: 'applied', value: 2000 });
    expect(unit.written).toHaveLength(before);
    unit.set(124, { WChaMax: 10_000 });
    expect(await harness.command(SETPOINT, 2000)).toEqual({ outcome: 'applied', value: 2000 });
    expect(window()).toEqual({ StorCtl_Mod: 3, OutWRte: -20, InWRte: 20 });
    await poll();
    expect(harness.seen.definitions.get(SETPOINT)!.setpoint).toMatchObject({ min: -10_000, max: 10_000 });
  });

  it('is a second apart in what it writes, but for what ends a command', async () => {
    await begin();
    await harness.command(SETPOINT, 2000);
    await harness.command(RESERVE, 20);
    const before = clock.monotonic();
    expect(before).toBeGreaterThanOrEqual(1000);
    await harness.release(RESERVE);
    await harness.release(SETPOINT);
    expect(clock.monotonic()).toBe(before);
  });

  it('knows its values again where the scale factor has become coarser', async () => {
    await begin();
    await harness.command(SETPOINT, -1234.5);
    unit.set(124, { InOutWRte_SF: 0, OutWRte: 25, InWRte: -25 });
    await poll();
    expect(shown(`${SETPOINT}/held`)).toBe(-1250);
    await harness.release(SETPOINT);
    expect(window()).toEqual(AUTOMATIC);
  });

  it('allows charging from the grid for a set-point that charges, and gives that back', async () => {
    unit.set(124, { ChaGriSet: 0 });
    await begin();
    await harness.command(SETPOINT, -1000);
    expect(unit.values(124)['ChaGriSet']).toBe(0);
    await harness.command(SETPOINT, 1000);
    expect(unit.values(124)['ChaGriSet']).toBe(1);
    await harness.release(SETPOINT);
    expect(unit.values(124)['ChaGriSet']).toBe(0);
  });

  it('keeps a reserve and gives back the one that was there', async () => {
    await begin();
    expect(await harness.command(RESERVE, 30)).toEqual({ outcome: 'applied', value: 30 });
    expect(unit.values(124)['MinRsvPct']).toBe(30);
    await harness.release(RESERVE);
    expect(unit.values(124)['MinRsvPct']).toBe(7);
  });

  it('limits the output in one write, in W of WMax, and gives back the limit of an installer', async () => {
    unit.set(123, { WMaxLimPct: 70, WMaxLim_Ena: 1 });
    await begin();
    await harness.until(() => shown(`${LIMIT}/held`) === 7000);
    expect(await harness.command(LIMIT, 4000)).toEqual({ outcome: 'applied', value: 4000 });
    expect(unit.written).toEqual([{ WMaxLimPct: 40 }]);
    expect(await harness.command(LIMIT, 0.1)).toEqual({ outcome: 'clamped', value: 1 });
    expect(await harness.command(LIMIT, 0)).toEqual({ outcome: 'applied', value: 0 });
    await harness.release(LIMIT);
    expect(limit()).toEqual({ WMaxLimPct: 70, WMaxLim_Ena: 1 });
  });
});

describe('the timer of the device', () => {
  const TIMER = 'InOutWRte_RvrtTms';
  const refreshed = async (): Promise<number> => {
    const before = unit.requests;
    time.advance(30_000);
    // comes after it in its turn
    await harness.release(RESERVE);
    await harness.release(RESERVE);
    return unit.requests - before;
  };

  it('is set with a command, refreshed at half of its time by what stands there already, and given back', async () => {
    await begin({}, 60);
    expect(await refreshed()).toBe(0);
    await harness.command(SETPOINT, 2000);
    expect(unit.values(124)[TIMER]).toBe(60);
    expect(await refreshed()).toBe(2);
    expect(window()).toEqual({ StorCtl_Mod: 3, OutWRte: -40, InWRte: 40 });
    await harness.command(LIMIT, 4000);
    expect(unit.values(123)['WMaxLimPct_RvrtTms']).toBe(60);
    expect(await refreshed()).toBe(3);
    await harness.release(LIMIT);
    await harness.release(SETPOINT);
    expect([unit.values(124)[TIMER], unit.values(123)['WMaxLimPct_RvrtTms']]).toEqual([0, 0]);
  });

  it('is not refreshed where another system has set something meanwhile, or there is none', async () => {
    await begin({}, 60);
    await harness.command(SETPOINT, 2000);
    unit.set(124, { OutWRte: 30, InWRte: -20 });
    expect(await refreshed()).toBe(0);
    await harness.release(SETPOINT);
    unit = new ControlUnit({ 124: { InOutWRte_RvrtTms: null } });
    await begin({}, 60);
    expect(await harness.command(SETPOINT, 2000)).toEqual({ outcome: 'applied', value: 2000 });
    expect(await refreshed()).toBe(0);
  });

  it('is done without where it does not let itself be set', async () => {
    await begin({}, 60);
    unit.faults = [3];
    expect(await harness.command(SETPOINT, 2000)).toEqual({ outcome: 'applied', value: 2000 });
    expect(unit.values(124)[TIMER]).toBe(0);
    await harness.release(SETPOINT);
    expect(window()).toEqual(AUTOMATIC);
  });
});

describe('a device that does not follow', () => {
  it.each([
    [4, 'MODBUS_4', 'control via Modbus is off'],
    [3, 'MODBUS_3', 'does not take this value'],
    [6, 'MODBUS_6', 'busy'],
    [11, 'MODBUS_11', 'asleep'],
  ])('with exception %s refuses, and says why', async (exception, code, text) => {
    await begin();
    unit.faults = [exception];
    expect(await harness.command(SETPOINT, 2000)).toEqual({ outcome: 'refused', code, text: expect.stringContaining(text) }); // prettier-ignore
    // as the core does with what was refused
    expect(await harness.release(SETPOINT)).toEqual({ outcome: 'applied', value: null });
    expect(window()).toEqual(AUTOMATIC);
  });

  it('is not held to what it refused when something else is asked', async () => {
    await begin();
    unit.faults = [4];
    expect(await harness.command(CHARGE, 1000)).toMatchObject({ outcome: 'refused' });
    expect(await harness.command(SETPOINT, 2000)).toEqual({ outcome: 'applied', value: 2000 });
    expect(shown(CHARGE)).toBeNull();
    await harness.release(SETPOINT);
  });

  it('ignores, clamps, or takes a write whose answer is lost: each is told as what it is', async () => {
    await begin();
    unit.faults = ['ignored', 'ignored', 'ignored'];
    expect(await harness.command(SETPOINT, 2000)).toEqual({ outcome: 'ignored' });
    await harness.release(SETPOINT);
    unit.faults = ['clamped', 'clamped'];
    expect(await harness.command(SETPOINT, 4000)).toEqual({ outcome: 'clamped', value: 2500 });
    expect(shown(`${SETPOINT}/held`)).toBe(2500);
    await harness.release(SETPOINT);
    expect(window()).toEqual(AUTOMATIC);
    unit.faults = [undefined, 'unanswered'];
    expect(await harness.command(SETPOINT, 2000)).toEqual({ outcome: 'applied', value: 2000 });
    await harness.release(SETPOINT);
    unit.faults = ['lost'];
    expect(await harness.command(SETPOINT, 1000)).toMatchObject({ outcome: 'refused', code: 'SMX_MODBUS_TIMEOUT' });
    await harness.release(SETPOINT);
    expect(window()).toEqual(AUTOMATIC);
  });

  it('that takes half of a write is put back whole', async () => {
    await begin();
    unit.faults = ['half'];
    expect(await harness.command(SETPOINT, -2000)).toMatchObject({ outcome: 'refused', code: 'MODBUS_3' });
    expect(window()).not.toEqual(AUTOMATIC);
    await harness.release(SETPOINT);
    expect(window()).toEqual(AUTOMATIC);
  });

  it('that cannot be put back says so until it can', async () => {
    await begin();
    await harness.command(SETPOINT, 2000);
    unit.isSilent = true;
    expect(await harness.release(SETPOINT)).toMatchObject({ outcome: 'refused', code: 'SMX_MODBUS_TIMEOUT' });
    unit.isSilent = false;
    expect(await harness.release(SETPOINT)).toEqual({ outcome: 'applied', value: null });
    expect(window()).toEqual(AUTOMATIC);
  });
});

describe('after the end of its process', () => {
  it('everything is back with the stop', async () => {
    await begin({}, 60);
    for (const [path, value] of [[SETPOINT, 2000], [RESERVE, 40], [LIMIT, 3000]] as const) await harness.command(path, value); // prettier-ignore
    await harness.stop();
    expect([window(), limit()]).toEqual([AUTOMATIC, { WMaxLimPct: 100, WMaxLim_Ena: 0 }]);
    expect(unit.values(124)).toMatchObject({ MinRsvPct: 7, InOutWRte_RvrtTms: 0 });
    expect(harness.seen.state.size).toBe(0);
  });

  it.each([0, 1, 2, 3])(
    'by a crash after %s writes everything is back with the first read of the next',
    async (writes) => {
      await begin();
      await harness.command(CHARGE, 1000);
      unit.falls = writes;
      await harness.command(SETPOINT, -2000);
      unit.falls = undefined;
      unit.isSilent = false;
      await again();
      await harness.until(() => harness.seen.state.size === 0);
      expect(window()).toEqual(AUTOMATIC);
    },
  );

  it('what another system has set meanwhile is left as it is, and told', async () => {
    await begin();
    await harness.command(SETPOINT, 2000);
    await harness.command(LIMIT, 3000);
    unit.set(124, { OutWRte: 11, InWRte: 12 });
    await again();
    await harness.until(() => harness.seen.state.size === 0);
    expect(window()).toEqual({ StorCtl_Mod: 3, OutWRte: 11, InWRte: 12 });
    expect(limit()).toEqual({ WMaxLimPct: 100, WMaxLim_Ena: 0 });
    expect(harness.seen.events.map(({ code }) => code)).toContain('control.left');
  });
});

describe('whatever is asked, refused, lost, cut short or set by others', () => {
  const paths = [SETPOINT, CHARGE, DISCHARGE] as const;
  const fault: fc.Arbitrary<WriteFault | undefined> = fc.constantFrom<(WriteFault | undefined)[]>(undefined, undefined, undefined, 'ignored', 'clamped', 'lost', 'unanswered', 'half', 2, 3, 4, 6); // prettier-ignore
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask' as const), path: fc.constantFrom(...paths), watts: fc.integer({ min: -5500, max: 5500 }) }) }, // prettier-ignore
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), path: fc.constantFrom(...paths) }) },
    fc.record({ kind: fc.constant('scale' as const), exponent: fc.constantFrom(-2, -1, 0) }),
    fc.record({ kind: fc.constant('max' as const), watts: fc.constantFrom(4000, 5000, 12_800) }),
    fc.record({ kind: fc.constant('other' as const), out: fc.integer({ min: 0, max: 100 }), mode: fc.nat(3) }),
    fc.constant({ kind: 'restart' as const }),
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), after: fc.nat(4), watts: fc.integer({ min: -5000, max: 5000 }) }) }, // prettier-ignore
  );

  it('never has an invalid window on the wire, and ends automatic or as others left it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(step, fc.array(fault, { maxLength: 4 })), { maxLength: 12 }),
        async (steps) => {
          unit = new ControlUnit();
          await begin();
          let isForeign = false;
          for (const [one, faults] of steps) {
            unit.faults = [...faults];
            if (one.kind === 'ask') {
              const watts = one.path === SETPOINT ? one.watts : Math.abs(one.watts);
              const { outcome } = await harness.command(one.path, watts);
              isForeign &&= outcome === 'refused' || outcome === 'ignored';
            } else if (one.kind === 'end') await harness.release(one.path);
            else if (one.kind === 'scale')
              unit.set(124, { InOutWRte_SF: one.exponent, OutWRte: 100, InWRte: 100, StorCtl_Mod: 0 });
            else if (one.kind === 'max') unit.set(124, { WChaMax: one.watts });
            else if (one.kind === 'restart') unit.set(124, AUTOMATIC);
            else if (one.kind === 'crash') {
              // in the midst of the writes of a command, or after them
              unit.falls = one.after;
              const { outcome } = await harness.command(SETPOINT, one.watts);
              isForeign &&= outcome === 'refused' || outcome === 'ignored';
              [unit.falls, unit.isSilent] = [undefined, false];
              await again();
            } else {
              unit.set(124, { OutWRte: one.out, InWRte: 100, StorCtl_Mod: one.mode });
              isForeign = true;
            }
            unit.faults = [];
            await poll();
          }
          for (const path of paths) expect(await harness.release(path)).toMatchObject({ outcome: 'applied' });
          expect(unit.invalid).toEqual([]);
          expect(harness.seen.state.size).toBe(0);
          if (!isForeign) expect(unit.values(124)['StorCtl_Mod']).toBe(0);
          await harness.stop();
        },
      ),
      { numRuns: 150 },
    );
  });
});
