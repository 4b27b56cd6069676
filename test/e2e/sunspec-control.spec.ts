import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { openModbus } from '@smx-edge/extension-api/modbus';
import { SunSpecUnit } from '@smx-edge/extension-api/sunspec';
import { silentLog, systemClock, VirtualClock } from '@smx-edge/model';
import { control, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import sunspec from '@smx-edge/sunspec';
import { Box, stop, until } from './smxcore-support.js';

/** Set-points of SunSpec devices on the inverter of a house, over real sockets: what is written acts on the house. */
const HOUSE = { start: '2026-06-20T10:00:00Z', seed: 5, meters: [], ev: false, heatPump: false, battery: { soc: 50 } };
const DEFAULTS = { names: {}, poll: '200ms', timeout: '1s' };
const SETPOINT = 'battery/power/setpoint';
const CHARGE = 'battery/power/charge-limit';
const LIMIT = 'inverter/power/limit';
const AUTOMATIC = { StorCtl_Mod: 0, OutWRte: 100, InWRte: 100 };

let site: Site;
let clock: VirtualClock;
let harness: Harness;
let link: ReturnType<typeof openModbus>;

/** A house with this inverter; its source. */
async function open(device: object, house: object = {}): Promise<string> {
  clock = new VirtualClock(Date.parse('2026-06-01T00:00:00Z'));
  const devices = [{ protocol: 'sunspec', name: 'inverter', ...device }];
  site = await startSite(parseSiteConfig({ ...HOUSE, ...house, devices }), { clock });
  clock.advance(30_000);
  const { source } = site.devices.get('inverter')!;
  link = openModbus(source, { log: silentLog, clock: systemClock, timeout: 5000 });
  return source;
}

async function begin(device: object = {}, more: { house?: object; isVirtual?: boolean } = {}): Promise<void> {
  const source = await open(device, more.house);
  harness = runExtension(sunspec, {
    config: { ...DEFAULTS, source, units: [1] },
    ...(more.isVirtual === true ? { clock } : {}),
  });
  await harness.until(() => {
    if (more.isVirtual === true) clock.advance(100);
    return harness.seen.refOf(SETPOINT) !== undefined || harness.seen.refOf(LIMIT) !== undefined;
  });
}

afterEach(async () => {
  await link.close();
  await site.stop();
});

const tell = (command: object): object => control(site, JSON.stringify({ device: 'inverter', ...command }));
const pass = (seconds: number): void => clock.advance(seconds * 1000);
const held = (path: string): unknown => harness.seen.values.get(`${path}/held`)?.value;

/** Fields of a model as the device has them, asked on a connection of its own. */
async function fields(id: number, names: readonly string[]): Promise<Record<string, unknown>> {
  const { models } = await new SunSpecUnit(link.unit(1)).read([id]);
  return Object.fromEntries(names.map((name) => [name, models[0]!.fields[name]!.value]));
}
const window = (): Promise<unknown> => fields(124, ['StorCtl_Mod', 'OutWRte', 'InWRte']);

describe('set-points of a SunSpec inverter', () => {
  afterEach(async () => {
    await harness.stop();
    expect(harness.seen.exceptions).toEqual([]);
  });

  it.each([
    ['gen24', 'int'],
    ['gen24', 'float'],
    ['verto', 'int'],
    ['datamanager', 'int'],
    ['generic', 'int'],
  ])('of %s in %s lead its battery, and let it go', async (flavour, numbers) => {
    await begin({ flavour, numbers });
    expect(await fields(123, ['WMaxLim_Ena'])).toEqual({ WMaxLim_Ena: 0 });
    for (const watts of [-2000, 1500, 0]) {
      expect(await harness.command(SETPOINT, watts)).toEqual({ outcome: 'applied', value: watts });
      expect(await window()).toEqual({ StorCtl_Mod: 3, OutWRte: -watts / 50 + 0, InWRte: watts / 50 });
      await harness.until(() => held(SETPOINT) === watts);
      pass(8);
      expect(site.house.battery!.meter.power).toBeCloseTo(watts === 0 ? 8 : watts, 0);
    }
    expect(await harness.release(SETPOINT)).toEqual({ outcome: 'applied', value: null });
    expect(await window()).toEqual(AUTOMATIC);
    await harness.until(() => held(SETPOINT) === null);
    pass(10);
    expect(site.house.battery!.meter.power).not.toBe(8);
  });

  it('limit what it gives, beside a reserve and limits of the battery, until the stop', async () => {
    await begin({ rating: 4000 });
    for (const [path, value] of [
      [LIMIT, 800],
      ['battery/reserve', 30],
      [CHARGE, 1000],
    ] as const)
      // prettier-ignore
      expect(await harness.command(path, value)).toEqual({ outcome: 'applied', value });
    pass(10);
    expect(site.house.pv.power - site.house.battery!.meter.power).toBeLessThanOrEqual(801);
    expect(site.house.battery!.meter.power).toBeLessThanOrEqual(1001);
    expect(await fields(124, ['MinRsvPct', 'InOutWRte_RvrtTms'])).toEqual({ MinRsvPct: 30, InOutWRte_RvrtTms: 60 });
    await harness.stop();
    expect([await window(), await fields(123, ['WMaxLimPct', 'WMaxLim_Ena'])]).toEqual([AUTOMATIC, { WMaxLimPct: 100, WMaxLim_Ena: 0 }]); // prettier-ignore
    expect(await fields(124, ['MinRsvPct', 'InOutWRte_RvrtTms'])).toEqual({ MinRsvPct: expect.any(Number), InOutWRte_RvrtTms: 0 }); // prettier-ignore
    expect([...harness.seen.state.keys()].filter((key) => key.startsWith('control'))).toEqual([]);
  });

  it.each([
    [{ fault: 'locked' }, { outcome: 'refused', code: 'MODBUS_4', text: expect.stringContaining('inverter control via Modbus') }, AUTOMATIC], // prettier-ignore
    [{ fault: 'ignore' }, { outcome: 'ignored' }, AUTOMATIC],
    [{ fault: 'clamp' }, { outcome: 'clamped', value: 2500 }, { StorCtl_Mod: 3, OutWRte: -50, InWRte: 50 }],
    [{ fault: 'scale' }, { outcome: 'applied', value: 4000 }, { StorCtl_Mod: 3, OutWRte: -80, InWRte: 80 }],
    [{ fault: 'tracker' }, { outcome: 'applied', value: 4000 }, { StorCtl_Mod: 3, OutWRte: -80, InWRte: 80 }],
    [{ fault: 'model-type' }, { outcome: 'applied', value: 4000 }, { StorCtl_Mod: 3, OutWRte: -80, InWRte: 80 }],
    [{ fault: 'null-frame' }, { outcome: 'applied', value: 4000 }, { StorCtl_Mod: 3, OutWRte: -80, InWRte: 80 }],
  ])('with the fault %j are told as what they are, and back once it is over', async (fault, answer, expected) => {
    await begin();
    tell(fault);
    expect(await harness.command(SETPOINT, 4000)).toEqual(answer);
    expect(await window()).toEqual(expected);
    tell({ clear: true });
    expect(await harness.release(SETPOINT)).toEqual({ outcome: 'applied', value: null });
    expect(await window()).toEqual(AUTOMATIC);
  });

  it.each(['silence', 'cut', 'garbage', 'transaction', 'unit'])(
    'with the fault %s in the midst of the answers come to the device or are refused, and are back',
    async (fault) => {
      await begin();
      for (const answers of [1, 2, 3]) {
        tell({ fault, answers });
        const { outcome } = await harness.command(SETPOINT, 1000 * answers);
        tell({ clear: true });
        if (outcome === 'applied') expect(await window()).toMatchObject({ StorCtl_Mod: 3, InWRte: 20 * answers });
        else expect(outcome).toBe('refused');
        // as the core does, until it is taken
        for (let given = await harness.release(SETPOINT); given.outcome !== 'applied';) given = await harness.release(SETPOINT); // prettier-ignore
        expect(await window()).toEqual(AUTOMATIC);
      }
    },
  );

  it('end by the timer of the device where nobody refreshes them, and not before', async () => {
    await begin({ revert: 'write' }, { isVirtual: true });
    expect(await harness.command(SETPOINT, 2000)).toMatchObject({ outcome: 'applied' });
    for (let i = 0; i < 5; i++) {
      pass(31);
      // comes after the refresh in its turn
      await harness.release('battery/reserve');
      await harness.release('battery/reserve');
      expect(await window()).toMatchObject({ StorCtl_Mod: 3 });
    }
    // another system's values are not kept alive
    tell({ fault: 'locked' });
    pass(31);
    await harness.release('battery/reserve');
    pass(31);
    expect(await window()).toEqual(AUTOMATIC);
    tell({ clear: true });
  });

  it('are none where the inverter has no battery, and its limit where it has', async () => {
    await begin({}, { house: { battery: false } });
    expect(harness.seen.refOf(SETPOINT)).toBeUndefined();
    expect(await harness.command(LIMIT, 1000)).toEqual({ outcome: 'applied', value: expect.closeTo(1000, 0) });
  });

  it('are none where the device does not let model 123 be read to its end', async () => {
    await begin({ flavour: 'generic', hole: 123 });
    expect(harness.seen.refOf(LIMIT)).toBeUndefined();
    expect(await harness.command(SETPOINT, 1000)).toEqual({ outcome: 'applied', value: 1000 });
  });
});

/** Lets requests through to a device and keeps their function codes. */
async function watched(
  source: string,
): Promise<{ readonly server: Server; readonly source: string; readonly codes: Set<number> }> {
  const codes = new Set<number>();
  const { hostname, port } = new URL(source);
  const server = createServer((socket) => {
    const there = connect(Number(port), hostname);
    // one request is on the way at a time, and comes in one piece
    socket.on('data', (request) => codes.add(request[7]!));
    socket.pipe(there).pipe(socket);
    for (const one of [socket, there]) one.on('error', () => one.destroy()).on('close', () => (socket.destroy(), there.destroy())); // prettier-ignore
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, codes, source: `modbus://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('in a box', () => {
  let box: Box;
  afterEach(() => box.remove());

  async function start(control: 'on' | 'off', source: string): ReturnType<Box['core']> {
    const section = { use: 'sunspec', control, config: { source, units: [1] } };
    box = new Box(`extensions: ${JSON.stringify({ roof: section })}\n`);
    const running = await box.core();
    await until(async () => typeof (await read('battery/soc')) === 'number');
    return running;
  }
  const read = async (path: string): Promise<unknown> => {
    const { out } = await box.smx(['read', path, '--json']);
    return out === '' ? undefined : (JSON.parse(out) as { value: unknown }[])[0]?.value;
  };
  const write = async (watts: number): Promise<Record<string, unknown>> => {
    const { out } = await box.smx(['write', SETPOINT, '--for', '10m', '--json', '--', String(watts)]);
    return JSON.parse(out) as Record<string, unknown>;
  };
  // its rates mean nothing while no bit of the mode is set
  const isBack = async (): Promise<boolean> => ((await window()) as Record<string, unknown>)['StorCtl_Mod'] === 0;

  it('a command is proved by the registers, and they are automatic again after every death and the stop', async () => {
    // a Datamanager keeps what it was told until it is told otherwise
    let { core } = await start('on', await open({ flavour: 'datamanager' }));
    expect(await write(-2000)).toMatchObject({ outcome: 'verified', value: -2000, measured: -2000 });
    expect(await window()).toEqual({ StorCtl_Mod: 3, OutWRte: 40, InWRte: -40 });
    const [{ pid }] = JSON.parse((await box.smx(['extensions', '--json'])).out) as [{ pid: number }];
    process.kill(pid, 'SIGKILL');
    await until(isBack);
    await until(async () => (await write(1500))['outcome'] === 'verified');
    core.child.kill('SIGKILL');
    await core.ended();
    // the instance may have given it back by itself when it saw the core go
    ({ core } = await box.core());
    await until(isBack);
    await until(async () => (await write(1000))['outcome'] === 'verified');
    await stop(core);
    expect(await window()).toEqual(AUTOMATIC);
  }, 120_000);

  it('the timer of the device is set by the heartbeat that a controller names', async () => {
    const source = await open({});
    box = new Box(
      `extensions: ${JSON.stringify({ roof: { use: 'sunspec', control: 'on', config: { source, units: [1] } } })}\n`,
    );
    const { url } = await box.core();
    const { token } = JSON.parse((await box.smx(['token', 'create', '--role', 'owner', '--json'])).out) as {
      token: string;
    };
    const command = async (hb: object): Promise<number> => {
      const body = JSON.stringify({ point: SETPOINT, value: 1000, for: '10m', ...hb });
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      return (await fetch(`${url}/api/v1/commands`, { method: 'POST', headers, body })).status;
    };
    const timer = async (): Promise<unknown> => (await fields(124, ['InOutWRte_RvrtTms']))['InOutWRte_RvrtTms'];
    await until(async () => typeof (await read(SETPOINT)) !== 'undefined' && (await command({ hb: '100s' })) === 202);
    await until(async () => (await timer()) === 200);
    expect(await command({ value: 1100 })).toBe(202);
    await until(async () => (await timer()) === 60);
  }, 120_000);

  it('with control off nothing is written, whatever is asked', async () => {
    const { server, source, codes } = await watched(await open({}));
    try {
      const { core } = await start('off', source);
      expect(await write(1000)).toMatchObject({ outcome: 'refused', code: 'SMX_COMMAND_CONTROL_OFF' });
      await stop(core);
      expect([...codes]).toEqual([3]);
    } finally {
      server.close();
    }
  }, 120_000);
});
