import { BAD, GOOD, STALE, UNCERTAIN, type Aggregate, type HistoryQuery, type HistoryRow } from '@smx-edge/model';
import fc from 'fast-check';
import { allow, follow, reads, smallGate, START } from '../test-support/small-gate.js';

interface Row {
  readonly t: number;
  readonly value: number | null;
  readonly quality: number;
}

interface Given {
  readonly t: number;
  readonly value: number;
  readonly quality: number;
}

const usable = ({ quality }: Given): boolean => quality === GOOD || quality === UNCERTAIN;

/** What windows should hold, from the whole list of samples. */
function naive(samples: readonly Given[], every: number, { as, until }: { as: Aggregate; until: number }): Row[] {
  const rows: Row[] = [];
  for (let end = START + every; end <= until; end += every) {
    const inside = samples.filter(({ t }) => t > end - every && t <= end);
    const used = inside.filter(usable);
    const values = used.map(({ value }) => value);
    const heard = samples.filter((sample) => usable(sample) && sample.t <= end).map(({ t }) => t);
    const spacings = heard
      .slice(1)
      .map((t, i) => t - heard[i]!)
      .filter((spacing) => spacing > 0);
    const last = spacings.slice(-16).sort((a, b) => a - b);
    const expected = last.length === 0 ? every / 60_000 : every / last[last.length >> 1]!;
    const doubtful = used.length < 0.8 * expected || used.some(({ quality }) => quality === UNCERTAIN);
    const value = {
      last: values.at(-1),
      mean: values.reduce((sum, one) => sum + one, 0) / values.length,
      min: Math.min(...values),
      max: Math.max(...values),
      sum: values.reduce((sum, one) => sum + one, 0),
      delta: NaN,
    }[as];
    if (used.length === 0) rows.push({ t: end, value: null, quality: BAD });
    else rows.push({ t: end, value: value!, quality: doubtful ? UNCERTAIN : GOOD });
  }
  return rows;
}

describe('windowed readings', () => {
  it('are what a naive reading of all samples gives, window by window', () => {
    const sample = fc.record({
      wait: fc.oneof(fc.constantFrom(1000, 1000, 1000, 250, 3000), fc.integer({ min: 1, max: 40_000 })),
      value: fc.integer({ min: -1000, max: 1000 }),
      quality: fc.constantFrom(GOOD, GOOD, GOOD, UNCERTAIN, STALE, BAD),
    });
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 80 }),
        fc.constantFrom(1000, 5000, 10_000, 60_000),
        fc.constantFrom<Aggregate>('last', 'mean', 'min', 'max', 'sum'),
        (samples, every, as) => {
          const { clock, live, gate, party } = smallGate();
          const handle = live.declare('pcc/power');
          const { seen } = follow(party('p', reads('#', { every, as })), handle);
          const given: Given[] = [];
          for (const { wait, value, quality } of samples) {
            clock.advance(wait);
            given.push({ t: clock.now(), value, quality });
            live.set(handle, value, { quality });
          }
          clock.advance(2 * every + 1000);
          const until = Math.floor((clock.now() - 1000) / every) * every;
          expect(seen.map(({ t, value, quality }) => ({ t, value, quality }))).toEqual(
            naive(given, every, { as, until }),
          );
          gate.close();
        },
      ),
      { numRuns: 150 },
    );
  });

  it('show the last closed window, never the running one', () => {
    const { clock, live, gate, party } = smallGate();
    const handle = live.declare('pcc/power');
    const view = party('esco', reads('#', { every: 60_000 }));
    expect(view.reading(handle)).toMatchObject({ value: null, quality: BAD });
    for (let i = 0; i < 60; i++) {
      clock.advance(1000);
      live.set(handle, i);
      expect(view.reading(handle)!.value).toBeNull();
    }
    clock.advance(1000);
    live.set(handle, 5000);
    expect(view.reading(handle)).toMatchObject({ value: 29.5, t: START + 60_000, quality: GOOD });
    clock.advance(30_000);
    expect(view.reading(handle)!.value).toBe(29.5);
    expect(view.points()).toMatchObject([{ handle, every: 60_000, as: 'mean' }]);
    gate.close();
  });

  it('say when the first of them closes, with its delay, and then when the next one does', () => {
    const { clock, live, gate, party } = smallGate();
    const handle = live.declare('pcc/power');
    const view = party('esco', reads('#', { every: 60_000, delay: 30_000 }));
    const at = (ms: number): string => new Date(START + ms).toISOString().replace('.000', '');
    live.set(handle, 7);
    const reason = (): string | undefined => view.reading(handle)!.reason;
    expect(reason()).toBe(`no window has closed yet; the first value comes at ${at(90_000)}`);
    expect(view.points()[0]!.nextAt).toBe(START + 90_000);
    clock.advance(91_500);
    expect(view.reading(handle)!.t).toBe(START + 60_000);
    expect(reason()).not.toContain('no window');
    expect(view.points()[0]!.nextAt).toBe(START + 150_000);
    const held = party('late', reads('#', { delay: 60_000 }));
    expect(held.reading(handle)!.reason).toBe(
      `nothing old enough yet; the first value comes at ${new Date(held.points()[0]!.nextAt!).toISOString().slice(0, 19)}Z`,
    );
    expect(party('raw', reads('#')).points()[0]!.nextAt).toBeUndefined();
    gate.close();
  });

  it('close by the clock, and a silent window is null', () => {
    const { clock, live, gate, party } = smallGate();
    const handle = live.declare('pcc/power');
    const { seen } = follow(party('esco', reads('#', { every: 10_000 })), handle);
    for (let i = 0; i < 9; i++) {
      clock.advance(1000);
      live.set(handle, 7);
    }
    clock.advance(10_000);
    expect(seen).toMatchObject([{ value: 7, t: START + 10_000, quality: GOOD }]);
    clock.advance(10_000);
    expect(seen[1]).toMatchObject({ value: null, t: START + 20_000, quality: BAD, reason: 'no samples in the window' });
    gate.close();
  });

  it('take samples that are a little late, and leave those of a closed window to history', () => {
    const { clock, live, gate, party } = smallGate();
    const handle = live.declare('pcc/power');
    const { seen } = follow(party('esco', reads('#', { every: 10_000, as: 'sum' })), handle);
    clock.advance(10_500);
    live.set(handle, 1, { t: START + 9000 });
    clock.advance(3000);
    expect(seen).toMatchObject([{ value: 1, t: START + 10_000 }]);
    live.set(handle, 100, { t: START + 9500 });
    live.set(handle, 2);
    clock.advance(20_000);
    expect(seen[1]).toMatchObject({ value: 2, t: START + 20_000 });
    gate.close();
  });

  it.each([-95_000, 95_000])('are whole where the clock of the device is %i ms off', (off) => {
    const { clock, live, gate, party } = smallGate();
    const handle = live.declare('pcc/power');
    const { seen } = follow(party('esco', reads('#', { every: 60_000, as: 'sum' })), handle);
    for (let i = 0; i < 600; i++) {
      clock.advance(1000);
      live.set(handle, 1, { t: clock.now() + off });
    }
    const whole = seen.filter(({ value }) => value === 60);
    expect(whole.length).toBeGreaterThanOrEqual(6);
    expect(seen.slice(-6).every(({ value, quality }) => value === 60 && quality === GOOD)).toBe(true);
    gate.close();
  });

  it('use last for texts and truth values, and mean only where it makes sense', () => {
    const { clock, live, gate, party } = smallGate();
    const text = live.declare('ev1/status', { type: 'string', kind: 'state' });
    const flag = live.declare('ev1/online', { type: 'boolean', kind: 'state' });
    const energy = live.declare('ev1/energy', { kind: 'counter' });
    const view = party('esco', reads('#', { every: 10_000 }));
    for (const [status, online, wh] of [
      ['A', true, 5],
      ['B', false, 9],
    ] as const) {
      clock.advance(1000);
      live.set(text, status);
      live.set(flag, online);
      live.set(energy, wh);
    }
    clock.advance(10_000);
    expect([text, flag, energy].map((handle) => view.reading(handle)!.value)).toEqual(['B', false, 9]);
    expect(view.points().map(({ as }) => as)).toEqual(['last', 'last', 'last']);
    gate.close();
  });

  it('hold a state that never turns stale until it changes', () => {
    const { clock, live, gate, party } = smallGate();
    const handle = live.declare('ev1/online', { type: 'boolean', kind: 'state', maxAge: 0 });
    live.set(handle, true);
    const view = party('esco', reads('#', { every: 10_000 }));
    clock.advance(60_000);
    expect(view.reading(handle)).toMatchObject({ value: true, quality: GOOD, t: START + 50_000 });
    live.set(handle, null);
    clock.advance(30_000);
    expect(view.reading(handle)!.value).toBeNull();
    gate.close();
  });

  it('count deltas over windows', () => {
    const { clock, live, gate, party } = smallGate();
    const handle = live.declare('pcc/energy', { kind: 'counter', unit: 'Wh' });
    const { seen } = follow(party('esco', reads('#', { every: 10_000, as: 'delta' })), handle);
    for (let i = 0; i < 40; i++) {
      clock.advance(1000);
      live.set(handle, 100 + 3 * i);
    }
    clock.advance(2000);
    expect(seen.map(({ value }) => value)).toEqual([null, 30, 30, 30]);
    gate.close();
  });

  it('go on when roles are compiled anew, and are shared between principals', () => {
    const { clock, live, gate, party } = smallGate();
    const handle = live.declare('pcc/power');
    const grant = reads('#', { every: 60_000, as: 'sum' });
    const { seen } = follow(party('a', grant), handle);
    const b = follow(party('b', reads('pcc/+', { every: 60_000, as: 'sum' })), handle);
    expect(gate.formCount).toBe(1);
    for (let i = 0; i < 60; i++) {
      clock.advance(1000);
      live.set(handle, 1);
      if (i === 30)
        gate.putPrincipal(gate.view('a')!.principal, { name: 'x', authority: 'dso', grants: [grant, grant] });
      if (i === 40) gate.setRoles(new Map());
    }
    clock.advance(1000);
    expect(seen).toMatchObject([{ value: 60, quality: GOOD }]);
    expect(b.seen).toMatchObject([{ value: 60 }]);
    gate.removePrincipal('a');
    expect(gate.formCount).toBe(1);
    gate.removePrincipal('b');
    expect(gate.formCount).toBe(0);
    gate.close();
  });

  it('begin anew where the clock is set back', () => {
    const { clock, live, gate, party } = smallGate();
    const handle = live.declare('pcc/power');
    clock.setWall(START + 7 * 86_400_000);
    const { seen } = follow(party('esco', reads('#', { every: 10_000, as: 'sum' })), handle);
    clock.advance(5000);
    clock.setWall(START);
    for (let i = 0; i < 30; i++) {
      clock.advance(1000);
      live.set(handle, 1);
    }
    expect(seen.at(-1)).toMatchObject({ value: 10, t: START + 20_000, quality: GOOD });
    gate.close();
  });

  it('give only windows that lie within the hours of the grant', () => {
    const { clock, live, gate, party } = smallGate('Etc/UTC');
    const handle = live.declare('pcc/power');
    clock.setWall(START + 5 * 3_600_000 + 59 * 60_000 + 30_000);
    const hours = { from: 6 * 3_600_000, to: 22 * 3_600_000 };
    const shared = party('all', allow({ read: ['#'] }, { every: 60_000 }));
    const view = party('esco', allow({ read: ['#'] }, { every: 60_000, hours }));
    expect(view.canRead(handle)).toBe(false);
    for (let i = 0; i < 45; i++) {
      clock.advance(1000);
      live.set(handle, 3);
    }
    expect(view.canRead(handle)).toBe(true);
    expect(shared.reading(handle)!.value).toBe(3);
    expect(view.reading(handle)).toMatchObject({ value: null, quality: BAD });
    for (let i = 0; i < 60; i++) {
      clock.advance(1000);
      live.set(handle, 3);
    }
    expect(view.reading(handle)).toMatchObject({ value: 3, quality: GOOD });
    gate.close();
  });

  it('take up the last and the running window from history', async () => {
    const { clock, live, gate, party, history } = smallGate();
    const handle = live.declare('pcc/power');
    const rows = Array.from({ length: 800 }, (_, i): HistoryRow => [START + (i + 1) * 1000, 2]);
    const asked: HistoryQuery[] = [];
    history.history = async function* (query) {
      asked.push(query);
      await Promise.resolve();
      if (query.every === undefined) yield rows.filter(([t]) => t > query.from && t <= query.to);
      else yield [[START, 7, 'uncertain']];
    };
    clock.advance(800_000);
    const view = party('dso', reads('#', { every: 900_000, as: 'sum' }));
    const { seen } = follow(view, handle);
    expect(view.reading(handle)!.value).toBeNull();
    // comes live while history is asked, and history has it too
    live.set(handle, 2);
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toEqual([
      { handle, from: START - 1, to: START, every: 900_000, as: 'sum' },
      { handle, from: START, to: START + 800_000 },
    ]);
    expect(seen).toMatchObject([{ value: 7, t: START, quality: UNCERTAIN }]);
    for (let i = 0; i < 101; i++) {
      clock.advance(1000);
      live.set(handle, 2);
    }
    expect(seen[1]).toMatchObject({ value: 1800, t: START + 900_000, quality: GOOD });
    gate.close();
  });

  it('begin without history where that fails', async () => {
    const { clock, live, gate, party, history } = smallGate();
    const handle = live.declare('pcc/power');
    history.history = () => {
      throw new Error('disk gone');
    };
    const view = party('dso', reads('#', { every: 60_000 }));
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 61; i++) {
      clock.advance(1000);
      live.set(handle, 2);
    }
    expect(view.reading(handle)).toMatchObject({ value: 2, quality: GOOD });
    gate.close();
  });
});
