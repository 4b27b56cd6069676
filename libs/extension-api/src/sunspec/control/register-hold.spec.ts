import { AUTOMATIC, CHARGE, ControlRig, LIMIT, RESERVE, SETPOINT } from '../../../test-support/control-rig.js';

let rig: ControlRig;
beforeEach(() => (rig = new ControlRig()));
afterEach(() => {
  expect(rig.harness.seen.exceptions).toEqual([]);
  expect(rig.unit.invalid).toEqual([]);
});

it('a record of nothing is that of no device: what stands there is left as it is', async () => {
  rig.unit.set(124, { StorCtl_Mod: 3, OutWRte: 40, InWRte: 30 });
  await rig.begin({ 'control.1.window': { found: { ...AUTOMATIC, ChaGriSet: 1 }, ours: [{}] } });
  await rig.harness.until(() => rig.harness.seen.state.size === 0);
  expect(rig.unit.written).toEqual([]);
  expect(rig.window()).toEqual({ StorCtl_Mod: 3, OutWRte: 40, InWRte: 30 });
});

it('a way back that is cut short is gone to its end by the next life', async () => {
  await rig.begin();
  await rig.harness.command(CHARGE, 0);
  // twice the last write of another command is lost: the way back from there has a step that no command put there
  for (const faults of [[undefined, 'lost'], ['lost']] as const) {
    rig.unit.faults = [...faults];
    expect(await rig.harness.command(SETPOINT, 0)).toMatchObject({ outcome: 'refused' });
  }
  rig.unit.falls = 1;
  await rig.again();
  await rig.harness.until(() => rig.unit.isSilent);
  expect(rig.window()).toMatchObject({ StorCtl_Mod: 1, OutWRte: 100 });
  [rig.unit.falls, rig.unit.isSilent] = [undefined, false];
  await rig.again();
  await rig.harness.until(() => rig.harness.seen.state.size === 0);
  expect(rig.window()).toEqual(AUTOMATIC);
});

describe('a device that does not follow', () => {
  it.each([
    [4, 'MODBUS_4', 'control via Modbus is off'],
    [3, 'MODBUS_3', 'does not take this value'],
    [6, 'MODBUS_6', 'busy'],
    [11, 'MODBUS_11', 'asleep'],
  ])('with exception %s refuses, and says why', async (exception, code, text) => {
    await rig.begin();
    rig.unit.faults = [exception];
    expect(await rig.harness.command(SETPOINT, 2000)).toEqual({ outcome: 'refused', code, text: expect.stringContaining(text) }); // prettier-ignore
    // as the core does with what was refused
    expect(await rig.harness.release(SETPOINT)).toEqual({ outcome: 'applied', value: null });
    expect(rig.window()).toEqual(AUTOMATIC);
  });

  it('is not held to what it refused when something else is asked', async () => {
    await rig.begin();
    rig.unit.faults = [4];
    expect(await rig.harness.command(CHARGE, 1000)).toMatchObject({ outcome: 'refused' });
    expect(await rig.harness.command(SETPOINT, 2000)).toEqual({ outcome: 'applied', value: 2000 });
    expect(rig.shown(CHARGE)).toBeNull();
    await rig.harness.release(SETPOINT);
  });

  it('ignores, clamps, or takes a write whose answer is lost: each is told as what it is', async () => {
    await rig.begin();
    rig.unit.faults = ['ignored', 'ignored', 'ignored'];
    expect(await rig.harness.command(SETPOINT, 2000)).toEqual({ outcome: 'ignored' });
    await rig.harness.release(SETPOINT);
    rig.unit.faults = ['clamped', 'clamped'];
    expect(await rig.harness.command(SETPOINT, 4000)).toEqual({ outcome: 'clamped', value: 2500 });
    expect(rig.shown(`${SETPOINT}/held`)).toBe(2500);
    await rig.harness.release(SETPOINT);
    expect(rig.window()).toEqual(AUTOMATIC);
    rig.unit.faults = [undefined, 'unanswered'];
    expect(await rig.harness.command(SETPOINT, 2000)).toEqual({ outcome: 'applied', value: 2000 });
    await rig.harness.release(SETPOINT);
    rig.unit.faults = ['lost'];
    expect(await rig.harness.command(SETPOINT, 1000)).toMatchObject({ outcome: 'refused', code: 'SMX_MODBUS_TIMEOUT' });
    await rig.harness.release(SETPOINT);
    expect(rig.window()).toEqual(AUTOMATIC);
  });

  it('that takes half of a write is put back whole', async () => {
    await rig.begin();
    rig.unit.faults = ['half'];
    expect(await rig.harness.command(SETPOINT, -2000)).toMatchObject({ outcome: 'refused', code: 'MODBUS_3' });
    expect(rig.window()).not.toEqual(AUTOMATIC);
    await rig.harness.release(SETPOINT);
    expect(rig.window()).toEqual(AUTOMATIC);
  });

  it.each([0, 0xffff])(
    'that fills its models with %d is not given up: what is there of ours is put back once it shows it',
    async (word) => {
      // prettier-ignore
      await rig.begin();
      await rig.harness.command(RESERVE, 30);
      await rig.harness.command(LIMIT, 100);
      await rig.harness.command(SETPOINT, 2000);
      rig.unit.filled = word;
      await rig.poll();
      expect(rig.shown(`${SETPOINT}/held`)).toBe(2000);
      for (const path of [RESERVE, LIMIT, SETPOINT])
        expect(await rig.harness.release(path)).toMatchObject({ outcome: 'refused' });
      rig.unit.filled = undefined;
      for (const path of [RESERVE, LIMIT, SETPOINT])
        expect(await rig.harness.release(path)).toEqual({ outcome: 'applied', value: null });
      expect(rig.window()).toEqual(AUTOMATIC);
      expect(rig.limit()).toEqual({ WMaxLimPct: 100, WMaxLim_Ena: 0 });
      expect(rig.unit.values(124)).toMatchObject({ MinRsvPct: 7 });
    },
  );

  it('that cannot be put back says so until it can', async () => {
    await rig.begin();
    await rig.harness.command(SETPOINT, 2000);
    rig.unit.isSilent = true;
    expect(await rig.harness.release(SETPOINT)).toMatchObject({ outcome: 'refused', code: 'SMX_MODBUS_TIMEOUT' });
    rig.unit.isSilent = false;
    expect(await rig.harness.release(SETPOINT)).toEqual({ outcome: 'applied', value: null });
    expect(rig.window()).toEqual(AUTOMATIC);
  });
});

describe('after the end of its process', () => {
  it('everything is back with the stop', async () => {
    await rig.begin({}, 60);
    for (const [path, value] of [[SETPOINT, 2000], [RESERVE, 40], [LIMIT, 3000]] as const) await rig.harness.command(path, value); // prettier-ignore
    await rig.harness.stop();
    expect([rig.window(), rig.limit()]).toEqual([AUTOMATIC, { WMaxLimPct: 100, WMaxLim_Ena: 0 }]);
    expect(rig.unit.values(124)).toMatchObject({ MinRsvPct: 7, InOutWRte_RvrtTms: 0 });
    expect(rig.harness.seen.state.size).toBe(0);
  });

  it.each([0, 1, 2, 3])(
    'by a crash after %s writes everything is back with the first read of the next',
    async (writes) => {
      await rig.begin();
      await rig.harness.command(CHARGE, 1000);
      rig.unit.falls = writes;
      await rig.harness.command(SETPOINT, -2000);
      rig.unit.falls = undefined;
      rig.unit.isSilent = false;
      await rig.again();
      await rig.harness.until(() => rig.harness.seen.state.size === 0);
      expect(rig.window()).toEqual(AUTOMATIC);
    },
  );

  it('what another system has set meanwhile is left as it is, and told', async () => {
    await rig.begin();
    await rig.harness.command(SETPOINT, 2000);
    await rig.harness.command(LIMIT, 3000);
    rig.unit.set(124, { OutWRte: 11, InWRte: 12 });
    await rig.again();
    await rig.harness.until(() => rig.harness.seen.state.size === 0);
    expect(rig.window()).toEqual({ StorCtl_Mod: 3, OutWRte: 11, InWRte: 12 });
    expect(rig.limit()).toEqual({ WMaxLimPct: 100, WMaxLim_Ena: 0 });
    expect(rig.harness.seen.events.map(({ code }) => code)).toContain('control.left');
  });
});
