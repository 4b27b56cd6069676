import { S1Wire } from '../test-support/s1-wire.js';
import type { WeekReport } from './week/report.js';

/** One phase at 2,000 samples a second: the least there is to take, for it is for minutes. */
const FORMAT = { meterId: '1SAG1100000292', phases: 1, wires: 2, neutralMeasured: false, samplesPerPeriod: null, samplesPerSecond: 2000 } as const; // prettier-ignore
const TWO = Date.UTC(2026, 0, 14, 14);

it('ten minutes of waves give a voltage, Pst, and their place in the week, which a restart keeps; two hours of which little is known say so', async () => {
  const wire = await new S1Wire(TWO - 601_000).open({ invert: false }, { format: FORMAT });
  await wire.run(610, 0.25);
  const { values, definitions } = wire.harness.seen;
  expect(Math.abs(Number(wire.value('pq/voltage/l1')) - 230.1)).toBeLessThan(0.1);
  expect(values.get('s1/pq/voltage/l1')).toMatchObject({ quality: 'good', reason: undefined });
  expect(Number(wire.value('pq/pst/l1'))).toBeLessThan(0.2);
  expect(definitions.get('s1/pq/plt/l1')).toMatchObject({ unit: '1' });
  const plt = values.get('s1/pq/plt/l1');
  expect(plt?.quality).not.toBe('good');
  expect(wire.value('pq/week/voltage/l1')).toBe(100);
  const { running, past, timezone } = (await wire.harness.call('week')) as { running: WeekReport; past: WeekReport[]; timezone: string }; // prettier-ignore
  expect({ past, timezone }).toEqual({ past: [], timezone: 'Europe/Rome' });
  expect(running).toMatchObject({ week: '2026-W03', verdict: 'incomplete', isOver: false });
  const counted = (quantity: string): number => running.limits.find((limit) => limit.quantity === quantity)!.counted;
  expect(counted('voltage')).toBe(1);
  expect(counted('flicker')).toBe(0);
  expect(counted('frequency')).toBeGreaterThanOrEqual(59);
  expect(running.intervals['2-hour'].unmeasured).toBe(1);
  // higher orders that have a limit are beyond what 2,000 samples a second carry
  expect(Math.max(...running.limits.map(({ order }) => order ?? 0))).toBe(19);
  await wire.close();
  const kept = wire.harness.seen.state.get('week');
  expect(kept).toMatchObject({ span: { name: '2026-W03' } });

  const again = await new S1Wire(TWO + 3_600_000).open({ invert: false }, { format: FORMAT, state: { week: kept } });
  await again.run(2);
  const report = (await again.harness.call('week')) as { running: WeekReport };
  expect(report.running.limits.find(({ quantity }) => quantity === 'voltage')!.counted).toBe(1);
  await again.close();
}, 120_000);
