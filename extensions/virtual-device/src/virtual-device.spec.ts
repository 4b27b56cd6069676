import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualClock } from '@smx-edge/model';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { Battery } from './battery.js';
import device, { type VirtualConfig } from './index.js';

const schema = JSON.parse(readFileSync(join(__dirname, '../config.schema.json'), 'utf8')) as {
  properties: Record<string, { default: unknown }>;
};
const DEFAULTS = Object.fromEntries(
  Object.entries(schema.properties).map(([key, value]) => [key, value.default]),
) as unknown as VirtualConfig;
/** Two in the morning. */
const NIGHT = Date.UTC(2026, 5, 1, 2);

describe('virtual device', () => {
  let clock: VirtualClock;
  let run: Harness;

  const begin = async (config: Partial<VirtualConfig> = {}, state = {}): Promise<void> => {
    clock = new VirtualClock(NIGHT);
    run = runExtension(device, { config: { ...DEFAULTS, ...config }, clock, state });
    await run.until(() => run.seen.values.get('sensor/temperature') !== undefined && run.seen.statuses.length > 0);
  };
  const value = (path: string): unknown => run.seen.values.get(path)?.value;
  const pass = (seconds: number): void => {
    for (let i = 0; i < seconds; i++) clock.advance(1000);
  };
  /** Handles are answered in later turns, so a value may be on its way. */
  const comes = (path: string, expected: unknown): Promise<void> => run.until(() => value(path) === expected);

  afterEach(async () => {
    await run.stop();
    expect(run.seen.exceptions).toEqual([]);
    expect(run.seen.refused).toEqual([]);
  });

  test('shows both devices, and a temperature that follows the day', async () => {
    await begin();
    expect([...run.seen.devices.values()].map(({ name, kind }) => [name, kind])).toEqual([
      ['sensor', 'sensor'],
      ['battery', 'battery'],
    ]);
    expect(value('sensor/temperature')).toBe(16);
    await comes('battery/state', 'idle');
    expect(run.seen.definitions.get('battery/power/setpoint')).toMatchObject({
      unit: 'W',
      kind: 'setpoint',
      setpoint: { min: -5000, max: 5000, default: 0, verify: 'power' },
    });
    clock.advance(12 * 3600 * 1000);
    await comes('sensor/temperature', 24);
  });

  test('keeps a row of its load profile at the end of each quarter of an hour, and gives a file on demand', async () => {
    await begin();
    pass(2 * 900);
    await run.until(() => run.seen.profiles.rows('battery/load').length === 2);
    expect(run.seen.profiles.rows('battery/load')).toEqual([
      [NIGHT + 900_000, 0, '0.0', '0.0'],
      [NIGHT + 1_800_000, 0, '0.0', '0.0'],
    ]);
    await run.call('report');
    expect(run.seen.events).toMatchObject([{ device: 'battery', code: 'report', files: [{ name: 'battery.json' }] }]);
  });

  test('obeys a command at its ramp, and goes back to the default', async () => {
    await begin();
    await expect(run.command('battery/power/setpoint', -2000)).resolves.toEqual({ outcome: 'applied', value: -2000 });
    pass(1);
    await comes('battery/power', -500);
    await comes('battery/power/setpoint', -2000);
    pass(3);
    await comes('battery/power', -2000);
    expect(value('battery/state')).toBe('discharging');
    await expect(run.release('battery/power/setpoint')).resolves.toEqual({ outcome: 'applied', value: 0 });
    pass(4);
    await comes('battery/power', 0);
    expect(value('battery/energy/discharged')).toBeGreaterThan(0);
  });

  test('clamps what is beyond its limit, ignores and refuses when told to', async () => {
    await begin({ limit: 1000 });
    await expect(run.command('battery/power/setpoint', 4000)).resolves.toEqual({ outcome: 'clamped', value: 1000 });
    await expect(run.call('behave', { answer: 'ignore' })).resolves.toEqual({ answer: 'ignore' });
    await expect(run.command('battery/power/setpoint', 500)).resolves.toEqual({ outcome: 'ignored' });
    pass(10);
    await comes('battery/power', 1000);
    await run.call('behave', { answer: 'refuse' });
    await expect(run.command('battery/power/setpoint', 500)).resolves.toMatchObject({
      outcome: 'refused',
      code: 'VIRTUAL_REFUSED',
    });
    await run.call('behave', { answer: 'obey' });
    await expect(run.command('battery/power/setpoint', 'much')).resolves.toMatchObject({ outcome: 'refused' });
    await expect(run.command('battery/power/setpoint', 500)).resolves.toEqual({ outcome: 'applied', value: 500 });
  });

  test('goes on where it was', async () => {
    await begin();
    await run.command('battery/power/setpoint', 3000);
    pass(600);
    await run.stop();
    const kept = run.seen.state.get('battery') as { soc: number };
    expect(kept.soc).toBeGreaterThan(55);
    await begin({ soc: 1 }, { battery: kept });
    await comes('battery/soc', kept.soc);
  });
});

test('a battery never holds more than it can or less than nothing, and its energies balance', () => {
  const battery = new Battery({ capacity: 100, limit: 5000, ramp: 5000 }, { soc: 50, charged: 0, discharged: 0 });
  battery.aim(5000);
  for (let i = 0; i < 200; i++) battery.step(1);
  expect(battery.memory.soc).toBeCloseTo(100);
  expect(battery.memory.charged).toBeCloseTo(50);
  expect([battery.power, battery.state]).toEqual([0, 'full']);
  battery.aim(-9000);
  expect(battery.target).toBe(-5000);
  for (let i = 0; i < 200; i++) battery.step(1);
  expect(battery.memory.soc).toBeCloseTo(0);
  expect(battery.memory.discharged).toBeCloseTo(100);
  expect(battery.state).toBe('empty');
});
