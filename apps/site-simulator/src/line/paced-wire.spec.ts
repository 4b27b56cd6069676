import { VirtualClock } from '@smx-edge/model';
import { PacedWire } from './paced-wire.js';

describe('one direction of a line', () => {
  let clock: VirtualClock;
  let arrived: { readonly at: number; readonly bytes: number }[];
  let wire: PacedWire;

  beforeEach(() => {
    clock = new VirtualClock(0);
    arrived = [];
    const begun = clock.monotonic();
    wire = new PacedWire(clock, ({ length }) => arrived.push({ at: clock.monotonic() - begun, bytes: length }));
  });

  const bytesBy = (ms: number): number =>
    arrived.filter(({ at }) => at <= ms).reduce((sum, { bytes }) => sum + bytes, 0);
  const pass = (ms: number): void => {
    for (let i = 0; i < ms; i++) clock.advance(1);
  };

  it('of no speed gives bytes on at once', () => {
    wire.push(new Uint8Array(1000));
    expect(bytesBy(0)).toBe(1000);
  });

  it('gives no byte before its time, ten bits each, however often it is fed', () => {
    wire.baud = 9600;
    for (let i = 0; i < 12; i++) wire.push(new Uint8Array(80));
    pass(1010);
    for (const ms of [10, 250, 500, 990]) expect(bytesBy(ms)).toBeLessThanOrEqual((ms + 1) * 0.96);
    expect(bytesBy(490)).toBeGreaterThan(0.96 * 490 - 18);
    expect([bytesBy(1001), wire.bytes]).toEqual([960, 960]);
  });

  it('waits, lets bytes come one by one, and tells when the last is there', () => {
    let end = NaN;
    wire.push(new Uint8Array(5), { wait: 100, gap: 10, then: () => (end = arrived.length) });
    pass(99);
    expect(arrived).toEqual([]);
    pass(60);
    expect(arrived.map(({ bytes }) => bytes)).toEqual([1, 1, 1, 1, 1]);
    expect([arrived[0]!.at >= 110, arrived[4]!.at >= 150, end]).toEqual([true, true, 5]);
  });

  it('loses what is on its way where it is cleared', () => {
    wire.baud = 300;
    wire.push(new Uint8Array(100));
    pass(1000);
    const before = bytesBy(1000);
    expect(before).toBeGreaterThan(0);
    wire.clear();
    pass(3000);
    expect(bytesBy(5000)).toBe(before);
  });
});
