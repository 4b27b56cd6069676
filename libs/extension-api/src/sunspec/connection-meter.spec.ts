import { givenBy } from './connection-meter.js';
import type { SunSpecPoint } from './part-points.js';

const point = (path: string, value: number | string | null): SunSpecPoint => ({ path, unit: null, value, quality: value === null ? 'bad' : 'good' }); // prettier-ignore

it.each([
  [-4200, 'mppt', 4200],
  [3000, 'mppt', -3000],
  [0, 'standby', 0],
  // what sleeps gives nothing, whether it says so or not
  [null, 'sleeping', 0],
  [null, 'off', 0],
  // of what runs and shows nothing nobody knows
  [null, 'mppt', undefined],
  [null, 'standby', undefined],
])('an inverter with %j W in the load convention that is %s gives %j W', (power, status, given) => {
  expect(givenBy({ kind: 'inverter', points: [point('power/active', power), point('status', status)] })).toBe(given);
});
