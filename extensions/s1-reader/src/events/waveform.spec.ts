import type { Stretch } from '../samples/ring.js';
import { channelsOf } from '../samples/wiring.js';
import { waveformOf } from './waveform.js';

const stretch = (voltage: readonly (readonly number[])[]): Stretch => ({
  start: 1000.12345,
  rate: 2600,
  voltage: voltage.map((samples) => Float32Array.from(samples)),
  current: [Float32Array.from([1, 2])],
});

describe('a wave', () => {
  it('without a neutral has the three voltages between phases, named as points are', () => {
    const channels = channelsOf({ phases: 3, wires: 3, neutralMeasured: false } as never);
    // phase 2 is what is measured against: 1-2 and 3-2
    const { voltage } = waveformOf(
      stretch([
        [300, 10, NaN],
        [0, 0, 0],
        [-100, 50, 4],
      ]),
      channels,
    );
    expect(voltage).toEqual({ 'l1-l2': [300, 10, null], 'l3-l1': [-400, 40, null], 'l2-l3': [100, -50, -4] });
    expect(Object.keys(voltage)).toEqual(channels.voltages);
  });

  it('with one has the phases', () => {
    const channels = channelsOf({ phases: 3, wires: 4, neutralMeasured: false } as never);
    const { voltage, current, start } = waveformOf(
      stretch([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      channels,
    );
    expect(voltage).toEqual({ l1: [1, 2], l2: [3, 4], l3: [5, 6] });
    expect(current).toEqual({ l1: [1, 2] });
    expect(start).toBe(1000.123);
  });
});
