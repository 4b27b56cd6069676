import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { VirtualClock } from '@smx-edge/model';
import { planWindow, storageWindow, type Chain } from '@smx-edge/protocols/sunspec';
import { SunSpecReader } from '../../test-support/sunspec-reader.js';
import { control, parseSiteConfig, startSite, type Site } from '../site/index.js';

const NOON = '2026-06-20T10:00:00Z';
const NIGHT = '2026-06-21T00:30:00Z';
const HOUSE = { seed: 5, meters: [], ev: false, heatPump: false, battery: { soc: 50 } };

let site: Site;
let clock: VirtualClock;
let reader: SunSpecReader;

async function begin(device: object = {}, house: object = {}): Promise<void> {
  clock = new VirtualClock(Date.parse('2026-06-01T00:00:00Z'));
  const config = { start: NOON, ...HOUSE, ...house, devices: [{ protocol: 'sunspec', name: 'inverter', ...device }] };
  site = await startSite(parseSiteConfig(config), { clock });
  reader = new SunSpecReader(site.devices.get('inverter')!.source);
}

afterEach(async () => {
  await reader.close();
  await site.stop();
});

const tell = (command: object): object => control(site, JSON.stringify({ device: 'inverter', ...command }));
const pass = (seconds: number): void => clock.advance(seconds * 1000);
const idsOf = ({ models }: Chain): number[] => models.map(({ id }) => id);

describe('SunSpec chain of the house', () => {
  it.each([
    ['gen24', 'int', 1, 200, [1, 103, 120, 121, 122, 123, 160, 124], [1, 203], 40_000],
    ['gen24', 'float', 1, 200, [1, 113, 120, 121, 122, 123, 160, 124], [1, 213], 40_000],
    ['verto', 'int', 1, 200, [1, 103, 120, 121, 122, 123, 160, 124], [1, 203], 40_000],
    ['datamanager', 'int', 1, 240, [1, 103, 120, 121, 122, 123, 160, 124], [1, 203], 40_000],
    ['datamanager', 'float', 1, 240, [1, 113, 120, 121, 122, 123, 160, 124], [1, 213], 40_000],
    ['generic', 'int', 1, 1, [1, 103, 120, 121, 122, 123, 160, 124, 1, 203], [], 50_000],
  ] as const)(
    'of %s in %s tells what the house does',
    async (flavour, numbers, unit, meterUnit, ids, meterIds, base) => {
      await begin({ flavour, numbers });
      pass(30);
      const chain = await reader.chain(unit);
      expect([chain.base, idsOf(chain)]).toEqual([base, ids]);
      const meterChain = meterUnit === unit ? chain : await reader.chain(meterUnit);
      if (meterUnit !== unit) expect([meterChain.base, idsOf(meterChain)]).toEqual([base, meterIds]);
      expect([chain.end, meterChain.end]).toEqual(flavour === 'generic' ? ['no-answer', 'no-answer'] : ['end-model', 'end-model']); // prettier-ignore
      const { pv, battery, meter, grid } = site.house;
      const inverter = await reader.values(unit, chain, ids[1]);
      expect(pv.power).toBeGreaterThan(500);
      expect(inverter['W']).toBeCloseTo(pv.power - battery!.meter.power, 0);
      expect(inverter['PhVphB']).toBeCloseTo(grid.voltage[1]!, 0);
      expect([inverter['Hz'], inverter['St']]).toEqual([expect.closeTo(grid.frequency, 1), 4]);
      const counters = meterIds.length === 0 ? 203 : meterIds[1];
      const shown = await reader.values(meterUnit, meterChain, counters);
      expect(shown['W']).toBeCloseTo(meter.power, 0);
      expect(Math.abs((shown['TotWhExp'] as number) - meter.wattHours('export'))).toBeLessThan(10);
      const trackers = await reader.model(unit, chain, 160);
      const watts = trackers.blocks.map(({ DCW }) => DCW!.value);
      expect(watts.slice(0, 2)).toEqual(pv.strings.map(({ power }) => expect.closeTo(power, 0)));
      const names = trackers.blocks.map(({ IDStr }) => IDStr!.value);
      const expected = { gen24: ['MPPT 1', 'MPPT 2', 'StCha 3', 'StDisCha 4'], generic: ['MPPT 1', 'MPPT 2', 'StCha 3', 'StDisCha 4'], verto: ['MPPT 1', 'MPPT 2', 'MPPT 3', 'StCha 4', 'StDisCha 5'], datamanager: ['String 1', 'String 2'] }; // prettier-ignore
      expect(names).toEqual(expected[flavour]);
      const storage = await reader.values(unit, chain, 124);
      expect(storage).toMatchObject({ ChaState: expect.closeTo(battery!.soc, 1), WChaMax: 5000, StorCtl_Mod: 0 });
      expect(storage['InOutWRte_RvrtTms']).toBe(flavour === 'datamanager' ? null : 0);
    },
  );

  it('has counters that go on from day to day, and never fall while scale factors move', async () => {
    await begin();
    const chain = await reader.chain(1);
    const before = await reader.values(1, chain, 103);
    tell({ fault: 'scale' });
    let last = before['WH'] as number;
    const factors = new Set<unknown>();
    for (let i = 0; i < 6; i++) {
      pass(10);
      const now = await reader.values(1, chain, 103);
      factors.add(now['W_SF']);
      expect(now['WH'] as number).toBeGreaterThanOrEqual(last - 0.1);
      expect(now['W']).toBeCloseTo(site.house.pv.power - site.house.battery!.meter.power, -1);
      last = now['WH'] as number;
    }
    expect(factors.size).toBe(2);
    const first = before['WH'] as number;
    await reader.close();
    await site.stop();
    await begin({}, { start: '2026-06-21T00:05:00Z' });
    expect((await reader.values(1, await reader.chain(1), 103))['WH'] as number).toBeGreaterThan(first);
  });

  it('moves while it is read where its kind of models changes, or a tracker more is found', async () => {
    await begin();
    const chain = await reader.chain(1);
    tell({ fault: 'tracker' });
    await expect(reader.model(1, chain, 124)).rejects.toThrow('moved');
    expect(idsOf(await reader.chain(1))).toEqual(idsOf(chain));
    tell({ clear: 'tracker' });
    tell({ fault: 'model-type' });
    await expect(reader.model(1, chain, 120)).rejects.toThrow('moved');
    expect(idsOf(await reader.chain(1))[1]).toBe(113);
  });

  it('of a Datamanager changes its kind of models by register 216, and tells of the site', async () => {
    await begin({ flavour: 'datamanager' });
    pass(20);
    await reader.raw(1, 215, [1]);
    expect(idsOf(await reader.chain(1))[1]).toBe(103);
    await reader.raw(1, 215, [6]);
    expect(idsOf(await reader.chain(1))[1]).toBe(113);
    const [high, low] = await reader.words(1, 499, 2);
    expect(high! * 0x10000 + low!).toBe(site.house.pv.power);
    await expect(reader.raw(1, 215, [9])).rejects.toMatchObject({ exception: 3 });
    await expect(reader.chain(7)).rejects.toThrow('no chain');
  });
});

describe('an inverter of another make', () => {
  it('does not let a model be read to its end, nor be written there', async () => {
    await begin({ flavour: 'generic', hole: 123 });
    const chain = await reader.chain(1);
    expect(idsOf(chain)).toContain(160);
    const { address, length } = chain.models.find(({ id }) => id === 123)!;
    const half = (2 + length) >> 1;
    expect(await reader.words(1, address, half)).toHaveLength(half);
    await expect(reader.words(1, address, half + 1)).rejects.toMatchObject({ exception: 2 });
    await expect(reader.raw(1, address + half, [1])).rejects.toMatchObject({ exception: 2 });
  });

  it('serves as many at a time as it can', async () => {
    await begin({ connections: 1 });
    expect(await reader.words(1, 40_000, 2)).toEqual([0x5375, 0x6e53]);
    const second = new SunSpecReader(site.devices.get('inverter')!.source, 300);
    await expect(second.words(1, 40_000, 2)).rejects.toThrow();
    await second.close();
    expect(await reader.words(1, 40_000, 2)).toEqual([0x5375, 0x6e53]);
  });
});

describe('control of the inverter', () => {
  const MODEL = 124;
  let chain: Chain;
  const write = (values: Record<string, number>, id = MODEL): Promise<void> => reader.write(1, chain, [id, values]);
  const setPoint = async (percent: number): Promise<void> => {
    await write({ OutWRte: percent, InWRte: -percent });
    await write({ StorCtl_Mod: 3 });
    pass(8);
  };
  const begun = async (device: object = {}, house: object = {}): Promise<void> => {
    await begin(device, house);
    chain = await reader.chain(1);
  };

  it.each([40, -30, 0])('keeps the battery at a set-point of %s %%, and lets it go', async (percent) => {
    await begun();
    await setPoint(percent);
    const { battery } = site.house;
    expect(battery!.meter.power).toBe(percent === 0 ? 8 : -50 * percent);
    await write({ StorCtl_Mod: 0 });
    pass(10);
    expect(battery!.meter.power).not.toBe(-50 * percent);
  });

  it('charges from the sun alone where the grid is not allowed', async () => {
    await begun({ night: 'awake' }, { start: NIGHT, battery: { soc: 50 } });
    await write({ ChaGriSet: 0 });
    await setPoint(-60);
    expect(site.house.battery!.meter.power).toBe(8);
    await write({ ChaGriSet: 1 });
    pass(8);
    expect(site.house.battery!.meter.power).toBe(3000);
  });

  it('keeps the reserve it is told', async () => {
    await begun();
    await write({ MinRsvPct: 100 });
    await setPoint(50);
    expect(site.house.battery!.meter.power).toBe(8);
    expect((await reader.values(1, chain, 124))['MinRsvPct']).toBe(100);
  });

  it.each([
    ['gen24', 'refuses'],
    ['datamanager', 'passes over'],
  ])('of %s %s a window that cannot be', async (flavour, how) => {
    await begun({ flavour });
    await write({ OutWRte: 20, InWRte: 30 });
    const attempt = write({ OutWRte: -50, InWRte: 20 });
    if (how === 'refuses') await expect(attempt).rejects.toMatchObject({ exception: 3 });
    else await attempt;
    expect(await reader.values(1, chain, 124)).toMatchObject({ OutWRte: 20, InWRte: 30 });
  });

  it.each(['gen24', 'datamanager'])('of %s takes each step between windows as they are planned', async (flavour) => {
    await begun({ flavour });
    const place = chain.models.find(({ id }) => id === MODEL)!;
    const read = (): Promise<readonly number[]> => reader.words(1, place.address, place.length + 2);
    const windows = [{ least: 0 }, { most: 0 }, { least: 2000 }, { most: -1500 }, { least: -900, most: -900 }];
    for (const window of [...windows, ...windows.toReversed(), {}]) {
      for (const { address, words } of planWindow(place, await read(), window).writes) {
        await reader.raw(1, address, words);
        expect((await read()).slice(address - place.address).slice(0, words.length)).toEqual(words);
      }
      expect(storageWindow(place, await read())).toEqual(window);
    }
  });

  it('takes what stands before a bad register, and passes over what it does not take', async () => {
    await begun();
    await expect(write({ WMaxLimPct: 70, WMaxLimPct_WinTms: 301 }, 123)).rejects.toMatchObject({ exception: 3 });
    expect(await reader.values(1, chain, 123)).toMatchObject({ WMaxLimPct: 70, WMaxLimPct_WinTms: 0 });
    await write({ InOutWRte_WinTms: 5 });
    expect((await reader.values(1, chain, 124))['InOutWRte_WinTms']).toBeNull();
    await write({ WChaMax: 100 });
    expect((await reader.values(1, chain, 124))['WChaMax']).toBe(5000);
  });

  it('limits what goes to the grid, and takes a new limit with its enabling alone', async () => {
    await begun({ rating: 4000 }, { battery: false });
    const { pv } = site.house;
    const limit = { WMaxLimPct: 20, WMaxLimPct_WinTms: 0, WMaxLimPct_RvrtTms: 0, WMaxLimPct_RmpTms: 0, WMaxLim_Ena: 1 };
    await write(limit, 123);
    pass(3);
    expect(pv.power).toBe(800);
    await write({ WMaxLimPct: 10 }, 123);
    pass(3);
    expect(pv.power).toBe(800);
    await write({ WMaxLim_Ena: 1 }, 123);
    pass(3);
    expect(pv.power).toBe(400);
    await write({ Conn: 0 }, 123);
    pass(3);
    expect(pv.power).toBe(0);
  });

  it('goes back by itself when nobody speaks to it, and any message keeps it there', async () => {
    await begun();
    await write({ InOutWRte_RvrtTms: 60 });
    await setPoint(40);
    for (let i = 0; i < 4; i++) {
      pass(50);
      await reader.words(200, 40_002, 2);
    }
    expect(await reader.values(1, chain, 124)).toMatchObject({ StorCtl_Mod: 3, OutWRte: 40 });
    pass(61);
    expect(await reader.values(1, chain, 124)).toMatchObject({ StorCtl_Mod: 0, OutWRte: 100, InWRte: 100 });
  });

  it('goes back although it is read, where only a write counts', async () => {
    await begun({ revert: 'write' });
    await write({ InOutWRte_RvrtTms: 60 });
    await setPoint(40);
    pass(40);
    await reader.words(1, 40_002, 2);
    pass(21);
    expect((await reader.values(1, chain, 124))['StorCtl_Mod']).toBe(0);
  });

  it('is locked, ignored, cut or forgotten on demand', async () => {
    await begun();
    tell({ fault: 'locked' });
    await expect(write({ StorCtl_Mod: 3 })).rejects.toMatchObject({ exception: 4 });
    tell({ clear: true });
    tell({ fault: 'ignore', answers: 1 });
    await write({ StorCtl_Mod: 3 });
    expect((await reader.values(1, chain, 124))['StorCtl_Mod']).toBe(0);
    tell({ fault: 'clamp', answers: 1 });
    await write({ OutWRte: 80, InWRte: -60 });
    expect(await reader.values(1, chain, 124)).toMatchObject({ OutWRte: 50, InWRte: -50 });
    tell({ fault: 'restart', by: 3 });
    pass(4);
    expect(await reader.values(1, chain, 124)).toMatchObject({ OutWRte: 100, InWRte: 100 });
  });

  it('is done although the answer is lost', async () => {
    await begun();
    for (const [fault, mode] of [
      ['silence', 1],
      ['cut', 2],
    ] as const) {
      const place = chain.models.find(({ id }) => id === 124)!;
      const quick = new SunSpecReader(site.devices.get('inverter')!.source, 200);
      tell({ fault, answers: 1 });
      await expect(quick.raw(1, place.address + 5, [mode])).rejects.toThrow();
      await quick.close();
      expect((await reader.values(1, chain, 124))['StorCtl_Mod']).toBe(mode);
    }
  });
});

describe('inverter at night', () => {
  const AT_NIGHT = { start: NIGHT, battery: { soc: 5 } };

  it.each(['sleep', 'exception', 'silence', 'zeros', 'awake'])('answers as %s', async (night) => {
    await begin({ night }, AT_NIGHT);
    pass(5);
    expect(site.house.battery!.state).toBe('empty');
    await reader.close();
    reader = new SunSpecReader(site.devices.get('inverter')!.source, 300);
    if (night === 'exception') await expect(reader.words(1, 40_000, 2)).rejects.toMatchObject({ exception: 11 });
    if (night === 'silence') await expect(reader.words(1, 40_000, 2)).rejects.toMatchObject({ code: 'SMX_MODBUS_TIMEOUT' }); // prettier-ignore
    expect(idsOf(await reader.chain(200))).toEqual([1, 203]);
    if (night === 'exception' || night === 'silence') return;
    const chain = await reader.chain(1);
    const inverter = await reader.values(1, chain, 103);
    const expected = { sleep: { W: 0, Hz: null, PhVphA: null, St: 2, WH: expect.any(Number) }, zeros: { W: 0, Hz: 0, PhVphA: 0, WH: null, St: 4 }, awake: { St: 8, Hz: expect.closeTo(50, 0) } }; // prettier-ignore
    expect(inverter).toMatchObject(expected[night as keyof typeof expected]);
    expect((await reader.model(1, chain, 160)).blocks[0]!['DCWH']!.value).toBeGreaterThan(0);
  });

  it('sends the null frame of solar-net by day on demand', async () => {
    await begin({ flavour: 'datamanager' });
    const chain = await reader.chain(1);
    tell({ fault: 'null-frame', answers: 1 });
    const { address } = chain.models[1]!;
    const frame = await reader.words(1, address, 52);
    expect([frame.slice(0, 2), new Set(frame.slice(2, 38)), frame[38]]).toEqual([[103, 50], new Set([0]), 7]);
    expect((await reader.values(1, chain, 103))['St']).toBe(4);
  });

  it('keeps measurements for as long as a Datamanager does', async () => {
    await begin({ flavour: 'datamanager' });
    const chain = await reader.chain(1);
    const first = await reader.words(1, chain.models[1]!.address, 52);
    pass(5);
    expect(await reader.words(1, chain.models[1]!.address, 52)).toEqual(first);
    pass(6);
    expect(await reader.words(1, chain.models[1]!.address, 52)).not.toEqual(first);
  });
});

describe('the line to the inverter', () => {
  let socket: Socket;
  const received: Buffer[] = [];
  const bytes = (): number[] => [...Buffer.concat(received)];

  beforeEach(async () => {
    await begin();
    received.length = 0;
    const port = Number(site.devices.get('inverter')!.source.split(':')[2]);
    socket = connect({ host: '127.0.0.1', port });
    socket.on('data', (chunk) => received.push(chunk)).on('error', () => {});
    await once(socket, 'connect');
  });
  afterEach(() => socket.destroy());

  /** Virtual time passes in steps of `ms` while it waits. */
  async function until(condition: () => boolean, ms = 0): Promise<void> {
    for (let i = 0; i < 2000 && !condition(); i++) {
      clock.advance(ms);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(condition()).toBe(true);
  }

  const ask = (pdu: readonly number[], transaction = 7): Buffer => Buffer.from([0, transaction, 0, 0, 0, 1 + pdu.length, 1, ...pdu]); // prettier-ignore
  const READ = [3, 0x9c, 0x40, 0, 2];
  const GOOD = [0, 7, 0, 0, 0, 7, 1, 3, 4, 0x53, 0x75, 0x6e, 0x53];

  it.each([
    ['another function', [43, 14, 1, 0], [0xab, 1]],
    ['the input table', [4, 0x9c, 0x40, 0, 2], [0x84, 1]],
    ['more than 125 registers', [3, 0x9c, 0x40, 0, 126], [0x83, 3]],
    ['no registers', [3, 0x9c, 0x40, 0, 0], [0x83, 3]],
    ['a place where nothing is', [3, 0, 1, 0, 2], [0x83, 2]],
    ['a write of another length', [16, 0x9c, 0x40, 0, 2, 4, 0, 0], [0x90, 3]],
    ['a write behind the chain', [6, 0xff, 0xff, 0, 1], [0x86, 2]],
  ])('refuses %s', async (_name, pdu, answer) => {
    socket.write(ask(pdu));
    await until(() => bytes().length === 7 + answer.length);
    expect(bytes()).toEqual([0, 7, 0, 0, 0, 1 + answer.length, 1, ...answer]);
  });

  it('takes requests in pieces and in heaps', async () => {
    for (const byte of ask(READ)) socket.write(Buffer.of(byte));
    socket.write(Buffer.concat([ask(READ), ask(READ)]));
    await until(() => bytes().length === 39);
    expect(bytes()).toEqual([...GOOD, ...GOOD, ...GOOD]);
  });

  it('closes where what comes is no Modbus', async () => {
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await once(socket, 'close');
    expect(received).toEqual([]);
  });

  it.each([
    ['transaction', [0, 8, ...GOOD.slice(2)]],
    ['unit', [...GOOD.slice(0, 6), 2, ...GOOD.slice(7)]],
    ['busy', [0, 7, 0, 0, 0, 3, 1, 0x83, 6]],
    ['garbage', [...Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')]],
  ])('makes the fault %s once, and is good again', async (fault, answer) => {
    tell({ fault, answers: 1 });
    socket.write(ask(READ));
    await until(() => bytes().length === answer.length);
    expect(bytes()).toEqual(answer);
    socket.write(ask(READ));
    await until(() => bytes().length === answer.length + GOOD.length);
    expect(bytes().slice(answer.length)).toEqual(GOOD);
  });

  it('answers late, in drops, cut off or never', async () => {
    tell({ fault: 'delay', by: 2, answers: 1 });
    socket.write(ask(READ));
    socket.write(ask(READ, 9));
    await until(() => bytes().length === 26, 100);
    expect([bytes()[1], bytes()[14]]).toEqual([7, 9]);
    tell({ fault: 'drip', by: 0.01, answers: 1 });
    socket.write(ask(READ));
    await until(() => bytes().length === 39, 20);
    tell({ fault: 'silence', answers: 1 });
    tell({ fault: 'cut', answers: 2 });
    socket.write(Buffer.concat([ask(READ), ask(READ)]));
    await once(socket, 'close');
    expect(bytes().length).toBeGreaterThan(39);
    expect(bytes().length).toBeLessThan(52);
  });

  it.each([
    [{ fault: 'crc' }, 'one of silence'],
    [{ fault: 'busy', by: 1 }, 'no "by"'],
    [{ fault: 'busy', device: 'er' }, 'device takes one of inverter'],
  ])('refuses %j', (command, words) => {
    expect(tell(command)).toMatchObject({ error: { message: expect.stringContaining(words) } });
  });
});
