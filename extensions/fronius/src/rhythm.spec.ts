import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';
import { rhythmOf } from './rhythm.js';
import { settingsOf } from './settings.js';
import type { DevicePart } from './site/site-devices.js';

const part = (kind: DevicePart['kind'], values: Record<string, number | null>, more: Partial<DevicePart> = {}): DevicePart => ({
  ...{ kind, number: '1', serials: [], maxAge: 1 },
  points: Object.entries(values).map(([path, value]): SunSpecPoint => ({ path, value, unit: 'W', quality: 'good' })),
  ...more,
}); // prettier-ignore
const API = { api: 'http://h' };
const BOTH = { ...API, source: 'modbus://h' };
const settle = (...[way, what, config]: [Parameters<typeof rhythmOf>[0], DevicePart, object]): number =>
  rhythmOf(way, what, settingsOf(config)).settle / 60_000;

describe('for how long counters are waited for', () => {
  it.each([
    ['a night where a register counts', part('pv', { power: -1, 'energy/produced': 5 }), 36 * 60],
    ['a night where it may count by day', part('pv', { power: null, 'energy/produced': null }), 36 * 60],
    ['a minute where it does not count by day', part('pv', { power: -1, 'energy/produced': null }), 1],
    ['a minute where there is none', part('battery', { power: 1 }), 1],
    ['a night for an inverter, which has one', part('inverter', { 'power/active': 0 }), 36 * 60],
  ])('is %s', (_, what, minutes) => expect(settle('modbus', what, BOTH)).toBe(minutes));

  it('is an hour where the registers were not read yet, and two minutes where there are none', () => {
    expect(settle('api', part('pv', { power: -1 }), BOTH)).toBe(60);
    expect(settle('api', part('pv', { power: -1 }), API)).toBe(2);
  });

  it('goes with how often the powers come', () => {
    const period = (what: DevicePart, config: object): number =>
      rhythmOf('api', what, settingsOf(config)).period / 1000;
    expect(period(part('meter', {}, { place: 'feed-in' }), API)).toBe(10);
    expect(period(part('meter', {}, { place: 'sub-load' }), API)).toBe(60);
    expect(period(part('pv', {}), { source: 'modbus://h', poll: '2s' })).toBe(2);
  });
});

describe('a config', () => {
  it.each([
    [{ api: 'http://h', 'api-poll': '10ms' }, /api-poll: 200ms or more/],
    [{ source: 'modbus://h', poll: '1ms' }, /poll: 200ms or more/],
    [{ source: 'modbus://h', revert: '5s' }, /revert: 60s to 8h, or 0s/],
    [{ source: 'modbus://h', 'write-interval': '100ms' }, /write-interval: 1s to 10s/],
    [{ api: 'ftp://h' }, /no address of a Solar API/],
  ])('%j is refused with what is expected', (config, text) => expect(() => settingsOf(config)).toThrow(text));

  it('has one host where both ways name the same', () => {
    expect(settingsOf({ api: 'http://192.0.2.1:80', source: 'modbus://192.0.2.1:502' }).isOneHost).toBe(true);
    expect(settingsOf({ api: 'http://192.0.2.1', source: 'modbus://192.0.2.2' }).isOneHost).toBe(false);
    expect(settingsOf({ api: 'http://192.0.2.1', source: 'modbus+rtu:/dev/ttyUSB0' }).isOneHost).toBe(false);
  });
});
