import type { MqttLink, MqttMessage } from '@smx-edge/extension-api';
import type { ForeignCommand, Told } from '../driver.js';
import type { Phases } from '../model/modes.js';
import { settingsOf, type RouterConfig } from '../settings.js';
import { MqttDriver } from './mqtt-driver.js';
import { topicsOf } from './topics.js';

const NOW = Date.UTC(2026, 5, 1, 12);
const INVERTER = '/ER/SMX/EnergyRouterInverter';
const BATTERY = `${INVERTER}/ZBAT1.Vol.instMag.f`;
const COMMAND = '/LESSAg/SMX/EnergyRouterInverter/ZBTC1.BatChaPwr.setMag.f';

let now: number;
let told: Told[];
let foreign: ForeignCommand[];
let published: [topic: string, payload: string][];
let status: 'ok' | 'connecting';
let say: (topic: string, payload: unknown, retained?: boolean) => void;

/** A driver on a broker of this process, with what it was told so far. */
function open(config: Partial<RouterConfig> = {}): MqttDriver {
  [now, told, foreign, published, status] = [NOW, [], [], [], 'ok'];
  const listeners: [prefix: string, fn: (message: MqttMessage) => void][] = [];
  say = (topic, payload, retained = false) => {
    const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
    for (const [prefix, fn] of listeners) if (topic.startsWith(prefix)) fn({ topic, payload: bytes, retained, t: now });
  };
  const link = {
    get state() {
      return { status, text: 'no broker there' };
    },
    subscribe: (filter: string, fn: (message: MqttMessage) => void) => listeners.push([filter.slice(0, -1), fn]),
    publish: async (topic: string, payload: string) => void published.push([topic, payload]),
  } as unknown as MqttLink;
  const settings = settingsOf({
    ...{ driver: 'mqtt', source: 'mqtt://x', phases: 'one', names: { er: 'er' }, signs: 'er', measures: '/ER/SMX/' },
    ...{ watch: ['/PROFESS/SMX/', '/LESSAg/SMX/'], limits: {}, ...config },
  });
  const driver = new MqttDriver({ settings, link, now: () => now });
  driver.connect({ tell: (all) => void told.push(...all), foreign: (command) => void foreign.push(command) });
  return driver;
}

it.each([
  [
    { v: 500, u: 'W', t: NOW },
    { value: -500, t: NOW },
  ],
  [
    { v: 0.5, u: 'kW', t: NOW / 1000 },
    { value: -500, t: NOW },
  ],
  [{ v: -0, t: 0 }, { value: 0 }],
  [{ v: 250, u: 'watts', t: 0 }, { value: -250 }],
  [
    { v: 250, u: 'V', t: 0 },
    { value: null, reason: 'it is told in V' },
  ],
  [
    { v: null, t: 0 },
    { value: null, reason: 'the router gives no number' },
  ],
  [
    { vs: 'off', t: 0 },
    { value: null, reason: 'the router gives no number' },
  ],
  [
    { v: 1e9, t: 0 },
    { value: null, reason: '-1000000000 cannot be' },
  ],
  ['[{"v":5', { value: null, reason: 'what came is no SenML' }],
  ['', { value: null, reason: 'what came is no SenML' }],
])('a battery that tells %j is read as %j', (record, expected) => {
  const driver = open();
  say(BATTERY, typeof record === 'string' ? record : [{ n: 'PBat', ...record }]);
  expect(told).toEqual([{ path: 'battery/power', ...expected }]);
  expect(driver.state.isUp).toBe(true);
  expect(driver.state.text === undefined).toBe(expected.value !== null);
});

it.each([
  ['er', 300, -300, -700],
  ['profess', 300, -300, -700],
  ['lessag', 300, 300, 700],
  ['box', 300, 300, 700],
] as const)('signs of %s: %d on the wire is %d here, and 700 here is %d there', async (signs, wire, here, there) => {
  const driver = open({ signs });
  say(BATTERY, [{ v: wire }]);
  expect(told).toEqual([{ path: 'battery/power', value: here }]);
  await driver.write('battery/power/setpoint', 700);
  const [[topic, payload] = ['', '']] = published;
  expect([topic, JSON.parse(payload)]).toEqual([COMMAND, [{ n: 'PBatRef', v: there, u: 'W', t: NOW / 1000 }]]);
});

it('of several records the one of that name counts, else the newest', () => {
  open();
  say(BATTERY, [{ bn: 'er/', n: 'PBat', v: 1 }, { n: 'other', v: 2 }]); // prettier-ignore
  say(BATTERY, [{ n: 'a', v: 3 }, { n: 'b', v: 4 }]); // prettier-ignore
  expect(told.map(({ value }) => value)).toEqual([-1, -4]);
});

it('the grid is read on the topic that is printed and on the one that is configured', () => {
  open();
  say(`${INVERTER}/MXN1.Watt.instMag.f`, [{ v: 10 }]);
  say(`${INVERTER}/MMXN1.Watt.instMag.f`, [{ v: 11 }]);
  expect(told.map(({ path, value }) => [path, value])).toEqual([['power/active', 10], ['power/active', 11]]); // prettier-ignore
});

it('what only comes again is no news: a router that hangs is silent', () => {
  const driver = open({ interval: '5s' });
  say(BATTERY, [{ v: 1, t: NOW }]);
  for (let i = 0; i < 4; i++) {
    now += 4000;
    say(BATTERY, [{ v: 1, t: NOW }]);
  }
  expect(told).toHaveLength(1);
  expect(driver.state).toEqual({ isOpen: true, isUp: false, text: 'the router has told nothing for 16 s' });
  say(BATTERY, [{ v: 2, t: NOW }]);
  expect(told).toHaveLength(2);
  expect(driver.state).toEqual({ isOpen: true, isUp: true });
});

it('what a broker kept counts only where its own time says that it is new', () => {
  open();
  for (const t of [0, NOW - 3_600_000, NOW + 3_600_000]) say(BATTERY, [{ v: 1, t }], true);
  expect(told).toEqual([]);
  say(BATTERY, [{ v: 1, t: NOW - 5000 }], true);
  expect(told).toHaveLength(1);
});

it('modes are words both ways, and a number that is none is told', async () => {
  const driver = open({ phases: 'three' });
  const mode = `${INVERTER}/DRCC1.DERStr.ctlNum`;
  say(mode, [{ v: 4 }]);
  say(mode, [{ v: 17 }]);
  expect(told).toEqual([
    { path: 'mode/setpoint', value: 'load-balancing' },
    { path: 'mode/setpoint', value: null, reason: 'it has no mode 17' },
  ]);
  await driver.write('mode/setpoint', 'pv-off');
  expect(published[0]![0]).toBe('/PROFESS/SMX/EnergyRouterInverter/DRCC1.DERStr.ctlNum');
  expect(JSON.parse(published[0]![1])).toEqual([{ n: 'DERStart', v: 3, t: NOW / 1000 }]);
  for (const value of ['mppt', '']) await expect(driver.write('mode/setpoint', value)).rejects.toMatchObject({ code: 'SMX_ROUTER_VALUE' }); // prettier-ignore
  await expect(driver.write('pv/voltage', 5)).rejects.toMatchObject({ code: 'SMX_ROUTER_VALUE' });
});

it('what others tell the router is told apart from what we say on the same topics', async () => {
  const driver = open();
  await driver.write('battery/power/setpoint', 100);
  say(...published[0]!);
  expect(foreign).toEqual([]);
  // the same again is somebody else
  say(...published[0]!);
  say('/PROFESS/SMX/EnergyRouterInverter/ZBTC1.BatChaPwr.setMag.f', [{ v: 50 }]);
  say('/PROFESS/SMX/EnergyRouterInverter/ZBTC1.BatChaPwr.setMag.f', [{ v: 60 }], true);
  say('/PROFESS/SMX/EnergyRouterInverter/Other', [{ v: 50 }]);
  say('/PROFESS/SMX/EnergyRouterInverter/ZBTC1.BatChaPwr.setMag.f', 'x');
  expect(foreign).toEqual([
    { writer: '/LESSAg/SMX', path: 'battery/power/setpoint', value: 100 },
    { writer: '/PROFESS/SMX', path: 'battery/power/setpoint', value: -50 },
  ]);
});

it('a broker that is gone, and one where nothing comes, are said to be so', () => {
  const driver = open();
  expect(driver.state).toEqual({ isOpen: true, isUp: false, text: 'waiting for what the router tells' });
  now += 31_000;
  expect(driver.state.text).toMatch(/nothing comes on \/ER\/SMX\/#; check that the router is on/);
  status = 'connecting';
  expect(driver.state).toEqual({ isOpen: false, isUp: false, text: 'no broker there' });
});

it.each(['one', 'three'] as Phases[])(
  'the topics of %s phases are of one router each, and say what they are',
  (phases) => {
    const { commands, measures } = topicsOf(phases);
    for (const each of [commands, measures]) expect(new Set(each.map(({ topic }) => topic)).size).toBe(each.length);
    const { capabilities } = open({ phases });
    expect(
      [...capabilities.setpoints.keys()].every((path) => path.endsWith('setpoint') || path.includes('setpoint/l')),
    ).toBe(true);
    expect(capabilities.setpoints.get('battery/power/setpoint')).toEqual({ min: -1728, max: 1728 });
    expect(capabilities.shown.has('battery/power/setpoint')).toBe(phases === 'one');
  },
);
