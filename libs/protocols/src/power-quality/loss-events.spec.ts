import fc from 'fast-check';
import { measure } from '../../test-support/measured.js';
import { house, WaveSource, type Wave } from '../../test-support/wave.js';
import { PowerQuality, type PowerQualityEvent } from './index.js';

const BEGIN = Date.UTC(2026, 0, 12, 9);
const RATE = 2600;
const clean = house(RATE, () => 49.93);
const wave: Wave = { ...clean, voltage: clean.voltage.map((channel) => ({ ...channel, rms: 230 })) };
const rms = 230 * Math.sqrt(1 + clean.voltage[0]!.harmonics!.reduce((sum, [, share]) => sum + share ** 2, 0));

const stepped = (level: number, from: number, to: number): Wave => ({
  ...wave,
  envelope: (t) => (t >= from && t < to ? level : 1),
});

/** Whether a frame is lost, of 0.1 %, always the same for a seed. */
function losses(seed: number, length: number): (n: number) => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 < (0.001 * SIZE) / length ? length : 0;
  };
}
const SIZE = 13;

describe('a dip while samples are lost', () => {
  it('one in a thousand of them, alone or some in a row, is told with its depth within 0.5 % and its duration within 10 ms', () => {
    let flagged = 0;
    fc.assert(
      fc.property(
        fc.double({ min: 0.06, max: 0.86, noNaN: true }),
        fc.double({ min: 0.8, max: 0.84, noNaN: true }),
        fc.double({ min: 0.04, max: 0.6, noNaN: true }),
        fc.constantFrom(1, 1, 3, 6),
        fc.nat(),
        (level, from, duration, length, seed) => {
          const { events } = measure(stepped(level, from, from + duration), {
            ...{ seconds: from + duration + 0.3, begin: BEGIN, size: SIZE, lost: losses(seed, length) },
          });
          expect(events.map(({ kind }) => kind)).toEqual(['dip']);
          const [dip] = events as [PowerQualityEvent];
          expect(Math.abs(dip.depth - (1 - (level * rms) / 230))).toBeLessThan(5e-3);
          expect(Math.abs(dip.duration - duration)).toBeLessThan(0.01);
          expect(Math.abs(dip.start - BEGIN - from * 1000)).toBeLessThan(10);
          if (dip.isFlagged) flagged++;
        },
      ),
      { numRuns: 60 },
    );
    expect(flagged).toBeGreaterThan(5);
    expect(flagged).toBeLessThan(60);
  }, 120_000);

  it.each([
    ['before it', 0.94, 0.05],
    ['over its begin', 0.97, 0.05],
    ['within it', 1.1, 0.1],
    ['over its end', 1.27, 0.06],
  ])('a stretch of them %s, is told and flagged, with its depth within 0.5 %%', (_, from, length) => {
    const [dip, ...others] = lossyDip(from, length);
    expect(others).toEqual([]);
    expect(dip).toMatchObject({ kind: 'dip', isFlagged: true });
    expect(Math.abs(dip!.depth - (1 - (0.6 * rms) / 230))).toBeLessThan(5e-3);
    expect(Math.abs(dip!.duration - 0.3)).toBeLessThan(length + 0.01);
  });

  it('far from them, is not flagged', () => {
    expect(lossyDip(0.6, 0.05)).toMatchObject([{ kind: 'dip', isFlagged: false }]);
  });

  it('and its end is among them, is told as far as it was seen', () => {
    const [dip, ...others] = lossyDip(1.15, 0.5);
    expect(others).toEqual([]);
    expect(dip).toMatchObject({ kind: 'dip', isFlagged: true });
    expect(Math.abs(dip!.depth - (1 - (0.6 * rms) / 230))).toBeLessThan(5e-3);
    expect(dip!.duration).toBeGreaterThan(0.1);
    expect(dip!.duration).toBeLessThan(0.15);
  });
});

/** Events of a dip to 60 % from 1 s to 1.3 s, with samples lost from a time for so long. */
function lossyDip(from: number, length: number): readonly PowerQualityEvent[] {
  const first = Math.round((from * RATE) / SIZE);
  const lost = (n: number): number => (n === first ? Math.round(length * RATE) : 0);
  return measure(stepped(0.6, 1, 1.3), { seconds: 2, begin: BEGIN, size: SIZE, lost }).events;
}

it('samples whose number is told wrongly are no event: only a doubt, if they look like one', () => {
  for (let wrong = -26; wrong <= 26; wrong += 2) {
    const told: PowerQualityEvent[] = [];
    const begun: string[] = [];
    const meter = new PowerQuality(
      { wiring: '4-wire', rate: RATE },
      { onEvent: (event) => told.push(event), onEventBegin: ({ kind }) => begun.push(kind) },
    );
    const source = new WaveSource(wave, BEGIN, 130);
    for (let n = 0; source.seconds < 2; n++) {
      const block = source.next(undefined, n === 15 ? 100 : 0);
      if (n === 15) block.lost += wrong;
      meter.push(block);
    }
    expect([told, begun]).toEqual([[], []]);
  }
});
