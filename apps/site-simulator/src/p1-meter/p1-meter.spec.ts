import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { VirtualClock, Zone, type Log } from '@smx-edge/model';
import { P1Decoder, parseKey, type P1Telegram } from '@smx-edge/protocols/p1';
import { House } from '../house/index.js';
import { startP1Site, type P1Site, type P1SiteOptions } from './p1-site.js';
import { houseTelegram } from './telegram.js';
import { P1_VERSIONS, type P1Version } from './versions.js';

/** An afternoon in May with sun, a minute after a gas reading. */
const START = Date.UTC(2026, 4, 12, 14, 46, 0);
const OPTIONS = { serial: '1SAG1100000292', gasSerial: '7FLO2120030045' };
const KEY = parseKey('00112233445566778899AABBCCDDEEFF');
const ZONE = new Zone('Europe/Brussels');

function decode(bytes: Uint8Array, look: (telegram: P1Telegram) => void, key?: Uint8Array): void {
  let seen = 0;
  const decoder = new P1Decoder({
    localToUtc: (local) => ZONE.utc(local),
    ...(key !== undefined && { key }),
    onTelegram: (telegram) => {
      seen++;
      expect(telegram.badLines).toEqual([]);
      expect(telegram.registers).toEqual([]);
      look(telegram);
    },
  });
  decoder.push(bytes);
  expect(seen).toBe(1);
}

describe('telegrams of the house', () => {
  const { floor } = Math;
  const belgian = (version: P1Version): boolean => version.startsWith('emucs');
  const eastern = (version: P1Version): boolean => ['hungary', 'switzerland', 'lithuania'].includes(version);
  const dayFirst = (version: P1Version): boolean => belgian(version) || eastern(version);
  const old = (version: P1Version): boolean => version === 'dsmr-2.2' || version === 'dsmr-3.0';

  function checkEnergy(telegram: P1Telegram, { meter }: House, version: P1Version): void {
    const both = version === 'luxembourg' || version === 'sweden';
    const digits = old(version) ? 1e8 : 1e11;
    const day = (direction: 'import' | 'export'): number => floor(meter[direction].day / 3600) % digits;
    const night = (direction: 'import' | 'export'): number => floor(meter[direction].night / 3600) % digits;
    for (const direction of ['import', 'export'] as const) {
      const { day: daily, night: nightly } = meter[direction];
      const isSummed = both || version === 'hungary' || version === 'lithuania';
      const total = isSummed ? floor((daily + nightly) / 3600) : day(direction) + night(direction);
      expect(telegram.get(`energy/active/${direction}`)).toBe(total);
      if (both) {
        expect(telegram.get(`energy/reactive/${direction}`)).toBe(floor(meter.reactive[direction] / 3600));
        continue;
      }
      const first = dayFirst(version) ? day(direction) : night(direction);
      expect(telegram.get(`energy/active/${direction}/t1`)).toBe(first);
    }
    expect(telegram.get('tariff')).toBe(both ? undefined : meter.day === dayFirst(version) ? 1 : 2);
  }

  function checkPhases(telegram: P1Telegram, { grid, phases, reactive }: House, version: P1Version): void {
    const hasVoltage = version !== 'dsmr-4.2';
    const step = belgian(version) && version !== 'emucs-1.3' ? 0.01 : version === 'sweden' ? 0.1 : 1;
    const isSilent = version === 'emucs-1.3' || version === 'emucs-1.4' || version === 'hungary';
    const volt = version === 'lithuania' ? 1 : 0.051;
    for (const [i, phase] of ['l1', 'l2', 'l3'].entries()) {
      expect(telegram.get(`power/active/${phase}`)).toBe(isSilent ? undefined : phases[i]);
      if (hasVoltage) expect(Math.abs(Number(telegram.get(`voltage/${phase}`)) - grid.voltage[i]!)).toBeLessThan(volt);
      else expect(telegram.get(`voltage/${phase}`)).toBeUndefined();
      const current = Number(telegram.get(`current/${phase}`));
      expect(grid.current[i]! - current).toBeGreaterThanOrEqual(-1e-9);
      expect(grid.current[i]! - current).toBeLessThan(step);
      if (version === 'luxembourg' || version === 'sweden')
        expect(Math.abs(Number(telegram.get(`power/reactive/${phase}`)) - reactive[i]!)).toBeLessThan(1);
    }
  }

  function checkSubMeters(telegram: P1Telegram, { gas, water }: House, version: P1Version): void {
    if (version === 'sweden' || eastern(version)) {
      expect(telegram.subMeters).toEqual([]);
      return;
    }
    const hourly = old(version) || version === 'dsmr-4.2';
    const of = (medium: string) => telegram.subMeters.find((each) => each.medium === medium);
    const gasRead = hourly ? gas.hourly : gas.captured;
    expect(of('gas')).toMatchObject({ id: OPTIONS.gasSerial, value: gasRead.litres / 1000, captured: gasRead.t, rank: 'primary' }); // prettier-ignore
    const waterRead = hourly ? water.hourly : water.captured;
    const has = !old(version) && !['emucs-1.3', 'emucs-1.4', 'emucs-1.5'].includes(version);
    if (has) expect(of('water')).toMatchObject({ value: waterRead.litres / 1000, captured: waterRead.t });
    else expect(of('water')).toBeUndefined();
  }

  function checkPeaks(telegram: P1Telegram, { meter }: House): void {
    expect(telegram.get('peak/quarter')).toBe(floor(meter.demand));
    expect(telegram.get('peak/month')).toBe(floor(meter.monthPeak.watt));
    expect(telegram.get('peak/month/at')).toBe(meter.monthPeak.at);
    expect(telegram.peaks).toEqual(
      meter.peaks.map(({ closing, at, watt }) => ({ closed: closing, at, power: floor(watt) })),
    );
  }

  it.each(P1_VERSIONS)('in %s say exactly what the house counts', (version) => {
    const house = new House({ start: START });
    for (const t of [START, START + 7_123_000, START + 40_000_000]) {
      house.step(t);
      const key = version === 'luxembourg' ? KEY : undefined;
      const bytes = houseTelegram(house, { version, ...OPTIONS, ...(key !== undefined && { key }) });
      decode(
        bytes,
        (telegram) => {
          expect(telegram.verdict).toBe(old(version) ? 'absent' : 'ok');
          expect(telegram.protection).toBe(key === undefined ? 'plain' : 'verified');
          if (old(version)) expect(telegram.time).toBeNaN();
          else expect(telegram.time).toBe(floor(t / 1000) * 1000);
          expect(telegram.get('serial')).toBe(
            version === 'sweden' || version === 'lithuania' ? undefined : OPTIONS.serial,
          );
          const { power } = house.meter;
          expect(telegram.get('power/active')).toBe(old(version) ? Math.trunc(power / 10) * 10 + 0 : power);
          checkEnergy(telegram, house, version);
          if (!old(version)) checkPhases(telegram, house, version);
          checkSubMeters(telegram, house, version);
          if (version === 'hungary') {
            expect(telegram.get('frequency')).toBe(floor(house.grid.frequency * 100) / 100);
            const sum = house.reactive.reduce((all, one) => all + one, 0);
            expect(Math.abs(Number(telegram.get('power/reactive')) - sum)).toBeLessThan(1);
          }
          if (version === 'lithuania') expect(telegram.get('voltage/max')).toBe(floor(Math.max(...house.grid.voltage)));
          if (version === 'emucs-1.7.1' || version === 'emucs-2.1') checkPeaks(telegram, house);
          else expect(telegram.peaks).toBeNull();
          if (belgian(version)) {
            expect(telegram.get('breaker')).toBe('connected');
            expect(telegram.get('limiter/power')).toBeNull();
            expect(telegram.get('fuse/current')).toBeNull();
          }
        },
        key,
      );
    }
  });

  it('carry the wall clock over the change to winter time', () => {
    const change = Date.UTC(2026, 9, 25, 1);
    const house = new House({ start: change - 2000 });
    for (const t of [change - 1000, change, change + 3_600_000]) {
      house.step(t);
      for (const version of ['dsmr-5.0.2', 'emucs-1.7.1'] as const)
        decode(houseTelegram(house, { version, ...OPTIONS }), ({ time }) => expect(time).toBe(t));
    }
  });

  it('begin a month without a peak', () => {
    const midnight = Date.UTC(2026, 4, 31, 22);
    const house = new House({ start: midnight - 1000 });
    house.step(midnight + 1000);
    decode(houseTelegram(house, { version: 'emucs-1.7.1', ...OPTIONS }), (telegram) => {
      expect(telegram.get('peak/month/at')).toBeNull();
      expect(telegram.peaks!.at(-1)!.closed).toBe(midnight);
    });
  });

  it('keep the peaks of 13 months and no more after years', () => {
    const house = new House({ start: Date.UTC(2026, 0, 31, 22, 45), pv: 0 });
    expect(house.meter.peaks).toHaveLength(13);
    house.step(Date.UTC(2026, 0, 31, 23, 15));
    expect(house.meter.peaks).toHaveLength(13);
    decode(houseTelegram(house, { version: 'emucs-1.7.1', ...OPTIONS }), ({ peaks }) => expect(peaks).toHaveLength(13));
  });
});

describe('virtual P1 port', () => {
  let site: P1Site | undefined;
  const sockets: Socket[] = [];

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await site?.stop();
    site = undefined;
  });

  async function open(options: Partial<P1SiteOptions>): Promise<{ site: P1Site; clock: VirtualClock }> {
    const clock = new VirtualClock(START);
    site = await startP1Site({ host: '127.0.0.1', port: 0, clock, ...options });
    return { site, clock };
  }

  /** A client and the times of the telegrams it got. */
  async function client(to: P1Site): Promise<{ times: number[]; socket: Socket }> {
    const socket = connect(to.address);
    socket.on('error', () => {});
    sockets.push(socket);
    const times: number[] = [];
    const decoder = new P1Decoder({ onTelegram: ({ time }) => void times.push(time) });
    socket.on('data', (bytes: Buffer) => decoder.push(bytes));
    await once(socket, 'connect');
    return { times, socket };
  }

  async function until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 2000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(condition()).toBe(true);
  }

  it('sends each second of the house to each of a hundred clients', async () => {
    const { site, clock } = await open({});
    const clients = await Promise.all(Array.from({ length: 100 }, () => client(site)));
    await until(() => site.clients === 100);
    clock.advance(5100);
    await until(() => clients.every(({ times }) => times.length >= 5));
    const times = clients[0]!.times;
    expect(times.length).toBeLessThanOrEqual(6);
    times.forEach((time, i) => expect(time).toBe(times[0]! + i * 1000));
    for (const other of clients) expect(other.times).toEqual(times);
  });

  it('sends each 10 s as a DSMR 4 meter', async () => {
    const { site, clock } = await open({ version: 'dsmr-4.2' });
    const { times } = await client(site);
    await until(() => site.clients === 1);
    clock.advance(30_500);
    await until(() => times.length >= 3);
    expect(times.map((time) => time % 10_000)).toEqual(times.map(() => 0));
    expect(times.length).toBeLessThanOrEqual(4);
  });

  it('lives faster on request, each virtual second where the rate allows it', async () => {
    const { site, clock } = await open({ speed: 60 });
    const slow = await client(site);
    await until(() => site.clients === 1);
    for (let i = 0; i < 50; i++) clock.advance(100);
    await until(() => slow.times.length >= 5);
    expect(slow.times[4]! - slow.times[0]!).toBe(240_000);
    await site.stop();
    const fast = await open({ speed: 20, rate: 20 });
    const each = await client(fast.site);
    await until(() => fast.site.clients === 1);
    for (let i = 0; i < 3000; i++) fast.clock.advance(1);
    await until(() => each.times.length >= 55);
    each.times.forEach((time, i) => expect(time).toBe(each.times[0]! + i * 1000));
  });

  it('drops a client that never reads and serves the others', async () => {
    const warnings: string[] = [];
    const log: Log = {
      debug: () => {},
      info: () => {},
      error: () => {},
      warn: (message) => void warnings.push(message),
    };
    const { site, clock } = await open({ log });
    const reader = await client(site);
    const stuck = connect(site.address);
    stuck.on('error', () => {});
    sockets.push(stuck);
    await once(stuck, 'connect');
    stuck.pause();
    await until(() => site.clients === 2);
    // the kernel holds some megabytes for it first
    for (let i = 0; i < 20_000 && site.clients === 2; i++) {
      clock.advance(1000);
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(site.clients).toBe(1);
    expect(warnings).toEqual(['client does not read; dropped']);
    const before = reader.times.length;
    clock.advance(2000);
    await until(() => reader.times.length > before);
  });

  it('says so where its port is taken', async () => {
    const { site } = await open({});
    await expect(startP1Site({ ...site.address })).rejects.toMatchObject({ code: 'SMX_SIMULATOR_ADDRESS' });
  });
});
