import { EnergySeries, type Device } from '@smx-edge/extension-api';
import { silentLog, VirtualClock } from '@smx-edge/model';
import { medianOf, type Bench, type BenchRow } from './row.js';
import { cpuRate } from './support/cpu.js';
import { hasRecordedPower, integrateRecorded } from './support/recorded-power.js';

const ROUNDS = 5;

type Row = BenchRow & { readonly better: 'more' | 'less' };

/** Samples per second that a series takes, from one side of zero to the other. */
async function taken(): Promise<number> {
  const clock = new VirtualClock();
  const device = { name: 'pcc', point: () => undefined, set: () => undefined } as unknown as Device;
  const box = {
    ...{ log: silentLog, every: () => ({ dispose: () => undefined }), onStop: () => undefined },
    state: { get: () => Promise.resolve(undefined), set: () => Promise.resolve() },
  };
  const series = await EnergySeries.open(box, device, { positive: 'a', negative: 'b', period: '1s', clock });
  let i = 0;
  return cpuRate(() => {
    clock.advance(1000);
    series.take(i++ % 2 === 0 ? 1000 : -500);
  });
}

/** The same area without split, sum or gap: what any integral does. */
function bare(): number {
  const clock = new VirtualClock();
  let [area, before, last, i] = [0, 0, clock.monotonic(), 0];
  return cpuRate(() => {
    clock.advance(1000);
    const now = clock.monotonic();
    const power = i++ % 2 === 0 ? 1000 : -500;
    area += ((before + power) / 2) * (now - last);
    [before, last] = [power, now];
    if (Number.isNaN(area)) throw new Error('no area');
  });
}

async function run(): Promise<readonly Row[]> {
  const figure = await medianOf(ROUNDS, taken);
  const limit = await medianOf(ROUNDS, bare);
  const rate: Row = {
    name: 'energy: samples of power integrated, beside a bare trapezoid',
    ...{ figure, unit: 'samples/s', target: 100_000, limit, better: 'more' },
  };
  if (!hasRecordedPower()) return [rate];
  const { consumed, net } = await integrateRecorded();
  const share = (name: string, value: number, target: number): Row => ({
    name: `energy: recorded power of 60 s, ${name} off from the meter's counters`,
    ...{ figure: Math.abs(value), unit: '%', target, limit: null, better: 'less' },
  });
  return [rate, share('A+', consumed, 1.5), share('net', net, 1)];
}

export const bench: Bench = { name: 'energy', run };
