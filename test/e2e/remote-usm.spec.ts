import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import type { Tools } from '@smx-edge/extension-api';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { openMqtt } from '@smx-edge/extension-api/mqtt';
import { silentLog, systemClock, VirtualClock } from '@smx-edge/model';
import { decodeCatalogue, decodeNow, decodeState } from '@smx-edge/protocols/smx1';
import remoteUsm from '@smx-edge/remote-usm';
import { control, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import { freePort, startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { Box, stop, until } from './smxcore-support.js';

/** The reader of other boxes on those of the virtual house, over a real broker, with what goes wrong; and two boxes that read each other. */
const TOPICS = ['state', 'cat', 'now'] as const;
const DECODERS = { state: decodeState, cat: decodeCatalogue, now: decodeNow };

describe('messages as the box has them', () => {
  it.each(TOPICS)('%s are taken where they are valid', (kind) => {
    const text = readFileSync(join(__dirname, `../../libs/northbound/golden/${kind}.json`), 'utf8');
    const { valid } = JSON.parse(text) as { valid: object[] };
    for (const message of valid) expect(DECODERS[kind](JSON.stringify(message))).toBeDefined();
  });
});

describe('on the virtual house', () => {
  let mosquitto: Mosquitto;
  let site: Site;
  let clock: VirtualClock;
  let harness: Harness;

  beforeAll(async () => {
    mosquitto = await startMosquitto();
  });
  afterAll(() => mosquitto.remove());

  const start = '2026-06-20T10:00:00Z';
  const broker = (): string => `mqtt://127.0.0.1:${mosquitto.port}`;

  async function open(device: object, config: object): Promise<void> {
    clock = new VirtualClock(Date.parse(start));
    const devices = [{ name: 'other', broker: broker(), ...device }];
    site = await startSite(parseSiteConfig({ seed: 5, start, meters: [], devices }), { clock });
    harness = runExtension(remoteUsm, { config: { source: broker(), prefix: 'n', ...config }, clock });
  }
  const smx = (fields: object = {}): Promise<void> => open({ protocol: 'smx', ...fields }, {});
  const core = (fields: object = {}, config: object = {}): Promise<void> => open({ protocol: 'smxcore', ...fields }, { format: 's4g', gateway: 'EDYNA-0003', timezone: site0, ...config }); // prettier-ignore
  const site0 = 'Europe/Brussels';

  afterEach(async () => {
    await harness.stop();
    await site.stop();
    expect(harness.seen.exceptions).toEqual([]);
    expect(harness.seen.refused).toEqual([]);
  });

  const nothing = (): never => {
    throw new Error('of no use here');
  };
  const tools = (): Tools => ({
    now: () => clock.now(),
    log: silentLog,
    mqtt: (source, options) => openMqtt(source, { ...options, log: silentLog, clock: systemClock }),
    open: nothing,
    listen: nothing,
    modbus: nothing,
  });

  const tell = (command: object): void => expect(control(site, JSON.stringify({ device: 'other', ...command }))).toEqual({ ok: true }); // prettier-ignore
  const of = (path: string) => harness.seen.values.get(path);
  const isGood = (path = 'n-pcc/power/active'): boolean => of(path)?.quality === 'good';
  const device = (name = 'n-pcc') => [...harness.seen.devices.values()].findLast((each) => each.name === name);
  const isOnline = (): boolean => device()?.online === true;
  const counted = (): number => harness.seen.batches.length;

  /** Lets both sides' time pass until something is so. */
  async function settle(condition: () => boolean): Promise<void> {
    const end = Date.now() + 30_000;
    while (!condition()) {
      if (Date.now() > end) throw new Error(`it did not come to be: ${JSON.stringify([harness.seen.statuses.at(-1), device(), of('n-pcc/power/active')])}`); // prettier-ignore
      clock.advance(500);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  it('another SMX is found without its names and shown as it is', async () => {
    await smx();
    await settle(() => isGood() && isOnline());
    expect([...harness.seen.devices.values()].map(({ name, kind }) => [name, kind])).toEqual([
      ['n-pcc', 'remote-meter'],
      ['n-pv', 'remote-pv'],
      ['n-battery', 'remote-battery'],
    ]);
    await settle(() => of('n-pcc/power/active')?.t === site.house.t && of('n-pcc/power/active')?.value === site.house.meter.power); // prettier-ignore
    expect(of('n-pv/power')?.value).toBeLessThanOrEqual(0);
    expect(of('n-pcc/energy/active/import')).toMatchObject({ value: Math.floor(site.house.meter.wattHours('import')) });
    expect(harness.seen.definitions.get('n-pcc/energy/active/import')).toMatchObject({ unit: 'Wh', kind: 'counter', obis: '1-0:1.8.0' }); // prettier-ignore
    expect(await harness.call('remote')).toMatchObject({ box: 's4g-bz-008/neighbour', points: 18, state: { status: 'online', epoch: 1 } }); // prettier-ignore
  });

  it('one that loses its broker has nothing fresh at once, by its last will, and comes back', async () => {
    await smx();
    await settle(() => isGood() && isOnline());
    tell({ fault: 'cut' });
    await settle(() => of('n-pcc/power/active')?.quality === 'stale');
    expect(device()).toMatchObject({ online: false, reason: expect.stringContaining('lost its connection') });
    await settle(() => isGood() && isOnline());
  });

  it('one that restarts says so, and comes back', async () => {
    await smx();
    await settle(() => isGood() && isOnline());
    tell({ fault: 'restart', by: 4 });
    await settle(() => device()?.reason?.includes('was stopped') === true);
    expect(of('n-pcc/power/active')).toMatchObject({ quality: 'stale' });
    await settle(() => isGood() && isOnline());
  });

  it('one whose meter has stopped has stale values, though messages flow', async () => {
    await smx();
    await settle(() => isGood() && isOnline());
    tell({ fault: 'stale' });
    await settle(() => of('n-pcc/power/active')?.quality === 'stale');
    const before = counted();
    const { t } = site.house;
    await settle(() => site.house.t > t + 20_000);
    expect(counted() - before).toBeLessThanOrEqual(3);
    expect(isOnline()).toBe(true);
    tell({ clear: true });
    await settle(isGood);
  });

  async function tellsNothingNew(fault: string): Promise<void> {
    await settle(() => isGood() && isOnline());
    tell({ fault });
    await settle(() => !isOnline());
    const before = counted();
    const { t } = site.house;
    await settle(() => site.house.t > t + 10_000);
    expect(counted()).toBe(before);
    tell({ clear: true });
    await settle(() => isGood() && isOnline());
  }

  it.each(['silence', 'garbage'])('one with %s tells nothing new, and is seen not to', async (fault) => {
    await smx();
    await tellsNothingNew(fault);
  });

  it('one whose clock is off tells its own times, which a box does not believe', async () => {
    await smx();
    await settle(() => isGood() && isOnline());
    tell({ fault: 'clock', by: -3600 });
    await settle(() => site.house.t - (of('n-pcc/power/active')?.t ?? Infinity) >= 3_500_000);
    expect(isOnline()).toBe(true);
    tell({ clear: true });
    await settle(() => Math.abs(site.house.t - (of('n-pcc/power/active')?.t ?? 0)) < 60_000);
  });

  it.each(['epoch', 'gap', 'hole'])('one with %s in its certain lane goes on', async (fault) => {
    await smx({ batch: 2 });
    await settle(() => isGood() && isOnline());
    tell({ fault });
    const { t } = site.house;
    await settle(() => site.house.t > t + 10_000 && isGood());
    expect(isOnline()).toBe(true);
  });

  it('what lay with the broker is not fresh, and a broker that goes is told', async () => {
    await smx();
    await settle(() => isGood() && isOnline());
    await harness.stop();
    tell({ fault: 'silence' });
    harness = runExtension(remoteUsm, { config: { source: broker(), prefix: 'n' }, clock });
    await settle(() => of('n-pcc/power/active') !== undefined);
    expect(of('n-pcc/power/active')).toMatchObject({ quality: 'stale' });
    await mosquitto.stop();
    await settle(() => device()?.reason?.includes('127.0.0.1') === true);
    await mosquitto.start();
    tell({ clear: true });
    await settle(() => isGood() && isOnline());
  });

  it('a payload that no reader takes costs a connection, and no value', async () => {
    await smx();
    await settle(() => isGood() && isOnline());
    const client = await connectAsync(broker());
    await client.publishAsync('smx/1/s4g-bz-008/neighbour/now', Buffer.alloc(3 << 20, 0x5b), { qos: 1 });
    await client.endAsync();
    await settle(() => [...harness.seen.lines.values()].some(({ counters }) => counters.failures > 0));
    const { t } = site.house;
    await settle(() => (of('n-pcc/power/active')?.t ?? 0) > t + 2000 && isOnline());
    expect(isGood()).toBe(true);
  });

  it('those who tell on a broker are found, each with the section that reads it', async () => {
    await smx();
    const found: object[] = [];
    const time = setInterval(() => clock.advance(200), 20);
    try {
      for await (const step of remoteUsm.discover!(broker(), tools()))
        if (step.found !== undefined) found.push(step.found);
      expect(found).toMatchObject([
        { title: expect.stringContaining('s4g-bz-008, online, as neighbour: 18 points of pcc, pv, battery'), config: { source: broker(), format: 'smx', site: 's4g-bz-008', party: 'neighbour', prefix: 's4g-bz-008' } }, // prettier-ignore
      ]);
      expect(await remoteUsm.test!({ source: broker(), format: 'smx' }, tools())).toMatchObject({ ok: true });
      const other = await remoteUsm.test!({ source: broker(), format: 'smx', party: 'nobody' }, tools());
      expect(other).toMatchObject({ ok: false, text: expect.stringContaining('party') });
      const absent = await remoteUsm.test!({ source: 'mqtt://127.0.0.1:1', format: 'smx' }, tools());
      expect(absent).toMatchObject({ ok: false, text: expect.stringContaining('127.0.0.1:1') });
    } finally {
      clearInterval(time);
    }
  });

  it('an SMXCore is found with its registers', async () => {
    await core();
    const time = setInterval(() => clock.advance(200), 20);
    try {
      const config = { source: broker(), format: 's4g' } as const;
      expect(await remoteUsm.test!(config, tools())).toMatchObject({ ok: true, text: expect.stringContaining('EDYNA-0003: 22 registers') }); // prettier-ignore
      const found: object[] = [];
      for await (const step of remoteUsm.discover!(broker(), tools()))
        if (step.found !== undefined) found.push(step.found);
      // a box may have left its last words on this broker before
      expect(found.at(-1)).toMatchObject({ config: { ...config, gateway: 'EDYNA-0003', prefix: 'edyna-0003' } });
    } finally {
      clearInterval(time);
    }
  });

  it('an SMXCore is read as a meter, before its current transformers', async () => {
    await core({ ratio: 40 }, { ratio: 40 });
    await settle(() => isGood() && isOnline());
    expect(harness.seen.definitions.size).toBe(22);
    await settle(() => of('n-pcc/power/active')?.value === site.house.meter.power);
    const counted = site.house.meter.wattHours('import') * 40 - Number(of('n-pcc/energy/active/import')?.value);
    expect(Math.abs(counted)).toBeLessThan(4000);
    expect(Number(of('n-pcc/voltage/l1')?.value)).toBeGreaterThan(200);
  });

  it.each(['silence', 'stuck', 'empty', 'bare', 'garbage'])(
    'an SMXCore with %s tells nothing new, and is seen not to',
    async (fault) => {
      await core();
      await tellsNothingNew(fault);
    },
  );

  it('an SMXCore whose connection goes comes back, and one whose clock is off is uncertain', async () => {
    await core({}, { gateway: undefined });
    await settle(() => isGood() && isOnline());
    tell({ fault: 'cut' });
    const { t } = site.house;
    await settle(() => (of('n-pcc/power/active')?.t ?? 0) > t + 2000);
    tell({ fault: 'clock', by: 7200 });
    await settle(() => of('n-pcc/power/active')?.quality === 'uncertain');
    expect(of('n-pcc/power/active')?.t).toBeUndefined();
    tell({ clear: true });
    await settle(isGood);
  });
});

describe('on boxes', () => {
  const ROLES = { roles: { all: { grants: [{ read: ['#'] }] } } };
  const boxes: Box[] = [];
  afterEach(async () => {
    for (const box of boxes.splice(0)) await box.remove();
  });

  interface Place {
    readonly box: Box;
    readonly site: string;
    readonly port: number;
    /** Of a party of the role `all`. */
    token: string;
  }

  async function prepare(site: string, party: string): Promise<Place> {
    const port = await freePort();
    const box = new Box('', essentials(site, port));
    boxes.push(box);
    box.write(essentials(site, port));
    writeFileSync(join(box.folder, 'roles.yaml'), JSON.stringify(ROLES));
    const { out } = await box.smx(['token', 'create', '--role', 'all', '--name', party, '--json']);
    return { box, site, port, token: (JSON.parse(out) as { token: string }).token };
  }

  const essentials = (site: string, port: number): string => `site: ${site}\ndata: ./var\nroles: ./roles.yaml\nhttp: { port: 0 }\nbroker: { port: ${port} }\n`; // prettier-ignore

  /** The box with its own device and the reader of the other. */
  function section({ box, site, port }: Place, other: Place): void {
    const extensions = {
      own: { use: 'virtual-device', config: { sensor: `${site}1` } },
      far: {
        use: 'remote-usm',
        config: { source: `mqtt://${site}:${other.token}@127.0.0.1:${other.port}`, prefix: other.site },
      },
    };
    box.write(`${essentials(site, port)}extensions: ${JSON.stringify(extensions)}\n`);
  }

  interface Read {
    readonly path: string;
    readonly value: unknown;
    readonly quality: string;
  }

  const reader =
    (url: string, token: string) =>
    async (match: string): Promise<Read[]> => {
      const answer = await fetch(`${url}/api/v1/points?match=${encodeURIComponent(match)}`, { headers: { authorization: `Bearer ${token}` } }).catch(() => undefined); // prettier-ignore
      return answer?.ok === true ? ((await answer.json()) as Read[]) : [];
    };

  it('two read each other, nothing comes back to where it came from, and one that is killed is seen to be gone', async () => {
    const [a, b] = [await prepare('a', 'b'), await prepare('b', 'a')];
    section(a, b);
    section(b, a);
    const [first, second] = [await a.box.core(), await b.box.core()];
    const [atA, atB] = [reader(first.url, a.token), reader(second.url, b.token)];
    const isGood = async (read: typeof atA, path: string): Promise<boolean> =>
      (await read(path))[0]?.quality === 'good';
    await until(async () => (await isGood(atB, 'a-a1/temperature')) && (await isGood(atA, 'b-b1/temperature')));
    expect(await atB('a-a1/online')).toMatchObject([{ value: true }]);
    // both have told each other of all that they have since
    await until(async () => (await atB('a-battery/soc')).length > 0 && (await atA('b-battery/soc')).length > 0);
    const paths = [...(await atA('#')), ...(await atB('#'))].map(({ path }) => path);
    expect(paths.filter((path) => /^(a-b-|b-a-)/.test(path))).toEqual([]);
    const { out } = await b.box.smx(['extensions', '--json']);
    expect(out).toContain('a/b');
    first.core.child.kill('SIGKILL');
    await first.core.ended();
    const gone = await until(async () => {
      const [point] = await atB('a-a1/temperature');
      return point?.quality === 'stale' ? point : undefined;
    });
    expect(typeof gone.value).toBe('number');
    await until(async () => (await atB('a-a1/online'))[0]?.value === false);
    const again = await a.box.core();
    await until(() => isGood(atB, 'a-a1/temperature'));
    await until(async () => (await atB('a-a1/online'))[0]?.value === true);
    await stop(again.core);
    await stop(second.core);
  }, 240_000);

  it('one is found on its broker, with the section that reads it', async () => {
    const a = await prepare('a', 'b');
    section(a, a);
    const { core } = await a.box.core();
    const b = await prepare('b', 'a');
    const other = await b.box.core();
    const source = `mqtt://b:${a.token}@127.0.0.1:${a.port}`;
    const found = await until(async () => {
      const { out } = await b.box.smx(['discover', 'remote-usm', source, '--json']);
      return out.includes('SMX a') ? out : undefined;
    });
    const { title, config } = JSON.parse(found.split('\n')[0]!) as { title: string; config: object };
    expect(title).toContain('as b');
    expect(config).toEqual({ source, format: 'smx', site: 'a', party: 'b', prefix: 'a' });
    await stop(core);
    await stop(other.core);
  }, 120_000);
});
