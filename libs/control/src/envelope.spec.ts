import { LiveTable } from '@smx-edge/datastore';
import { VirtualClock } from '@smx-edge/model';
import { Envelope, type EnvelopeOptions } from './envelope.js';

const IMPORT = 'box/limit/import';
const EXPORT = 'box/limit/export';
const MINUTE = 60_000;

let clock: VirtualClock;
let live: LiveTable;
let envelope: Envelope;
/** Whether the fail-safe holds, each time it was told. */
let told: boolean[];
let changes: number;

function open(limits: EnvelopeOptions['limits']): void {
  clock = new VirtualClock(Date.UTC(2026, 0, 1));
  live = new LiveTable({ clock });
  told = [];
  changes = 0;
  envelope = new Envelope({
    ...{ live, limits, clock },
    changed: () => changes++,
    told: (holds) => told.push(holds),
  });
  envelope.start();
}

afterEach(() => {
  envelope.close();
  live.close();
});

const shown = (path: string): unknown => live.value(live.handleOf(path)!);

describe('the envelope', () => {
  test('is bounded by the connection, shows what holds, and is that of the config again when it is released', () => {
    open({ import: 9200, export: 5000 });
    expect(live.definition(live.handleOf(IMPORT)!)?.setpoint).toMatchObject({ min: 0, max: 9200, default: 9200 });
    expect([shown(IMPORT), shown(EXPORT)]).toEqual([9200, 5000]);
    expect(envelope.put(IMPORT, 3000)).toEqual({ outcome: 'applied', value: 3000 });
    expect(envelope.bounds).toEqual({ min: -Infinity, max: 3000 });
    expect(envelope.put(EXPORT, 0)).toEqual({ outcome: 'applied', value: 0 });
    expect(envelope.bounds.min).toBeCloseTo(0);
    expect([shown(IMPORT), shown(EXPORT)]).toEqual([3000, 0]);
    envelope.put(IMPORT, undefined);
    envelope.put(EXPORT, undefined);
    expect([shown(IMPORT), shown(EXPORT)]).toEqual([9200, 5000]);
    expect(changes).toBe(4);
  });

  test('without limits in the config shows nothing, never 0', () => {
    open({});
    expect([shown(IMPORT), shown(EXPORT)]).toEqual([null, null]);
    expect(envelope.bounds).toEqual({ min: -Infinity, max: Infinity });
  });

  test('takes numbers only, and only at its two set-points', () => {
    open({ import: 9200 });
    expect(envelope.put(IMPORT, 'much')).toMatchObject({ outcome: 'refused', code: 'SMX_POINT_TYPE' });
    expect(envelope.put('box/limit/heat', 1)).toMatchObject({ outcome: 'refused', code: 'SMX_POINT_UNKNOWN' });
    expect(shown(IMPORT)).toBe(9200);
  });
});

describe('the fail-safe', () => {
  const failsafe = { import: 4200, export: 0, after: 2 * MINUTE, for: 120 * MINUTE };

  test('holds after the silence of the grid for its time, and not a moment longer', () => {
    open({ import: 9200, export: 5000, failsafe });
    clock.advance(2 * MINUTE - 1);
    expect(shown(IMPORT)).toBe(9200);
    clock.advance(1);
    expect([shown(IMPORT), shown(EXPORT)]).toEqual([4200, 0]);
    clock.advance(120 * MINUTE - 1);
    expect(envelope.bounds.max).toBe(4200);
    clock.advance(1);
    expect([shown(IMPORT), shown(EXPORT)]).toEqual([9200, 5000]);
    expect(told).toEqual([true, false]);
  });

  test('never begins while the grid is heard, and ends with the first sign of life', () => {
    open({ import: 9200, failsafe });
    for (let i = 0; i < 10; i++) {
      clock.advance(MINUTE);
      envelope.heard();
    }
    expect(told).toEqual([]);
    clock.advance(3 * MINUTE);
    expect(shown(IMPORT)).toBe(4200);
    envelope.heard();
    expect(shown(IMPORT)).toBe(9200);
    expect(told).toEqual([true, false]);
    // and the silence counts anew
    clock.advance(2 * MINUTE);
    expect(told).toEqual([true, false, true]);
  });

  test('does not widen a tighter limit that was set, which goes on after it', () => {
    open({ import: 9200, failsafe });
    envelope.put(IMPORT, 1000);
    clock.advance(2 * MINUTE);
    expect(shown(IMPORT)).toBe(1000);
    envelope.put(IMPORT, 6000);
    expect(shown(IMPORT)).toBe(4200);
    envelope.heard();
    expect(shown(IMPORT)).toBe(6000);
  });

  test('is not there where the config has none', () => {
    open({ import: 9200 });
    clock.advance(1000 * MINUTE);
    expect(told).toEqual([]);
    expect(shown(IMPORT)).toBe(9200);
  });
});
