import {
  BAD,
  GOOD,
  SampleBatch,
  SmxError,
  STALE,
  UNCERTAIN,
  VirtualClock,
  type CatalogueChange,
  type PointDefinition,
} from '@smx-edge/model';
import * as fc from 'fast-check';
import { LiveTable } from './live-table.js';

const point = (path: string, more: Partial<PointDefinition> = {}): PointDefinition => ({
  path,
  device: path.split('/')[0]!,
  instance: 'p1',
  unit: null,
  type: 'number',
  kind: 'measurement',
  maxAge: 10_000,
  ...more,
});

function setUp(): {
  clock: VirtualClock;
  live: LiveTable;
  put: (handle: number, value: number, t?: number, quality?: number) => void;
} {
  const clock = new VirtualClock();
  const live = new LiveTable({ clock });
  const batch = new SampleBatch();
  return {
    clock,
    live,
    put(handle, value, t = clock.now(), quality = GOOD) {
      batch.clear(clock.now());
      const i = batch.add(handle);
      batch.number[i] = value;
      batch.t[i] = t;
      batch.quality[i] = quality;
      live.ingest(batch);
    },
  };
}

const codeOf = (fn: () => unknown): string | undefined => {
  try {
    fn();
  } catch (error) {
    return error instanceof SmxError ? error.code : String(error);
  }
  return undefined;
};

describe('catalogue', () => {
  it('keeps the handle of a point through a new definition, a removal and a return', () => {
    const { live } = setUp();
    const changes: CatalogueChange[] = [];
    live.onCatalogue((change) => changes.push(change));
    const a = live.declare(point('pcc/power/active'));
    const b = live.declare(point('pcc/voltage/l1'));
    expect(live.declare(point('pcc/power/active'))).toBe(a);
    expect(live.declare(point('pcc/power/active', { unit: 'W' }))).toBe(a);
    expect(live.definition(a)?.unit).toBe('W');
    live.remove(a);
    live.remove(a);
    expect(live.handleOf('pcc/power/active')).toBeUndefined();
    const c = live.declare(point('pcc/frequency'));
    expect(new Set([a, b, c]).size).toBe(3);
    expect(live.declare(point('pcc/power/active'))).toBe(a);
    expect(changes.map((change) => change.kind)).toEqual(['added', 'added', 'updated', 'removed', 'added', 'added']);
    expect(live.limit).toBe(c + 1);
  });

  it('gives a point that changes its type, or its owner after a removal, a new handle', () => {
    const { live } = setUp();
    const a = live.declare(point('pcc/tariff'));
    const b = live.declare(point('pcc/tariff', { type: 'string' }));
    expect(b).not.toBe(a);
    expect(live.definition(a)).toBeUndefined();
    live.remove(b);
    const c = live.declare(point('pcc/tariff', { instance: 'other' }));
    expect([a, b]).not.toContain(c);
  });

  it('never gives a handle of the store to another point', () => {
    const clock = new VirtualClock();
    const live = new LiveTable({
      clock,
      points: [{ handle: 3, definition: point('pcc/frequency') }],
      removed: [{ handle: 9, definition: point('old/power') }],
    });
    expect(live.handleOf('pcc/frequency')).toBe(3);
    expect(live.declare(point('pcc/frequency'))).toBe(3);
    expect(live.declare(point('pcc/new'))).toBe(10);
    expect(live.former(9)).toEqual(point('old/power'));
    expect(live.declare(point('old/power'))).toBe(9);
    expect([live.former(9), live.former(3)]).toEqual([undefined, undefined]);
    live.remove(9);
    expect(live.former(9)).toEqual(point('old/power'));
  });

  it('knows by its path what a point was, and that one was personal for ever', () => {
    const personal = point('s1/appliance/a3/on', { personal: true, aliases: ['s1/a3'] });
    const live = new LiveTable({ clock: new VirtualClock(), removed: [{ handle: 9, definition: personal }] });
    expect([live.formerAt('s1/appliance/a3/on'), live.formerAt('s1/a3')]).toEqual([personal, personal]);
    live.remove(live.declare(point('s1/appliance/a3/on')));
    expect(live.formerAt('s1/appliance/a3/on')).toEqual(personal);
    live.remove(live.declare(point('pcc/frequency')));
    expect(live.formerAt('pcc/frequency')).toEqual(point('pcc/frequency'));
    expect(live.formerAt('pcc/new')).toBeUndefined();
  });

  it('refuses a path of another instance, and paths and definitions that are none', () => {
    const { live } = setUp();
    live.declare(point('pcc/frequency'));
    expect(codeOf(() => live.declare(point('pcc/frequency', { instance: 'x' })))).toBe('SMX_POINT_OWNED');
    expect(codeOf(() => live.declare(point('Pcc/frequency')))).toBe('SMX_POINT_PATH');
    expect(codeOf(() => live.declare(point('pcc/+')))).toBe('SMX_POINT_PATH');
    expect(codeOf(() => live.declare(point('pcc/a', { aliases: ['no'] })))).toBe('SMX_POINT_PATH');
    expect(codeOf(() => live.declare(point('pcc/a', { device: 'pc' })))).toBe('SMX_POINT_DEFINITION');
    expect(codeOf(() => live.declare(point('pcc/a', { maxAge: NaN })))).toBe('SMX_POINT_DEFINITION');
    expect([...live.points()]).toHaveLength(1);
  });

  it('resolves aliases, and prefers a path over an alias', () => {
    const { live } = setUp();
    const a = live.declare(point('pcc/power/active', { aliases: ['pcc/power'] }));
    expect(live.handleOf('pcc/power')).toBe(a);
    const b = live.declare(point('pcc/power'));
    expect(live.handleOf('pcc/power')).toBe(b);
    live.remove(b);
    expect(live.handleOf('pcc/power')).toBe(a);
    live.declare(point('pcc/power/active'));
    expect(live.handleOf('pcc/power')).toBeUndefined();
  });

  it('tells of devices once per change and takes the points of a removed one away', () => {
    const { live } = setUp();
    const kinds: string[] = [];
    const device = { name: 'pcc', instance: 'p1', kind: 'meter', online: true, since: 1 };
    const a = live.declare(point('pcc/frequency'));
    live.declare(point('pcc2/frequency'));
    live.onCatalogue((change) => kinds.push(change.kind));
    live.setDevice(device);
    live.setDevice({ ...device });
    live.setDevice({ ...device, online: false, reason: 'silent' });
    expect(codeOf(() => live.setDevice({ ...device, instance: 'x' }))).toBe('SMX_POINT_OWNED');
    expect([...live.devices()]).toEqual([{ ...device, online: false, reason: 'silent' }]);
    live.removeDevice('pcc');
    live.removeDevice('pcc');
    expect(kinds).toEqual(['device', 'device', 'removed', 'device-removed']);
    expect(live.definition(a)).toBeUndefined();
    expect([...live.points()]).toHaveLength(1);
  });
});

describe('ingest', () => {
  it('keeps value, times and quality, and hands the very batch on', () => {
    const { live, clock } = setUp();
    const power = live.declare(point('pcc/power/active'));
    const text = live.declare(point('pcc/message', { type: 'string', kind: 'text' }));
    const on = live.declare(point('pcc/online', { type: 'boolean', kind: 'state' }));
    const list = live.declare(point('pcc/peaks', { type: 'numbers' }));
    let seen: SampleBatch | undefined;
    live.subscribe((batch) => (seen = batch));
    const batch = new SampleBatch(1);
    batch.clear(clock.now());
    // the columns may be new after each add
    const i = batch.add(power);
    batch.number[i] = -12.5;
    batch.other.set(batch.add(text), 'hello');
    const k = batch.add(on);
    batch.number[k] = 1;
    batch.other.set(batch.add(list), [1, 2]);
    batch.t[0] = clock.now() - 500;
    live.ingest(batch);
    expect(seen).toBe(batch);
    expect(live.reading(power)).toEqual({ value: -12.5, t: clock.now() - 500, received: clock.now(), quality: GOOD });
    expect([live.value(text), live.value(on), live.value(list)]).toEqual(['hello', true, [1, 2]]);
  });

  it('has null and bad for a point without a value and for one that is gone, and never 0', () => {
    const { live, put } = setUp();
    const a = live.declare(point('pcc/power/active'));
    expect(live.reading(a)).toEqual({ value: null, t: 0, received: 0, quality: BAD, reason: 'no value yet' });
    put(a, 5);
    live.remove(a);
    expect(live.reading(a)).toMatchObject({ value: null, t: 0, quality: BAD });
    expect(live.quality(a)).toBe(BAD);
    expect(live.declare(point('pcc/power/active'))).toBe(a);
    expect(live.reading(a)).toMatchObject({ value: null, t: 0, reason: 'no value yet' });
    expect(live.reading(-1)).toMatchObject({ value: null, quality: BAD });
    expect(live.reading(1e6)).toMatchObject({ value: null, quality: BAD });
  });

  it('turns what does not fit its type into null and bad with a reason, and leaves an honest null alone', () => {
    const { live, put, clock } = setUp();
    const n = live.declare(point('pcc/fuse/current'));
    const b = live.declare(point('pcc/online', { type: 'boolean' }));
    const time = live.declare(point('pcc/peak/at', { type: 'time' }));
    const text = live.declare(point('pcc/message', { type: 'string' }));
    put(n, Infinity);
    expect(live.reading(n)).toMatchObject({ value: null, quality: BAD, reason: expect.any(String) });
    put(n, NaN);
    expect(live.reading(n)).toEqual({ value: null, t: clock.now(), received: clock.now(), quality: GOOD });
    put(b, 2);
    expect(live.reading(b)).toMatchObject({ value: null, quality: BAD });
    put(b, 0);
    expect(live.reading(b)).toMatchObject({ value: false, quality: GOOD });
    put(time, 1.5);
    expect(live.reading(time)).toMatchObject({ value: null, quality: BAD });
    put(text, 7);
    expect(live.reading(text)).toMatchObject({ value: null });
    const batch = new SampleBatch();
    batch.clear(clock.now());
    batch.other.set(batch.add(n), 'seven');
    batch.other.set(batch.add(text), [7]);
    live.ingest(batch);
    expect(live.reading(n)).toMatchObject({ value: null, quality: BAD, reason: 'not a number' });
    expect(live.reading(text)).toMatchObject({ value: null, quality: BAD, reason: 'not a text' });
  });

  it('believes a source time within 10 min of the box clock only', () => {
    const { live, put, clock } = setUp();
    const a = live.declare(point('pcc/power/active'));
    const now = clock.now();
    for (const t of [now - 600_000, now + 600_000]) {
      put(a, 1, t);
      expect(live.reading(a)).toMatchObject({ t, quality: GOOD });
    }
    for (const t of [now - 600_001, now + 600_001, 0, NaN, Infinity]) {
      put(a, 1, t);
      expect(live.reading(a)).toMatchObject({ value: 1, t: now, quality: UNCERTAIN });
      put(a, 1, t, BAD);
      expect(live.reading(a)).toMatchObject({ t: now, quality: BAD });
    }
  });

  it('takes samples of unknown points out and keeps the rest whole', () => {
    const { live, clock } = setUp();
    const a = live.declare(point('pcc/message', { type: 'string' }));
    const b = live.declare(point('pcc/power/active'));
    const gone = live.declare(point('pcc/gone'));
    live.remove(gone);
    const batch = new SampleBatch();
    batch.clear(clock.now());
    batch.add(gone);
    batch.other.set(batch.add(a), 'x');
    batch.add(-5);
    const i = batch.add(b);
    batch.number[i] = 3;
    batch.reason.set(i, 'because');
    batch.add(99_999);
    live.ingest(batch);
    expect([batch.n, live.dropped]).toEqual([2, 3]);
    expect(live.value(a)).toBe('x');
    expect(live.reading(b)).toMatchObject({ value: 3, reason: 'because' });
  });

  it('calls every subscriber even where one throws, and throws its error then', () => {
    const { live, put } = setUp();
    const a = live.declare(point('pcc/power/active'));
    const called: string[] = [];
    live.subscribe(() => {
      called.push('first');
      throw new RangeError('mine');
    });
    const second = live.subscribe(() => called.push('second'));
    expect(() => put(a, 1)).toThrow('mine');
    second.dispose();
    expect(() => put(a, 1)).toThrow('mine');
    expect(called).toEqual(['first', 'second', 'first']);
  });
});

describe('staleness', () => {
  it('comes by itself after the max age, as a batch with the same value and time', () => {
    const { live, put, clock } = setUp();
    const a = live.declare(point('pcc/power/active'));
    const t = clock.now() - 100;
    put(a, 42, t);
    const seen: (readonly number[])[] = [];
    live.subscribe(({ n, handle, number, t: times, quality }) =>
      seen.push([n, handle[0]!, number[0]!, times[0]!, quality[0]!]),
    );
    clock.advance(9_999);
    expect(seen).toEqual([]);
    clock.advance(1);
    expect(seen).toEqual([[1, a, 42, t, STALE]]);
    expect(live.reading(a)).toMatchObject({ value: 42, t, quality: STALE, reason: 'no news for 10s' });
    put(a, 43);
    expect(live.reading(a)).toEqual({ value: 43, t: clock.now(), received: clock.now(), quality: GOOD });
    clock.advance(3_600_000);
    expect(seen).toHaveLength(3);
  });

  it('goes by the monotonic clock, whatever the wall clock does', () => {
    const { live, put, clock } = setUp();
    const a = live.declare(point('pcc/power/active'));
    put(a, 1);
    clock.setWall(clock.now() + 86_400_000);
    clock.advance(9_999);
    expect(live.quality(a)).toBe(GOOD);
    clock.setWall(0);
    clock.advance(1);
    expect(live.quality(a)).toBe(STALE);
  });

  it('leaves bad values bad, turns a null stale, and never touches points without max age', () => {
    const { live, put, clock } = setUp();
    const bad = live.declare(point('pcc/a'));
    const none = live.declare(point('pcc/b'));
    const forever = live.declare(point('pcc/c', { maxAge: 0 }));
    put(bad, 1);
    put(bad, NaN, clock.now(), BAD);
    put(none, NaN);
    put(forever, 1);
    clock.advance(1e9);
    expect([bad, none, forever].map((handle) => live.quality(handle))).toEqual([BAD, STALE, GOOD]);
    expect(live.value(none)).toBeNull();
  });

  it('follows a max age that changes while waiting', () => {
    const { live, put, clock } = setUp();
    const a = live.declare(point('pcc/a'));
    put(a, 1);
    live.declare(point('pcc/a', { maxAge: 2_000 }));
    clock.advance(2_000);
    expect(live.quality(a)).toBe(STALE);
    put(a, 1);
    live.declare(point('pcc/a', { maxAge: 0 }));
    clock.advance(1e9);
    expect(live.quality(a)).toBe(GOOD);
    live.declare(point('pcc/a', { maxAge: 5_000 }));
    clock.advance(1);
    expect(live.quality(a)).toBe(STALE);
  });

  it('is exact for every point whatever the order of news, ages and removals', () => {
    const step = fc.record({
      point: fc.integer({ min: 0, max: 7 }),
      kind: fc.constantFrom('news', 'news', 'news', 'bad', 'age', 'remove'),
      maxAge: fc.constantFrom(0, 10, 25, 60, 1000),
      wait: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { live, put, clock } = setUp();
        const ages: number[] = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? 10 : 25));
        const handles = ages.map((maxAge, i) => live.declare(point(`d/p${i}`, { maxAge })));
        const heard = ages.map(() => -1);
        for (const { point: i, kind, maxAge, wait } of steps) {
          if (kind === 'news') put(handles[i]!, 1);
          if (kind === 'bad') put(handles[i]!, 1, clock.now(), BAD);
          if (kind === 'remove') live.remove(handles[i]!);
          if (kind === 'age') ages[i] = maxAge;
          if (kind === 'age' || kind === 'remove') live.declare(point(`d/p${i}`, { maxAge: ages[i]! }));
          // a value that is stale already stays so under a longer age
          const stale = heard[i] === -2;
          heard[i] = kind === 'news' ? clock.monotonic() : kind === 'age' ? (stale ? -2 : heard[i]!) : -1;
          clock.advance(wait);
          handles.forEach((handle, k) => {
            const age = ages[k]!;
            if (heard[k]! >= 0 && age > 0 && clock.monotonic() >= heard[k]! + age) heard[k] = -2;
            expect(live.quality(handle)).toBe(heard[k] === -1 ? BAD : heard[k] === -2 ? STALE : GOOD);
          });
        }
        live.close();
      }),
      { numRuns: 500 },
    );
  });

  it('ends with close', () => {
    const { live, put, clock } = setUp();
    const a = live.declare(point('pcc/a'));
    put(a, 1);
    live.close();
    clock.advance(1e6);
    put(a, 2);
    expect(live.reading(a)).toMatchObject({ value: 1, quality: GOOD });
  });
});
