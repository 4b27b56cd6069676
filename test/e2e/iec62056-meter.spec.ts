import { join } from 'node:path';
import { ProfileBook, runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import meterIec from '@smx-edge/meter-iec62056';
import { control, IecPort, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import { Box, stop, until } from './smxcore-support.js';

/** The reader of meters of IEC 62056-21 on the house's own, over real lines, with what goes wrong on them. */
const ESSENTIALS = 'site: test\ndata: ./var\ntimezone: Europe/Brussels\nhttp: { port: 0 }\nbroker: { port: 0 }\n';
const PASSWORD = '12345678';
const ZONE = 'Europe/Brussels';
const QUARTER = 900_000;
const HOUR = 3_600_000;

let site: Site;
let meter: IecPort;

async function open(given: object): Promise<void> {
  const meters = [{ protocol: 'iec62056-21', port: 0, days: 2, password: PASSWORD, ...given }];
  site = await startSite(parseSiteConfig({ meters }));
  meter = site.meters.get('iec62056-21') as IecPort;
}

const say = (line: object): object => control(site, JSON.stringify(line));
const source = (): string => `tcp://127.0.0.1:${meter.address.port}`;

/** Row by row what the meter has from so long before `t`, as it should be here: mean power in W, with the digits of the meter. */
function keptSince(t: number, { counts = 'power' } = {}): unknown[] {
  const from = t - 30 * HOUR;
  const text = (wattSeconds: number): string =>
    (Math.round(wattSeconds / (counts === 'power' ? 90 : 360)) / 10).toFixed(1);
  const { rows } = meter.memory;
  return rows.slice(1).flatMap((row, i) => {
    if (row.end <= from - (from % QUARTER)) return [];
    const before = rows[i]!;
    const added = [row.import - before.import, row.export - before.export, row.reactiveImport - before.reactiveImport, row.reactiveExport - before.reactiveExport]; // prettier-ignore
    return [[row.end, ...added.map(text)]];
  });
}

describe('in this process', () => {
  let harness: Harness;
  let profiles: ProfileBook;
  let began: number;

  function read(config: object, state: Record<string, unknown> = {}): void {
    began = Date.now();
    const wanted = { source: source(), baud: 'any' as const, 'baud-delay': '5ms', readout: '1s', password: PASSWORD, profiles: ['P.01', 'P.98'], 'back-fill': '30h', ...config }; // prettier-ignore
    harness = runExtension(meterIec, { config: wanted, timezone: ZONE, profiles, state });
  }

  const seen = (path: string): unknown => harness.seen.values.get(`pcc/${path}`)?.value;
  const wait = (condition: () => boolean): Promise<void> => harness.until(condition, 80_000);
  const here = (): unknown[] => profiles.rows('pcc/P.01').map(([end, , ...values]) => [end, ...values]);
  const filled = (): boolean => profiles.rows('pcc/P.01').at(-1)?.[0] === meter.memory.rows.at(-1)!.end;
  const hasValues = (): boolean =>
    ['energy/active/import', 'voltage/l1', 'clock/offset'].every((path) => seen(path) !== undefined);
  const logged = (): string[] => harness.seen.events.map(({ code }) => code).filter((code) => code.startsWith('log.'));
  const raised = (code: string): boolean => harness.seen.events.some((event) => event.code === code && event.state === 'raised'); // prettier-ignore

  /** No row is missing, none came twice and none is wrong; a quarter hour may have ended before the reader began. */
  function expectRows(form?: { counts: string }): void {
    expect([keptSince(began, form), keptSince(began + QUARTER, form)]).toContainEqual(here());
  }

  /** What the house counted is what is here, up to what flows meanwhile, Wh. */
  function expectValues(): void {
    const { meter: counter, grid } = site.house;
    const counted = counter.wattHours('import') - Number(seen('energy/active/import'));
    expect(counted).toBeGreaterThanOrEqual(0);
    expect(counted).toBeLessThan(1000);
    expect(Math.abs(Number(seen('voltage/l1')) - grid.voltage[0]!)).toBeLessThan(15);
    expect(Math.abs(Number(seen('clock/offset')))).toBeLessThan(30);
  }

  beforeEach(() => (profiles = new ProfileBook()));
  afterEach(async () => {
    await harness.stop();
    await site.stop();
    expect(harness.seen.exceptions).toEqual([]);
    expect(harness.seen.refused).toEqual([]);
  });

  it.each([
    ['generic', {}, {}],
    ['landis-gyr', {}, {}],
    ['emh', {}, {}],
    ['iskraemeco', {}, {}],
    ['metcom', {}, {}],
    [
      'turkish',
      { profile: 'turkish', profiles: ['P.01'], channels: ['1.29*kWh', '2.29*kWh', '3.29*kvarh', '4.29*kvarh'] },
      {},
    ],
    ['generic', { stamp: 'start' }, { stamp: 'start' }],
    ['generic', { address: '53078126' }, { devices: [{}, {}] }],
  ] as const)(
    'a meter that writes as %s (%j) is read as it counts, each quarter hour once',
    async (family, config, given) => {
      // prettier-ignore
      await open({ family, ...given });
      read(config);
      await wait(() => filled() && hasValues());
      expectRows({ counts: family === 'metcom' || family === 'turkish' ? 'energy' : 'power' });
      expectValues();
      expect(seen('serial')).toBe('devices' in given ? '53078126' : '53078125');
      // the other family's rows carry no status
      if (family !== 'turkish')
      expect(profiles.rows('pcc/P.01').map(([, status]) => status)).toEqual(meter.memory.rows.slice(-here().length).map(({ status }) => status)); // prettier-ignore
    },
  );

  it.each([
    ['drip', { by: 0.001, answers: 8 }],
    ['check', { answers: 2 }],
    ['noise', { share: 0.3, answers: 6 }],
    ['silence', { answers: 1 }],
    ['delay', { by: 1.2, answers: 6 }],
    ['parity', {}],
    ['nak', { answers: 2 }],
    ['echo', {}],
    ['cut', {}],
    ['power', { by: 1 }],
  ])('a meter with the fault %s %j is read to the last row, and no value is wrong', async (fault, more) => {
    await open({ faults: [{ fault, ...more }] });
    read({});
    await wait(filled);
    expectRows();
    expect(say({ clear: true })).toEqual({ ok: true });
    await wait(hasValues);
    expectValues();
    for (const { path, value } of harness.seen.batches.flat())
      if (path === 'pcc/voltage/l1' && value !== null) expect(Math.abs(Number(value) - 230)).toBeLessThan(30);
    if (fault === 'power') {
      expect(meter.memory.events.slice(-2).map(({ what }) => what)).toEqual(['power-down', 'power-up']);
      await wait(() => logged().length >= 2);
    }
  });

  // ERROR in words, NAK, and a break that ends the session
  it.each(['landis-gyr', 'iskraemeco', 'elster'])(
    'a meter that refuses the password (%s) is given it once, and never again over restarts',
    async (family) => {
      // prettier-ignore
      await open({ family });
      read({ password: '00000000' });
      await wait(() => raised('meter-refused'));
      await harness.stop();
      read({ password: '00000000' }, Object.fromEntries(harness.seen.state));
      await wait(() => harness.seen.statuses.some(({ state }) => state === 'error'));
      expect(meter.wrongPasswords).toBe(1);
    },
  );

  it('a meter that sends by itself gives its values at the pace it has', async () => {
    await open({ mode: 'D', interval: 0.2 });
    read({ mode: 'D', profiles: undefined, password: undefined, readout: undefined, baud: undefined, 'baud-delay': undefined, 'back-fill': undefined }); // prettier-ignore
    await wait(hasValues);
    expectValues();
  });
});

describe('in a box', () => {
  let box: Box;
  let token: string;

  beforeEach(async () => {
    box = new Box('', ESSENTIALS);
    const made = await box.smx(['token', 'create', '--role', 'owner', '--json']);
    ({ token } = JSON.parse(made.out) as { token: string });
  });
  afterEach(async () => {
    await box.remove();
    await site.stop();
  });

  /** Starts a box with the meter in it; ends of the rows that are there so far, and a way to its core. */
  async function start(config: object): Promise<{ ends(): Promise<number[]>; kill(): Promise<void> }> {
    const extensions = { meter: { use: 'meter-iec62056', config } };
    box.write(`${ESSENTIALS}extensions: ${JSON.stringify(extensions)}\n`);
    const { core, url } = await box.core();
    return {
      ends: async () => {
        const answer = await fetch(`${url}/api/v1/profiles/pcc/P.01`, {
          headers: { authorization: `Bearer ${token}` },
        });
        return answer.ok ? ((await answer.json()) as { rows: [number][] }).rows.map(([end]) => end) : [];
      },
      kill: async () => {
        core.child.kill('SIGKILL');
        await core.ended();
      },
    };
  }

  it('a meter that nobody knows is found, read with the section that gives, and has each row once after a kill in the midst of them', async () => {
    const pty = join(box.folder, 'tty');
    // so slow that rows take seconds
    await open({ family: 'landis-gyr', pty, baud: 19_200 });
    const { core } = await box.core();
    const found = await box.smx(['discover', 'meter-iec62056', `serial:${pty}`, '--json']);
    expect(found).toMatchObject({ status: 0, err: '' });
    const { title, config } = JSON.parse(found.out) as { title: string; config: Record<string, unknown> };
    expect(title).toContain('53078125');
    await stop(core);
    const wanted = { ...config, password: PASSWORD, profiles: ['P.01'], 'back-fill': '30h', readout: '20s' };
    const began = Date.now();
    const first = await start(wanted);
    await until(async () => (await first.ends()).length > 0);
    await first.kill();
    const second = await start(wanted);
    const last = (): number => meter.memory.rows.at(-1)!.end;
    const ends = await until(async () => {
      const all = await second.ends();
      return all.at(-1) === last() ? all : undefined;
    });
    const times = (t: number): unknown[] => keptSince(t).map((row) => (row as [number])[0]);
    expect([times(began), times(began + QUARTER)]).toContainEqual(ends);
    const { out } = await box.smx(['read', 'pcc/energy/active/import', '--json']);
    const [{ value }] = JSON.parse(out) as [{ value: number }];
    expect(Math.abs(site.house.meter.wattHours('import') - value)).toBeLessThan(2000);
  }, 240_000);
});
