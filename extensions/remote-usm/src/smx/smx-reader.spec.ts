import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { StubBroker } from '../../test-support/stub-broker.js';

const BASE = 'smx/1/s4g-bz-008/neighbour';
const DEVICES = [
  {
    name: 'pcc',
    instance: 'p1',
    kind: 'meter',
    online: true,
    since: 1,
    manufacturer: 'ISK',
    model: 'AM550',
    serial: '1SAG',
  },
  { name: 'battery', instance: 'f', kind: 'battery', online: true, since: 1 },
];
const POINTS = [
  {
    id: 1,
    path: 'pcc/power/active',
    unit: 'W',
    type: 'number',
    kind: 'measurement',
    obis: '1-0:16.7.0',
    every: 0,
    as: 'last',
  },
  {
    id: 2,
    path: 'pcc/energy/active/import',
    unit: 'Wh',
    type: 'number',
    kind: 'counter',
    obis: '1-0:1.8.0',
    every: 900_000,
    as: 'last',
  },
  { id: 3, path: 'battery/soc', unit: '%', type: 'number', kind: 'measurement', every: 0, as: 'last' },
  {
    id: 4,
    path: 'battery/power/setpoint',
    unit: 'W',
    type: 'number',
    kind: 'setpoint',
    every: 0,
    as: 'last',
    write: { lease: 1 },
  },
  { id: 5, path: 'battery/power/limit', unit: 'W', type: 'number', kind: 'setpoint', write: { lease: 1 } },
  { id: 6, path: 'pcc/serial', unit: null, type: 'string', kind: 'text', every: 0, as: 'last' },
  { id: 7, path: 'pcc/online', unit: null, type: 'boolean', kind: 'state', every: 0, as: 'last' },
];
const VALUES = { 'pcc/power/active': 500, 'pcc/energy/active/import': 1000, 'battery/soc': 40, 'battery/power/setpoint': null, 'pcc/serial': '1SAG', 'pcc/online': true }; // prettier-ignore

let broker: StubBroker;

const open = (config: object = {}): void => void (broker = new StubBroker({ prefix: 'n', ...config }));
const state = (s: string, more: object = {}): object => ({ s, since: 1, boot: 1, epoch: 1, head: {}, cat: 'h1', clock: 'ok', version: '0.1.0', ledger: null, ...more }); // prettier-ignore
const cat = (points: readonly object[] = POINTS, devices: readonly object[] = DEVICES, hash = `h${points.length}`): object => ({ v: 1, hash, points, devices, profiles: [] }); // prettier-ignore
const now = (values: object = {}, more: object = {}): object => ({
  t: broker.clock.now(),
  v: { ...VALUES, ...values },
  ...more,
});
const say = (kind: string, payload: object | string | Uint8Array): void => broker.say(`${BASE}/${kind}`, payload);
const of = (path: string) => broker.harness.seen.values.get(path);
const device = (name: string) => [...broker.harness.seen.devices.values()].filter((each) => each.name === name).at(-1);
const samples = (path: string) => broker.harness.seen.batches.flat().filter((sample) => sample.path === path);
const status = () => broker.harness.seen.statuses.at(-1);

/** On line, with its catalogue, and found. */
async function begin(config: object = {}): Promise<void> {
  open({ site: 's4g-bz-008', ...config });
  await broker.pass(1000);
  say('state', state('online'));
  say('cat', cat());
  await broker.pass(1000);
}

async function speak(values: object = {}, more: object = {}): Promise<void> {
  say('now', now(values, more));
  await broker.pass(1000);
}

afterEach(async () => {
  await broker.harness.stop();
  expect(broker.harness.seen.exceptions).toEqual([]);
  expect(broker.harness.seen.refused).toEqual([]);
  expect(broker.published).toEqual([]);
});

describe('a box that', () => {
  it('refuses all its devices here is in error, and one that refuses some is a warning; each says why', async () => {
    for (const [refuses, told] of [
      [['n-pcc', 'n-battery'], 'error'],
      [['n-battery'], 'warning'],
    ] as const) {
      broker = new StubBroker({ prefix: 'n', site: 's4g-bz-008' }, {}, refuses);
      await broker.pass(1000);
      say('state', state('online'));
      say('cat', cat());
      await broker.pass(1000);
      await speak();
      await broker.pass(1000);
      expect(status()).toMatchObject({ state: told, text: expect.stringContaining(`refuses ${refuses[0]}: another instance has it`) }); // prettier-ignore
      await broker.harness.stop();
    }
  });

  it('gives a point another type again and again has its devices made anew ever more rarely, and its newest type in the end', async () => {
    await begin();
    const made = (): number => [...broker.harness.seen.devices.values()].filter(({ name }) => name === 'n-pcc').length;
    const turned = POINTS.map((point) => (point.path === 'pcc/power/active' ? { ...point, type: 'string', unit: null } : point)); // prettier-ignore
    for (let i = 0; i < 2000; i++) {
      say('cat', i % 2 === 0 ? cat(turned, DEVICES, 'turned') : cat());
      await speak(i % 2 === 0 ? { 'pcc/power/active': 'much' } : {});
    }
    expect(made()).toBeLessThan(45);
    expect(status()).toMatchObject({ state: 'ok', text: expect.stringContaining('again and again') });
    // what comes for another type than is shown is no value
    expect(samples('n-pcc/power/active').every(({ value }) => value === null || typeof value !== 'object')).toBe(true);
    say('cat', cat());
    for (let i = 0; i < 700; i++) await speak({ 'pcc/power/active': 500 });
    expect(of('n-pcc/power/active')).toMatchObject({ value: 500, quality: 'good' });
    expect(status()?.text).not.toContain('again and again');
  });
});

describe('another SMX', () => {
  it('is shown with its devices, points and values as it has them, and nothing is said to it', async () => {
    await begin();
    await speak();
    expect(device('n-pcc')).toMatchObject({
      kind: 'remote-meter',
      manufacturer: 'ISK',
      model: 'AM550',
      serial: '1SAG',
      online: true,
    });
    expect(device('n-battery')).toMatchObject({ kind: 'remote-battery', online: true });
    const { definitions } = broker.harness.seen;
    expect(definitions.get('n-pcc/power/active')).toMatchObject({ unit: 'W', kind: 'measurement', obis: '1-0:16.7.0', maxAge: 10_000 }); // prettier-ignore
    expect(definitions.get('n-pcc/energy/active/import')).toMatchObject({
      unit: 'Wh',
      kind: 'counter',
      maxAge: 2_700_000,
    });
    expect(definitions.get('n-battery/power/setpoint')).toMatchObject({ kind: 'parameter' });
    expect(definitions.get('n-battery/power/setpoint')).not.toHaveProperty('setpoint');
    expect(definitions.get('n-pcc/serial')).toMatchObject({ personal: true, type: 'string' });
    // what may only be commanded has no value, and whether a device is there the box keeps itself
    expect([...definitions.keys()].filter((path) => /limit|online/.test(path))).toEqual([]);
    expect(of('n-pcc/power/active')).toMatchObject({ value: 500, quality: 'good', t: broker.clock.now() - 1000 });
    expect(of('n-battery/power/setpoint')).toMatchObject({ value: null, quality: 'good' });
    expect(status()).toMatchObject({ state: 'ok', text: '5 points of 2 devices of s4g-bz-008/neighbour' });
  });

  it('has devices that are known for second hand from the first, also where they come again', async () => {
    open({ site: 's4g-bz-008' });
    const kinds = new Set<string | undefined>();
    broker.harness.seen.watch(() => [...broker.harness.seen.devices.values()].forEach(({ kind }) => kinds.add(kind)));
    await broker.pass(1000);
    say('cat', cat());
    await speak();
    say('cat', cat(POINTS.slice(0, 4)));
    await speak();
    expect(kinds).toStrictEqual(new Set(['remote-meter', 'remote-battery']));
  });

  it('has the name of the instance where no prefix is given', async () => {
    await begin({ prefix: undefined });
    await speak();
    expect(of('remote-pcc/power/active')).toMatchObject({ value: 500 });
  });

  it.each([
    [{ site: 'x', party: 'y' }, ['smx/1/x/y/state', 'smx/1/x/y/cat', 'smx/1/x/y/now']],
    [{ site: 'x' }, ['smx/1/x/neighbour/state', 'smx/1/x/neighbour/cat', 'smx/1/x/neighbour/now']],
    [{}, ['smx/1/+/neighbour/state']],
    [{ source: 'mqtt://broker' }, ['smx/1/+/+/state']],
    [{ source: 'mqtt://broker', site: 'x' }, ['smx/1/x/+/state']],
  ])('with %j subscribes to %j', async (config, filters) => {
    open(config);
    await broker.pass(1000);
    expect(broker.filters).toEqual(filters);
  });

  it('is found by its login, and by itself where it is alone', async () => {
    open({ source: 'mqtt://broker' });
    broker.leave(`${BASE}/state`, state('online'));
    await broker.pass(100);
    broker.connect(true);
    await broker.pass(2000);
    expect(broker.filters).toEqual(['state', 'cat', 'now'].map((kind) => `${BASE}/${kind}`));
  });

  it('is not guessed where several are there, and found by the prefix that is its name', async () => {
    open({ source: 'mqtt://broker' });
    await broker.pass(100);
    broker.say('smx/1/a/x/state', state('online'));
    broker.say('smx/1/b/x/state', state('online'));
    await broker.pass(3000);
    expect(status()).toMatchObject({ state: 'error', text: expect.stringContaining('a/x, b/x') });
    expect(broker.filters).toEqual(['smx/1/+/+/state']);
    broker.say('smx/1/c/n/state', state('online'));
    await broker.pass(1000);
    expect(broker.filters[0]).toBe('smx/1/c/n/state');
  });
});

describe('values of another SMX', () => {
  it.each([
    ['stale', 500],
    ['bad', null],
    ['uncertain', 500],
    ['substituted', 500],
  ])('that are %s there are so here, though messages flow', async (quality, value) => {
    await begin();
    await speak();
    for (let i = 0; i < 5; i++) await speak({ 'pcc/power/active': value }, { q: { 'pcc/power/active': quality } });
    expect(of('n-pcc/power/active')).toMatchObject({ value, quality });
    expect(of('n-battery/soc')).toMatchObject({ quality: 'good' });
    await speak({ 'pcc/power/active': 501 });
    expect(of('n-pcc/power/active')).toMatchObject({ value: 501, quality: 'good' });
  });

  it('that turn stale keep the time at which they were not', async () => {
    await begin();
    await speak();
    const { t } = of('n-pcc/power/active')!;
    await speak({}, { q: { 'pcc/power/active': 'stale' } });
    await speak({}, { q: { 'pcc/power/active': 'stale' } });
    expect(of('n-pcc/power/active')).toMatchObject({ value: 500, quality: 'stale', t });
    expect(samples('n-pcc/power/active')).toHaveLength(2);
  });

  it.each([
    ['pcc/power/active', '500'],
    ['pcc/power/active', true],
    ['pcc/power/active', [500]],
    ['pcc/power/active', { value: 500 }],
    ['pcc/serial', 5],
    ['pcc/serial', 'x'.repeat(5000)],
  ])('%s that are %j are null, and never made into what they should be', async (path, value) => {
    await begin();
    await speak({ [path]: value });
    expect(of(`n-${path}`)).toMatchObject({
      value: null,
      quality: 'bad',
      reason: expect.stringContaining('not of type'),
    });
  });

  it('with a quality that is none are bad', async () => {
    await begin();
    await speak({}, { q: { 'pcc/power/active': 'fresh' } });
    expect(of('n-pcc/power/active')).toMatchObject({ quality: 'bad' });
  });

  it('that are left out are not told', async () => {
    await begin();
    await speak();
    const before = samples('n-battery/soc').length;
    say('now', { t: broker.clock.now(), v: { 'pcc/power/active': 1 } });
    await broker.pass(1000);
    expect(samples('n-battery/soc')).toHaveLength(before);
  });

  it('that stay are told each second as of a meter, those of a window once, and those that change at once', async () => {
    await begin();
    for (let i = 0; i < 40; i++) {
      say('now', now({ 'battery/soc': 40 + i }));
      await broker.pass(250);
    }
    expect(samples('n-battery/soc')).toHaveLength(40);
    expect(samples('n-pcc/power/active').length).toBeGreaterThanOrEqual(9);
    expect(samples('n-pcc/power/active').length).toBeLessThanOrEqual(11);
    expect(samples('n-pcc/energy/active/import')).toHaveLength(1);
    expect(samples('n-pcc/serial').length).toBeLessThanOrEqual(4);
  });

  it('of a box with many points are told more seldom, so that an instance may tell them all', async () => {
    open({ site: 's4g-bz-008' });
    await broker.pass(1000);
    const many = Array.from({ length: 1500 }, (_, id) => ({ ...POINTS[0], id, path: `pcc/x/p${id}` }));
    say('cat', cat(many));
    const v = Object.fromEntries(many.map(({ path }) => [path, 1]));
    for (let i = 0; i < 10; i++) {
      say('now', { t: broker.clock.now(), v });
      await broker.pass(1000);
    }
    expect(samples('n-pcc/x/p7')).toHaveLength(4);
  });

  it('come from a payload that is deflated too', async () => {
    await begin();
    say('now', deflateSync(JSON.stringify(now())));
    await broker.pass(1000);
    expect(of('n-pcc/power/active')).toMatchObject({ value: 500 });
  });

  it.each([
    ['the same message once more', () => 0],
    ['one that is older', () => -5000],
  ])('are not told anew for %s', async (_, off) => {
    await begin();
    await speak();
    const t = broker.clock.now() - 1000 + off();
    const before = samples('n-pcc/power/active').length;
    say('now', { ...now({ 'pcc/power/active': 7 }), t });
    await broker.pass(1000);
    expect(samples('n-pcc/power/active')).toHaveLength(before);
  });

  it('with a time that stands still are silent after ten seconds, however often they come', async () => {
    await begin();
    await speak();
    const t = broker.clock.now();
    const before = samples('n-pcc/power/active').length;
    for (let i = 0; i < 15; i++) {
      say('now', { ...now({ 'pcc/power/active': i }), t });
      await broker.pass(1000);
    }
    expect(samples('n-pcc/power/active').length).toBeLessThanOrEqual(before + 1);
    expect(device('n-pcc')).toMatchObject({ online: false, reason: expect.stringContaining('nothing new') });
  });

  it.each([
    ['an hour behind', -3_600_000],
    ['an hour ahead', 3_600_000],
    ['ten years ahead', 10 * 365 * 86_400_000],
  ])('of a clock that is set %s come on, by its own times', async (_, off) => {
    await begin();
    await speak();
    for (let i = 0; i < 3; i++) await speak({ 'pcc/power/active': i }, { t: broker.clock.now() + off });
    // the host takes the receive time for one that is so far off, and says that it is uncertain
    expect(of('n-pcc/power/active')).toMatchObject({ value: 2, t: broker.clock.now() - 1000 + off });
    for (let i = 0; i < 3; i++) await speak({ 'pcc/power/active': 10 + i });
    expect(of('n-pcc/power/active')).toMatchObject({ value: 12, t: broker.clock.now() - 1000 });
  });
});

describe('what lay with the broker', () => {
  it('is shown as stale until something comes', async () => {
    open({ site: 's4g-bz-008' });
    broker.leave(`${BASE}/state`, state('online'));
    broker.leave(`${BASE}/cat`, cat());
    broker.leave(`${BASE}/now`, now());
    await broker.harness.until(() => of('n-pcc/power/active') !== undefined);
    await broker.pass(1000);
    expect(of('n-pcc/power/active')).toMatchObject({ value: 500, quality: 'stale' });
    expect(device('n-pcc')).toMatchObject({ online: false });
    await speak({ 'pcc/power/active': 501 });
    expect(of('n-pcc/power/active')).toMatchObject({ value: 501, quality: 'good' });
    expect(device('n-pcc')).toMatchObject({ online: true });
  });

  it('is nothing new when the connection comes back, whatever time it has', async () => {
    await begin();
    await speak();
    broker.connect(false);
    await broker.pass(20_000);
    expect(device('n-pcc')).toMatchObject({ online: false, reason: 'mqtt://broker: nobody listens' });
    const before = broker.harness.seen.batches.length;
    broker.leave(`${BASE}/now`, { ...now({ 'pcc/power/active': 9 }), t: broker.clock.now() + 3_600_000 });
    broker.connect(true);
    await broker.pass(3000);
    expect(broker.harness.seen.batches).toHaveLength(before);
    expect(device('n-pcc')).toMatchObject({ online: false });
    for (let i = 0; i < 2; i++) await speak({ 'pcc/power/active': 10 + i });
    expect(of('n-pcc/power/active')).toMatchObject({ value: 11, quality: 'good' });
    expect(device('n-pcc')).toMatchObject({ online: true });
  });
});

describe('a box that goes', () => {
  it('for a moment, as its broker restarts, is not said to be gone', async () => {
    await begin();
    await speak();
    broker.connect(false);
    await broker.pass(5000);
    broker.connect(true);
    await speak();
    expect(broker.harness.seen.events).toEqual([]);
    expect(device('n-pcc')).toMatchObject({ online: true });
  });

  it.each(['lost', 'closing'])('as %s has nothing fresh at once, and is there again when it speaks', async (s) => {
    await begin();
    await speak();
    say('state', state(s));
    await broker.pass(1000);
    expect(of('n-pcc/power/active')).toMatchObject({ value: 500, quality: 'stale' });
    expect(device('n-pcc')).toMatchObject({ online: false });
    expect(broker.harness.seen.events.filter(({ state: is }) => is === 'raised').map(({ code, device: at }) => `${at} ${code}`)).toEqual(['n-pcc remote-away', 'n-battery remote-away']); // prettier-ignore
    say('state', state('online'));
    await speak();
    expect(of('n-pcc/power/active')).toMatchObject({ value: 500, quality: 'good' });
    expect(device('n-pcc')).toMatchObject({ online: true });
    expect(broker.harness.seen.events.at(-1)).toMatchObject({ code: 'remote-away', state: 'cleared' });
  });

  it('and speaks behind its last will is there', async () => {
    await begin();
    await speak();
    say('state', state('lost'));
    await speak();
    expect(device('n-pcc')).toMatchObject({ online: true });
  });

  it('and says nothing is silent after three of its intervals', async () => {
    await begin();
    for (let i = 0; i < 4; i++) {
      say('now', now({ 'pcc/power/active': i }));
      await broker.pass(60_000);
    }
    // it has been seen to speak each minute
    expect(broker.harness.seen.definitions.get('n-pcc/power/active')).toMatchObject({ maxAge: 180_000 });
    expect(device('n-pcc')).toMatchObject({ online: true });
    await broker.pass(130_000);
    expect(device('n-pcc')).toMatchObject({ online: false, reason: expect.stringContaining('180 s') });
  });

  it('with an interval that is said is not silent before', async () => {
    await begin({ interval: '30s' });
    await speak();
    await broker.pass(80_000);
    expect(device('n-pcc')).toMatchObject({ online: true });
    await broker.pass(12_000);
    expect(device('n-pcc')).toMatchObject({ online: false });
  });

  it('and has forgotten this party shows nothing any more', async () => {
    await begin();
    await speak();
    for (const kind of ['state', 'now', 'cat']) say(kind, '');
    await broker.pass(1000);
    expect(device('n-pcc')).toMatchObject({ removed: true });
  });

  it('has a device that is off line there', async () => {
    await begin();
    await speak({ 'pcc/online': false });
    expect(device('n-pcc')).toMatchObject({ online: false, reason: 'off line at the other box' });
    expect(device('n-battery')).toMatchObject({ online: true });
    await speak();
    expect(device('n-pcc')).toMatchObject({ online: true });
  });
});

describe('a catalogue', () => {
  it('that does not come is waited for, and values come once it is there', async () => {
    open({ site: 's4g-bz-008' });
    await broker.pass(1000);
    say('state', state('online'));
    await speak();
    expect(broker.harness.seen.devices.size).toBe(0);
    expect(status()).toMatchObject({ text: expect.stringContaining('catalogue') });
    say('cat', cat());
    await speak();
    expect(of('n-pcc/power/active')).toMatchObject({ value: 500, quality: 'good' });
  });

  it('that cannot be read is told, though values come', async () => {
    open({ site: 's4g-bz-008' });
    await broker.pass(1000);
    say('state', state('online'));
    say('cat', { ...cat(), more: 'x'.repeat(600_000) });
    await speak();
    expect(status()).toMatchObject({ state: 'error', text: expect.stringMatching(/^what comes as cat .*longer than/) });
    say('cat', cat());
    await speak();
    expect(status()).toMatchObject({ state: 'ok' });
  });

  it('that changes adds and takes away devices and points', async () => {
    await begin();
    await speak();
    const fewer = POINTS.filter(({ path }) => !path.startsWith('battery/') && path !== 'pcc/serial');
    const more = [...fewer, { id: 9, path: 'pv/power', unit: 'W', type: 'number', kind: 'measurement', every: 0 }];
    say('cat', cat(more, [...DEVICES, { name: 'pv', kind: 'pv', online: true, since: 1 }]));
    await speak({ 'pv/power': -100 });
    expect(device('n-battery')).toMatchObject({ removed: true });
    expect(of('n-pv/power')).toMatchObject({ value: -100 });
    // the device comes again without the point that is no more
    const [old, anew] = [...broker.harness.seen.devices.values()].filter(({ name }) => name === 'n-pcc');
    expect([old?.removed, anew?.removed, anew?.online]).toEqual([true, false, true]);
    const before = samples('n-pcc/serial').length;
    await speak({ 'pcc/serial': 'another' });
    expect(samples('n-pcc/serial')).toHaveLength(before);
    expect(of('n-pcc/power/active')).toMatchObject({ value: 500, quality: 'good' });
  });

  it('that gives a point another type, or its number to another one, is followed by path', async () => {
    await begin();
    await speak();
    const turned = POINTS.map((point) => (point.path === 'pcc/power/active' ? { ...point, type: 'string', unit: null, kind: 'text', id: 3 } : point.id === 3 ? { ...point, id: 1 } : point)); // prettier-ignore
    say('cat', cat(turned, DEVICES, 'other'));
    await speak({ 'pcc/power/active': 'much' });
    expect(broker.harness.seen.definitions.get('n-pcc/power/active')).toMatchObject({ type: 'string' });
    expect(of('n-pcc/power/active')).toMatchObject({ value: 'much', quality: 'good' });
    expect(of('n-battery/soc')).toMatchObject({ value: 40 });
    expect(broker.harness.seen.logs.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('number of a point'),
    );
  });

  it('with what is none between is taken without it', async () => {
    open({ site: 's4g-bz-008' });
    await broker.pass(1000);
    const bad: unknown[] = [null, 5, {}, { id: -1, path: 'a/b', type: 'number', kind: 'state', every: 0 }, { id: 1, path: 'A/..', type: 'number', kind: 'state', every: 0 }, { id: 1, path: 'pcc/x', type: 'complex', kind: 'state', every: 0 }, POINTS[0]]; // prettier-ignore
    say('cat', cat([...POINTS, ...bad] as object[]));
    await speak();
    expect(of('n-pcc/power/active')).toMatchObject({ value: 500 });
    expect([...broker.harness.seen.definitions.keys()]).toHaveLength(5);
  });

  it('of a device that another box told of is not taken, so that nothing comes back to where it came from', async () => {
    open({ site: 's4g-bz-008' });
    await broker.pass(1000);
    const points = [...POINTS, { id: 20, path: 'ours-pcc/power/active', unit: 'W', type: 'number', kind: 'measurement', every: 0 }, { id: 21, path: 'unlisted/power', unit: 'W', type: 'number', kind: 'measurement', every: 0 }]; // prettier-ignore
    say('cat', cat(points, [...DEVICES, { name: 'ours-pcc', kind: 'remote-meter', online: true, since: 1 }]));
    await speak({ 'ours-pcc/power/active': 5, 'unlisted/power': 6 });
    expect([...broker.harness.seen.devices.values()].map(({ name }) => name)).toEqual(['n-pcc', 'n-battery']);
  });

  it('that lists no devices for a moment, as while that box starts, takes none away', async () => {
    await begin();
    await speak();
    say('cat', cat(POINTS, [], 'starting'));
    await broker.pass(1000);
    expect([...broker.harness.seen.devices.values()].filter(({ removed }) => removed)).toEqual([]);
  });

  it('that lost devices and points while nobody looked takes those away as well', async () => {
    await begin();
    await speak();
    await broker.harness.stop();
    const kept = Object.fromEntries(broker.harness.seen.state);
    broker = new StubBroker({ prefix: 'n', site: 's4g-bz-008' }, kept);
    await broker.pass(1000);
    // while that box starts it lists no device yet, and nothing is to be concluded
    say('cat', cat(POINTS, [], 'starting'));
    await broker.pass(1000);
    expect(broker.harness.seen.devices.size).toBe(0);
    say('cat', cat(POINTS.filter(({ path }) => path.startsWith('pcc/') && path !== 'pcc/serial')));
    await speak();
    const seen = [...broker.harness.seen.devices.values()].map(({ name, removed }) => [name, removed]);
    expect(seen).toEqual([
      ['n-pcc', true],
      ['n-battery', true],
      ['n-pcc', false],
    ]);
    expect(of('n-pcc/power/active')).toMatchObject({ value: 500, quality: 'good' });
    expect(broker.harness.seen.state.get('shown')).toEqual({
      'n-pcc': ['pcc/power/active', 'pcc/energy/active/import'],
    });
  });

  it('that shows nothing to this party is told', async () => {
    open({ site: 's4g-bz-008' });
    await broker.pass(1000);
    say('state', state('online'));
    say('cat', cat([], []));
    await broker.pass(1000);
    expect(status()).toMatchObject({ state: 'busy', text: expect.stringContaining('grants') });
  });

  it('of a new epoch is as good as that of the old one', async () => {
    await begin();
    await speak();
    say('state', state('online', { epoch: 2, boot: 2 }));
    say(
      'cat',
      cat(
        POINTS.map((point) => ({ ...point, id: point.id + 100 })),
        DEVICES,
        'epoch2',
      ),
    );
    await speak({ 'pcc/power/active': 502 });
    expect(of('n-pcc/power/active')).toMatchObject({ value: 502, quality: 'good' });
    expect(broker.harness.seen.logs.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('store of the other box'),
    );
  });
});

describe('what is none of these messages', () => {
  const SPOILT: [string, string | Uint8Array][] = [
    ['no JSON', '{"t":1,"v":{'],
    ['an array', '[]'],
    ['a bare number', '5'],
    ['bytes', new Uint8Array([0x78, 0x9c, 1, 2, 3])],
    ['far too long', `{"t":1,"v":{"pcc/power/active":"${'x'.repeat(600_000)}"}}`],
    ['deep', '['.repeat(200_000)],
  ];
  it.each(SPOILT)('(%s) changes no value, and is told once it is all that comes', async (_, payload) => {
    await begin();
    await speak();
    const before = broker.harness.seen.batches.length;
    for (const kind of ['state', 'cat', 'now']) say(kind, payload);
    await broker.pass(1000);
    expect(broker.harness.seen.batches).toHaveLength(before);
    expect(device('n-pcc')).toMatchObject({ online: true });
    for (let i = 0; i < 12; i++) {
      say('now', payload);
      await broker.pass(1000);
    }
    expect(device('n-pcc')).toMatchObject({ online: false, reason: expect.stringContaining('smx/1') });
    await speak();
    expect(device('n-pcc')).toMatchObject({ online: true });
  });

  it('is one that is longer than any box makes it, whatever it says', async () => {
    await begin();
    say('now', JSON.stringify(now()) + ' '.repeat(600_000));
    await broker.pass(1000);
    expect(of('n-pcc/power/active')).toBeUndefined();
  });

  it('never throws, and makes no number of what is none, whatever comes', async () => {
    await begin();
    const near = (message: object): fc.Arbitrary<string> => {
      const text = JSON.stringify(message);
      const cut = fc.nat(text.length).chain((at) => fc.string({ maxLength: 4 }).map((more) => text.slice(0, at) + more + text.slice(at + more.length))); // prettier-ignore
      const turned = fc.tuple(fc.constantFrom(...Object.keys(message)), fc.jsonValue()).map(([key, value]) => JSON.stringify({ ...message, [key]: value })); // prettier-ignore
      const inside = fc.tuple(fc.constantFrom(...Object.keys(VALUES)), fc.jsonValue()).map(([path, value]) => JSON.stringify({ ...message, v: { ...VALUES, [path]: value } })); // prettier-ignore
      return fc.oneof(cut, turned, inside);
    };
    const messages = fc.oneof(
      fc.tuple(fc.constant('now'), near(now())),
      fc.tuple(fc.constant('cat'), near(cat())),
      fc.tuple(fc.constant('state'), near(state('online'))),
    );
    fc.assert(
      fc.property(messages, fc.boolean(), ([kind, text], isKept) => {
        broker.clock.advance(1000);
        if (isKept) broker.leave(`${BASE}/${kind}`, text);
        say(kind, text);
      }),
      { numRuns: 3000 },
    );
    await broker.pass(1000);
    const types = new Map([...broker.harness.seen.definitions].map(([path, { type }]) => [path, type]));
    for (const { path, value } of broker.harness.seen.batches.flat())
      if (value !== null && ['n-pcc/power/active', 'n-battery/soc'].includes(path) && types.get(path) === 'number') expect(Number.isFinite(value)).toBe(true); // prettier-ignore
  });
});
