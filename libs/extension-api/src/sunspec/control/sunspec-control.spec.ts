import {
  AUTOMATIC,
  CHARGE,
  ControlRig,
  DISCHARGE,
  EXPORT,
  LIMIT,
  RESERVE,
  SETPOINT,
} from '../../../test-support/control-rig.js';
import { ControlUnit } from '../../../test-support/control-unit.js';

let rig: ControlRig;
beforeEach(() => (rig = new ControlRig()));
afterEach(() => {
  expect(rig.harness.seen.exceptions).toEqual([]);
  expect(rig.unit.invalid).toEqual([]);
});

describe('control of a SunSpec unit', () => {
  it('writes nothing before a command', async () => {
    await rig.begin({}, 60);
    await rig.poll();
    await rig.poll();
    expect(await rig.harness.release(SETPOINT)).toEqual({ outcome: 'applied', value: null });
    await rig.harness.stop();
    expect(rig.unit.written).toEqual([]);
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
    await rig.begin();
    expect(await rig.harness.command(path, watts)).toEqual({ outcome: 'applied', value: watts });
    expect(rig.window()).toEqual(expected);
    expect(rig.shown(`${path}/held`)).toBe(watts);
    expect(rig.shown(path)).toBe(watts);
    expect(await rig.harness.release(path)).toEqual({ outcome: 'applied', value: null });
    expect(rig.window()).toEqual(AUTOMATIC);
    await rig.poll();
    expect([rig.shown(path), rig.shown(`${path}/held`)]).toEqual([null, null]);
    expect(rig.harness.seen.values.get(`${path}/held`)!.quality).toBe('good');
    expect(rig.harness.seen.state.size).toBe(0);
  });

  it('makes one window of limits and set-point, and tells what of each is held', async () => {
    await rig.begin();
    await rig.harness.command(CHARGE, 1500);
    await rig.harness.command(DISCHARGE, 1000);
    expect(rig.window()).toEqual({ StorCtl_Mod: 3, OutWRte: 20, InWRte: 30 });
    expect(await rig.harness.command(SETPOINT, 4000)).toEqual({ outcome: 'clamped', value: 1500 });
    expect(rig.window()).toEqual({ StorCtl_Mod: 3, OutWRte: -30, InWRte: 30 });
    expect([SETPOINT, CHARGE, DISCHARGE].map((path) => rig.shown(`${path}/held`))).toEqual([1500, 1500, 1000]);
    await rig.harness.release(CHARGE);
    await rig.poll();
    expect([SETPOINT, CHARGE, DISCHARGE].map((path) => rig.shown(`${path}/held`))).toEqual([4000, null, 1000]);
    await rig.harness.release(SETPOINT);
    expect(rig.window()).toEqual({ StorCtl_Mod: 2, OutWRte: 20, InWRte: 100 });
    await rig.harness.release(DISCHARGE);
    expect(rig.window()).toEqual(AUTOMATIC);
  });

  it('writes on change only, in W of the WChaMax that is read now', async () => {
    await rig.begin();
    await rig.harness.command(SETPOINT, 2000);
    const before = rig.unit.written.length;
    expect(await rig.harness.command(SETPOINT, 2000)).toEqual({ outcome: 'applied', value: 2000 });
    expect(rig.unit.written).toHaveLength(before);
    rig.unit.set(124, { WChaMax: 10_000 });
    expect(await rig.harness.command(SETPOINT, 2000)).toEqual({ outcome: 'applied', value: 2000 });
    expect(rig.window()).toEqual({ StorCtl_Mod: 3, OutWRte: -20, InWRte: 20 });
    await rig.poll();
    expect(rig.harness.seen.definitions.get(SETPOINT)!.setpoint).toMatchObject({ min: -10_000, max: 10_000 });
  });

  it('is a second apart in what it writes, but for what ends a command', async () => {
    await rig.begin();
    await rig.harness.command(SETPOINT, 2000);
    await rig.harness.command(RESERVE, 20);
    const before = rig.clock.monotonic();
    expect(before).toBeGreaterThanOrEqual(1000);
    await rig.harness.release(RESERVE);
    await rig.harness.release(SETPOINT);
    expect(rig.clock.monotonic()).toBe(before);
  });

  it('is as long apart in what it writes as is said', async () => {
    await rig.begin({}, 0, 3000);
    for (const watts of [2000, 1000, 500]) await rig.harness.command(SETPOINT, watts);
    expect(rig.clock.monotonic()).toBeGreaterThanOrEqual(6000);
  });

  it('knows its values again where the scale factor has become coarser', async () => {
    await rig.begin();
    await rig.harness.command(SETPOINT, -1234.5);
    rig.unit.set(124, { InOutWRte_SF: 0, OutWRte: 25, InWRte: -25 });
    await rig.poll();
    expect(rig.shown(`${SETPOINT}/held`)).toBe(-1250);
    await rig.harness.release(SETPOINT);
    expect(rig.window()).toEqual(AUTOMATIC);
  });

  it('allows charging from the grid for a set-point that charges, and gives that back', async () => {
    rig.unit.set(124, { ChaGriSet: 0 });
    await rig.begin();
    await rig.harness.command(SETPOINT, -1000);
    expect(rig.unit.values(124)['ChaGriSet']).toBe(0);
    await rig.harness.command(SETPOINT, 1000);
    expect(rig.unit.values(124)['ChaGriSet']).toBe(1);
    await rig.harness.release(SETPOINT);
    expect(rig.unit.values(124)['ChaGriSet']).toBe(0);
  });

  it('keeps a reserve and gives back the one that was there', async () => {
    await rig.begin();
    expect(await rig.harness.command(RESERVE, 30)).toEqual({ outcome: 'applied', value: 30 });
    expect(rig.unit.values(124)['MinRsvPct']).toBe(30);
    await rig.harness.release(RESERVE);
    expect(rig.unit.values(124)['MinRsvPct']).toBe(7);
  });

  it('limits the output in one write, in W of WMax, and gives back the limit of an installer', async () => {
    rig.unit.set(123, { WMaxLimPct: 70, WMaxLim_Ena: 1 });
    await rig.begin();
    await rig.harness.until(() => rig.shown(`${LIMIT}/held`) === 7000);
    expect(await rig.harness.command(LIMIT, 4000)).toEqual({ outcome: 'applied', value: 4000 });
    expect(rig.unit.written).toEqual([{ WMaxLimPct: 40 }]);
    expect(await rig.harness.command(LIMIT, 0.1)).toEqual({ outcome: 'clamped', value: 1 });
    expect(await rig.harness.command(LIMIT, 0)).toEqual({ outcome: 'applied', value: 0 });
    await rig.harness.release(LIMIT);
    expect(rig.limit()).toEqual({ WMaxLimPct: 70, WMaxLim_Ena: 1 });
  });
});

describe('a limit of export', () => {
  const declared = (): unknown => rig.harness.seen.refOf(EXPORT);
  const records = (): unknown => rig.harness.seen.state.get('control.1.output');
  const faults = (): unknown[] => rig.harness.seen.events.filter(({ code }) => code === 'control.blind').map(({ state }) => state); // prettier-ignore

  async function begin(): Promise<void> {
    await rig.begin();
    expect(declared()).toBeUndefined();
    await rig.second(8000, 500);
    await rig.second(8000, 500);
    expect(declared()).toBeDefined();
  }

  it('is there with a meter, moves the limit of the output with the house, and is gone with its release', async () => {
    rig.unit.set(123, { WMaxLimPct: 90 });
    await begin();
    expect(await rig.harness.command(EXPORT, 1000)).toEqual({ outcome: 'applied', value: 1000 });
    expect(rig.limit()).toEqual({ WMaxLimPct: 14, WMaxLim_Ena: 1 });
    expect([rig.shown(EXPORT), rig.shown(`${EXPORT}/held`), rig.shown(`${LIMIT}/held`)]).toEqual([1000, 1000, null]);
    const kept = records();
    let given = { output: 0, exported: 0 };
    for (let i = 0; i < 30; i++) given = await rig.second(8000, 4500);
    expect(given).toEqual({ output: 5400, exported: 900 });
    for (let i = 0; i < 6; i++) given = await rig.second(8000, 300);
    expect(given).toEqual({ output: 1200, exported: 900 });
    expect(rig.shown(`${EXPORT}/held`)).toBe(1000);
    // a record of each value would wear the disk
    expect(records()).toEqual(kept);
    expect(await rig.harness.release(EXPORT)).toEqual({ outcome: 'applied', value: null });
    expect(rig.limit()).toEqual({ WMaxLimPct: 90, WMaxLim_Ena: 0 });
    await rig.second(8000, 300);
    expect([rig.shown(EXPORT), rig.shown(`${EXPORT}/held`)]).toEqual([null, null]);
    expect(faults()).toEqual([]);
  });

  it('is kept beside a limit of the output by the lower of the two', async () => {
    await begin();
    await rig.harness.command(EXPORT, 1000);
    expect(await rig.harness.command(LIMIT, 3000)).toEqual({ outcome: 'applied', value: 3000 });
    for (let i = 0; i < 30; i++) await rig.second(8000, 4500);
    expect(rig.limit()).toEqual({ WMaxLimPct: 30, WMaxLim_Ena: 1 });
    expect([rig.shown(`${EXPORT}/held`), rig.shown(`${LIMIT}/held`)]).toEqual([1000, 3000]);
    await rig.harness.release(EXPORT);
    expect(rig.limit()).toEqual({ WMaxLimPct: 30, WMaxLim_Ena: 1 });
    await rig.harness.release(LIMIT);
    expect(rig.limit()).toMatchObject({ WMaxLim_Ena: 0 });
  });

  it('is the limit of the output while the meter gives nothing, which is told, and over with the next reading', async () => {
    await begin();
    await rig.harness.command(EXPORT, 1000);
    for (let i = 0; i < 20; i++) await rig.second(8000, 4500);
    for (let i = 0; i < 12; i++) await rig.second(8000, 4500, false);
    expect(rig.limit()).toEqual({ WMaxLimPct: 10, WMaxLim_Ena: 1 });
    expect(rig.shown(`${EXPORT}/held`)).toBe(1000);
    expect(faults()).toEqual(['raised']);
    for (let i = 0; i < 30; i++) await rig.second(8000, 4500);
    expect(rig.limit()).toEqual({ WMaxLimPct: 54, WMaxLim_Ena: 1 });
    expect(faults()).toEqual(['raised', 'cleared']);
  });

  it('is given back after a crash, whatever it stood at', async () => {
    rig.unit.set(123, { WMaxLimPct: 70, WMaxLim_Ena: 1 });
    await begin();
    await rig.harness.command(EXPORT, 1000);
    for (let i = 0; i < 9; i++) await rig.second(8000, 2500);
    expect(rig.limit()).not.toEqual({ WMaxLimPct: 14, WMaxLim_Ena: 1 });
    await rig.again();
    await rig.harness.until(() => rig.harness.seen.state.size === 0);
    expect(rig.limit()).toEqual({ WMaxLimPct: 70, WMaxLim_Ena: 1 });
  });

  it('is tried again where the device does not follow, and not told as held meanwhile', async () => {
    await begin();
    await rig.harness.command(EXPORT, 1000);
    rig.unit.faults = [4];
    while (rig.unit.faults.length > 0) await rig.second(8000, 0);
    await rig.poll();
    expect(rig.limit()).toMatchObject({ WMaxLimPct: 14 });
    expect(rig.shown(`${EXPORT}/held`)).toBeNull();
    for (let i = 0; i < 7; i++) await rig.second(8000, 0);
    expect(rig.limit()).toMatchObject({ WMaxLimPct: 9 });
    await rig.poll();
    expect(rig.shown(`${EXPORT}/held`)).toBe(1000);
  });

  it('is not written over and over where the device takes it and does nothing, and that is told once', async () => {
    await begin();
    await rig.harness.command(EXPORT, 1000);
    const before = rig.unit.requests;
    rig.unit.faults = Array<'ignored'>(100).fill('ignored');
    for (let i = 0; i < 40; i++) await rig.second(8000, 0);
    expect(rig.unit.requests - before).toBeLessThanOrEqual(8);
    const told = rig.harness.seen.logs.filter(({ message }) => message.includes('does not follow'));
    expect(told.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });
});

describe('the timer of the device', () => {
  const TIMER = 'InOutWRte_RvrtTms';
  const refreshed = async (): Promise<number> => {
    const before = rig.unit.requests;
    rig.time.advance(30_000);
    // comes after it in its turn
    await rig.harness.release(RESERVE);
    await rig.harness.release(RESERVE);
    return rig.unit.requests - before;
  };

  it('is set with a command, refreshed at half of its time by what stands there already, and given back', async () => {
    await rig.begin({}, 60);
    expect(await refreshed()).toBe(0);
    await rig.harness.command(SETPOINT, 2000);
    expect(rig.unit.values(124)[TIMER]).toBe(60);
    expect(await refreshed()).toBe(2);
    expect(rig.window()).toEqual({ StorCtl_Mod: 3, OutWRte: -40, InWRte: 40 });
    await rig.harness.command(LIMIT, 4000);
    expect(rig.unit.values(123)['WMaxLimPct_RvrtTms']).toBe(60);
    expect(await refreshed()).toBe(3);
    await rig.harness.release(LIMIT);
    await rig.harness.release(SETPOINT);
    expect([rig.unit.values(124)[TIMER], rig.unit.values(123)['WMaxLimPct_RvrtTms']]).toEqual([0, 0]);
  });

  it.each(['its end', 'a crash after its end'])('gives back what was found also after %s', async (end) => {
    rig.unit.set(123, { WMaxLimPct: 70, WMaxLim_Ena: 1 });
    rig.unit.set(124, { ChaGriSet: 0 });
    await rig.begin({}, 60);
    await rig.harness.command(LIMIT, 4000);
    await rig.harness.command(SETPOINT, 1000);
    // so the timers leave it
    rig.unit.set(123, { WMaxLim_Ena: 0 });
    rig.unit.set(124, AUTOMATIC);
    if (end === 'its end') {
      // as the core does with what was lost
      await rig.harness.command(LIMIT, 4000);
      await rig.harness.command(SETPOINT, 1000);
      await rig.harness.release(LIMIT);
      await rig.harness.release(SETPOINT);
    } else await rig.again();
    await rig.harness.until(() => rig.harness.seen.state.size === 0);
    expect(rig.limit()).toEqual({ WMaxLimPct: 70, WMaxLim_Ena: 1 });
    expect(rig.unit.values(124)).toMatchObject({ ChaGriSet: 0, InOutWRte_RvrtTms: 0, ...AUTOMATIC });
  });

  it('is not refreshed where another system has set something meanwhile, or there is none', async () => {
    await rig.begin({}, 60);
    await rig.harness.command(SETPOINT, 2000);
    rig.unit.set(124, { OutWRte: 30, InWRte: -20 });
    expect(await refreshed()).toBe(0);
    await rig.harness.release(SETPOINT);
    rig.unit = new ControlUnit({ 124: { InOutWRte_RvrtTms: null } });
    await rig.begin({}, 60);
    expect(await rig.harness.command(SETPOINT, 2000)).toEqual({ outcome: 'applied', value: 2000 });
    expect(await refreshed()).toBe(0);
  });

  it('is twice the heartbeat of the controller where nothing else is said, from a minute on, and refreshed at half of that', async () => {
    await rig.begin({}, 'heartbeat');
    const timer = (): unknown => rig.unit.values(124)[TIMER];
    await rig.harness.command(SETPOINT, 2000);
    expect(timer()).toBe(60);
    await rig.harness.command(SETPOINT, 2000, { heartbeat: 10_000 });
    expect(timer()).toBe(60);
    await rig.harness.command(SETPOINT, 2000, { heartbeat: 90_000 });
    expect(timer()).toBe(180);
    // the device may still count another time
    expect(await refreshed()).toBe(2);
    expect([await refreshed(), await refreshed(), await refreshed()]).toEqual([0, 0, 2]);
    await rig.harness.command(CHARGE, 3000, { heartbeat: 45_000 });
    expect(timer()).toBe(90);
    await rig.harness.release(CHARGE);
    expect(timer()).toBe(180);
    await rig.harness.command(LIMIT, 4000, { heartbeat: 10 * 3_600_000 });
    expect(rig.unit.values(123)['WMaxLimPct_RvrtTms']).toBe(28_800);
    await rig.harness.release(SETPOINT);
    expect(timer()).toBe(0);
  });

  it('is the one that is set, whatever the heartbeat', async () => {
    await rig.begin({}, 600);
    await rig.harness.command(SETPOINT, 2000, { heartbeat: 90_000 });
    expect(rig.unit.values(124)[TIMER]).toBe(600);
  });

  it('is done without where it does not let itself be set', async () => {
    await rig.begin({}, 60);
    rig.unit.faults = [3];
    expect(await rig.harness.command(SETPOINT, 2000)).toEqual({ outcome: 'applied', value: 2000 });
    expect(rig.unit.values(124)[TIMER]).toBe(0);
    await rig.harness.release(SETPOINT);
    expect(rig.window()).toEqual(AUTOMATIC);
  });
});
