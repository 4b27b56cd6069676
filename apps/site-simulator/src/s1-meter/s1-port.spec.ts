import { connect } from 'node:net';
import { P1Decoder } from '@smx-edge/protocols/p1';
import { S1Rig } from '../../test-support/s1-rig.js';
import { until } from '../../test-support/listener.js';
import type { SecondTruth } from './truth.js';

/** A working day in winter when a family cooks, and a sunny noon. */
const EVENING = '2026-01-14T17:40:00Z';
const NOON = '2026-06-20T11:00:00Z';

/** Whole seconds of the wave with the sample behind each. */
function secondsOf({ port }: S1Rig): (SecondTruth & { readonly end: number })[] {
  const { seconds } = port.truth;
  return seconds.slice(0, -1).map((each, i) => ({ ...each, end: seconds[i + 1]!.sample }));
}

const sum = (list: readonly number[]): number => list.reduce((all, one) => all + one, 0);
/** 0.5 % of what is true, and what the steps of 1 mA and parts of a period leave. */
const near = (is: number, truth: number): void => expect(Math.abs(is - truth)).toBeLessThan(0.005 * Math.abs(truth) + 0.3); // prettier-ignore

describe('the wave of an S1 port', () => {
  let rig: S1Rig;
  afterEach(() => rig.close());

  it.each([
    ['in the evening', EVENING],
    ['while the sun shines', NOON],
  ])('carries the power, voltage and frequency that the P1 port of the house tells, %s', async (_, start) => {
    rig = await S1Rig.open(start, {}, { battery: false });
    const told = new Map<number, number[]>();
    const decoder = new P1Decoder({
      onTelegram: (telegram) => void told.set(telegram.time, ['l1', 'l2', 'l3'].map((phase) => Number(telegram.get(`power/active/${phase}`)))), // prettier-ignore
    });
    const p1 = connect(rig.site.meters.get('p1')!.address).on('data', (bytes: Buffer) => decoder.push(bytes));
    await until(() => rig.site.meters.get('p1')!.clients === 1);
    await rig.pass(40_000);
    await until(() => told.size >= 40);
    p1.destroy();
    const { reader } = rig;
    expect(reader.counts.missing).toBe(0);
    expect(reader.format).toMatchObject({ phases: 3, wires: 4, neutralMeasured: true, samplesPerPeriod: 52 });
    let compared = 0;
    for (const { t, sample, end, watt, voltage } of secondsOf(rig)) {
      for (const phase of [0, 1, 2]) {
        near(reader.power(phase, sample, end), watt[phase]!);
        expect(Math.abs(reader.rms(phase, sample, end) / voltage[phase]! - 1)).toBeLessThan(5e-4);
        const tells = told.get(t)?.[phase];
        if (tells === undefined) continue;
        near(reader.power(phase, sample, end), tells);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(100);
    expect(rig.site.house.pv.power > 1000).toBe(start === NOON);
    if (start === NOON) expect(reader.power(0, 0, 2600)).toBeLessThan(-500);
    for (const { frequency } of secondsOf(rig)) expect(reader.frequencies).toContain(Math.round(frequency * 1000) / 1000); // prettier-ignore
    const neutral = reader.samples[1000]!;
    expect(neutral[6]).toBeCloseTo(neutral[3]! + neutral[4]! + neutral[5]!, 2);
  });

  it('has three phases without a neutral, whose two voltages and currents give the power of the house', async () => {
    rig = await S1Rig.open(EVENING, { connection: 'three-wire' });
    await rig.pass(10_000);
    const { reader } = rig;
    expect(reader.format).toMatchObject({ phases: 3, wires: 3, neutralMeasured: false });
    for (const { sample, end, watt, voltage } of secondsOf(rig)) {
      near(reader.power(0, sample, end) + reader.power(2, sample, end), sum(watt));
      expect(Math.abs(reader.rms(0, sample, end) / voltage[0]! - 1)).toBeLessThan(5e-4);
      expect(reader.rms(1, sample, end)).toBe(0);
    }
    for (let n = 0; n < 500; n++) expect(sum([...reader.samples[n]!.slice(3, 6)])).toBeCloseTo(0, 2);
  });

  it('has the whole house on one phase, samples by its own clock, and counts the other way', async () => {
    rig = await S1Rig.open(EVENING, { connection: 'single-phase', samplesPerSecond: 4200, inverted: true });
    await rig.pass(5000);
    const { reader } = rig;
    expect(reader.format).toMatchObject({ phases: 1, wires: 2, samplesPerPeriod: null, samplesPerSecond: 4200 });
    for (const { sample, end, watt } of secondsOf(rig)) {
      expect(end - sample).toBe(4200);
      near(-reader.power(0, sample, end), sum(watt));
    }
    expect(reader.samples.length).toBeGreaterThan(20_000);
  });

  it('carries harmonics of the street and of appliances, none beyond half the rate', async () => {
    rig = await S1Rig.open(EVENING, { harmonics: { '5': 4, '25': 1 }, flicker: 0, samplesPerPeriod: 40 });
    await rig.pass(3000);
    const part = (channel: number, order: number): number => {
      const parts = [Math.cos, Math.sin].map((of) => {
        let n = 0;
        return rig.reader.mean(0, 4000, (sample) => sample[channel]! * of((2 * Math.PI * order * n++) / 40));
      });
      return Math.hypot(...parts);
    };
    expect(part(0, 5) / part(0, 1)).toBeCloseTo(0.04, 3);
    expect(part(0, 3) / part(0, 1)).toBeLessThan(1e-3);
    expect(part(0, 15) / part(0, 1)).toBeLessThan(1e-3);
    expect(part(3, 3) / part(3, 1)).toBeGreaterThan(0.005);
  });

  it('shows appliances that begin, with their inrush and without its energy', async () => {
    rig = await S1Rig.open('2026-01-14T16:29:50Z', {}, { battery: false, pv: 0 });
    const { port, reader } = rig;
    for (
      let i = 0;
      i < 50 && !port.truth.switchings.some(({ appliance, to }) => appliance === 'light' && to.watt[1]! > 0);
      i++
    )
      // prettier-ignore
      await rig.pass(1000);
    await rig.pass(2000);
    const light = port.truth.switchings.find(({ appliance }) => appliance === 'light')!;
    const { sample, from, to } = light;
    expect([from.watt[1], to.watt[1]]).toEqual([0, 210]);
    // by how much a period differs from one ten periods later
    const differs = (begin: number): number =>
      Math.max(...Array.from({ length: 52 }, (_, n) => Math.abs(reader.samples[begin + n]![4]! - reader.samples[begin + n + 520]![4]!))); // prettier-ignore
    expect(differs(sample)).toBeGreaterThan(4);
    expect(differs(sample + 520)).toBeLessThan(0.1);
    expect(reader.power(1, sample, sample + 2600) - reader.power(1, sample - 2600, sample)).toBeCloseTo(210, -1);
    const before = secondsOf(rig);
    for (const each of before) near(reader.power(1, each.sample, each.end), each.watt[1]!);
    expect(rig.say({ do: 'tell', meter: 's1', since: light.t })).toMatchObject({
      truth: { switchings: [{ appliance: 'light', sample, t: light.t }], frames: { loss: 0 } },
    });
  });
});
