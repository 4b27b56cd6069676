import { VirtualClock } from '@smx-edge/model';
import { applied, clamped, defineExtension, type Device, type SmxContext } from '../index.js';
import { ProfileBook } from './profile-book.js';
import { runExtension } from './run-extension.js';

/** A context to play with, from an extension that only hands it out. */
function open(
  o: { clock?: VirtualClock; taken?: string[]; state?: Record<string, unknown>; profiles?: ProfileBook } = {},
) {
  let smx!: SmxContext;
  const harness = runExtension(
    defineExtension({
      start(context) {
        smx = context;
      },
    }),
    { config: {}, ...o },
  );
  return { smx, harness, seen: harness.seen };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('load profiles', () => {
  const columns = [{ obis: '1-0:1.8.0', unit: 'Wh' }];
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'none',
      (error: unknown) => (error as { code: string }).code,
    );

  test('rows are appended once, checked before they travel, and found again by the next run', async () => {
    const profiles = new ProfileBook();
    const first = open({ profiles });
    const lp = first.smx.device('pcc').profile('P.01', { period: '15m', columns });
    expect(await lp.last()).toBeUndefined();
    expect(await lp.append([[1000, 0, '1.0'], [2000, 0, null]], { source: Buffer.from('x') })).toBe(2); // prettier-ignore
    expect(await codeOf(lp.append([[3000, 0, '2'], [4000, 0, '1e3']]))).toBe('SMX_PROFILE_INVALID'); // prettier-ignore
    const again = open({ profiles }).smx.device('pcc').profile('P.01', { period: 900_000, columns });
    expect(await again.last()).toBe(2000);
    expect(await codeOf(again.append([[1000, 0, '1'], [3000, 0, '2']]))).toBe('SMX_PROFILE_CONFLICT'); // prettier-ignore
    expect(profiles.rows('pcc/P.01')).toEqual([[1000, 0, '1.0'], [2000, 0, null], [3000, 0, '2']]); // prettier-ignore
  });

  test('what is no profile throws at once; what does not fit its rows is told to who uses it', async () => {
    const { smx } = open();
    const pcc = smx.device('pcc');
    expect(() => pcc.profile('a b', { period: '15m', columns })).toThrow('cannot name a load profile');
    expect(() => pcc.profile('a', { period: '15m', columns: [] })).toThrow('columns');
    await pcc.profile('month', { period: 'month', columns }).append([[1, 0, '1']]);
    const other = pcc.profile('month', { period: 'month', columns: [{ obis: '1-0:2.8.0', unit: 'Wh' }] });
    expect(await codeOf(other.last())).toBe('SMX_PROFILE_CHANGED');
    pcc.remove();
    expect(() => pcc.profile('month', { period: 'month', columns })).toThrow('removed');
  });
});

describe('points', () => {
  test('what is set before the host has numbered the point is not lost, newest per point', async () => {
    const { smx, seen } = open();
    const power = smx.device('pcc').point('power/active', { unit: 'W' });
    power.set(1);
    power.set(2);
    expect(seen.batches).toEqual([]);
    await turn();
    expect(seen.batches.flat()).toMatchObject([{ path: 'pcc/power/active', value: 2, quality: 'good' }]);
  });

  test('device.set is one batch of one message with one source time', async () => {
    const { smx, seen } = open();
    const pcc = smx.device('pcc');
    pcc.point('power/active');
    pcc.point('voltage/l1');
    await turn();
    pcc.set({ 'power/active': -5.5, 'voltage/l1': { value: null, reason: 'not in the telegram' } }, { t: 1234 });
    expect(seen.batches).toEqual([
      [
        { path: 'pcc/power/active', value: -5.5, t: 1234, quality: 'good', reason: undefined },
        { path: 'pcc/voltage/l1', value: null, t: 1234, quality: 'bad', reason: 'not in the telegram' },
      ],
    ]);
  });

  test('sets of one turn travel together, each with its own source time', async () => {
    const { smx, seen } = open();
    const pcc = smx.device('pcc');
    const [a, b] = [pcc.point('a'), pcc.point('b')];
    await turn();
    a.set(1);
    b.set(2);
    await turn();
    expect(seen.batches).toHaveLength(1);
    a.set(3, { t: 10 });
    b.set(4, { t: 20, quality: 'uncertain' });
    await turn();
    expect(seen.batches.slice(1).flat()).toMatchObject([
      { path: 'pcc/a', value: 3, t: 10 },
      { path: 'pcc/b', value: 4, t: 20, quality: 'uncertain' },
    ]);
  });

  test.each([
    ['number', NaN],
    ['number', Infinity],
    ['number', '12'],
    ['boolean', 1],
    ['string', 5],
    ['time', 1.5],
    ['numbers', [1, NaN]],
  ] as const)('a %s never becomes %p: null with a reason', async (type, value) => {
    const { smx, seen } = open();
    smx.device('pcc').point('x', { type }).set(value);
    await turn();
    expect(seen.values.get('pcc/x')).toMatchObject({ value: null, quality: 'bad' });
    expect(seen.values.get('pcc/x')?.reason).toMatch(/^not /);
  });

  test('a null is bad unless its author says that it is known to be so, and what is no value is bad whatever is said', async () => {
    const { smx, seen } = open();
    const pcc = smx.device('pcc');
    const [x, y, z] = [pcc.point('x'), pcc.point('y'), pcc.point('z')];
    x.set(null);
    y.set(null, { quality: 'good' });
    z.set(NaN, { quality: 'good' });
    await turn();
    expect(['x', 'y', 'z'].map((path) => seen.values.get(`pcc/${path}`)?.quality)).toEqual(['bad', 'good', 'bad']);
    pcc.set({ x: { value: null, quality: 'good', reason: 'not active' } }, { t: 5 });
    expect(seen.values.get('pcc/x')).toMatchObject({ value: null, quality: 'good', reason: 'not active', t: 5 });
  });

  test('a path that was not declared is refused and told, the rest of the batch goes', async () => {
    const { smx, seen } = open();
    const pcc = smx.device('pcc');
    pcc.point('a');
    await turn();
    for (let i = 0; i < 4; i++) pcc.set({ a: i, b: i });
    expect(seen.batches.map((batch) => batch.map((sample) => sample.path))).toEqual(Array(4).fill(['pcc/a']));
    expect(seen.refused).toEqual(['pcc/b', 'pcc/b', 'pcc/b']);
  });

  test('defaults: kind by type and unit, max age of three intervals and at least 10 s, redeclared when the interval is learnt', async () => {
    const { smx, seen } = open();
    const pcc = smx.device('pcc');
    pcc.point('energy/active/import', { unit: 'Wh' });
    pcc.point('message', { type: 'string', maxAge: 0 });
    pcc.point('power/active', { unit: 'W', maxAge: '1m' });
    expect(seen.definitions.get('pcc/energy/active/import')).toMatchObject({ kind: 'counter', maxAge: 10_000 });
    expect(seen.definitions.get('pcc/message')).toMatchObject({ kind: 'text', maxAge: 0 });
    pcc.update({ interval: '10s' });
    expect(seen.definitions.get('pcc/energy/active/import')).toMatchObject({ maxAge: 30_000 });
    expect(seen.definitions.get('pcc/power/active')).toMatchObject({ kind: 'measurement', maxAge: 60_000 });
  });

  test.each(['Power', 'a b', 'a.b', '', 'a//b', '#'])('"%s" is no path of a point', (path) => {
    const { smx } = open();
    expect(() => smx.device('pcc').point(path)).toThrow(expect.objectContaining({ code: 'SMX_POINT_PATH' }));
  });
});

describe('devices', () => {
  test('the first value marks a device online, but never against what the extension said', async () => {
    const { smx, seen } = open();
    const one = smx.device('one');
    one.point('a');
    one.set({ a: null });
    expect([...seen.devices.values()][0]?.online).toBeUndefined();
    one.set({ a: 1 });
    expect([...seen.devices.values()][0]?.online).toBe(true);
    one.online(false, 'cable');
    one.set({ a: 2 });
    await turn();
    expect([...seen.devices.values()][0]).toMatchObject({ online: false, reason: 'cable' });
  });

  test('a taken name is told by device.name', async () => {
    const { smx, seen } = open({ taken: ['pcc'] });
    const pcc: Device = smx.device('pcc');
    expect(pcc.name).toBe('pcc');
    await turn();
    expect(pcc.name).toBe('pcc-test');
    pcc.point('a').set(1);
    await turn();
    expect(seen.values.get('pcc-test/a')?.value).toBe(1);
  });

  test('a removed device takes no more values and may be made anew', async () => {
    const { smx, seen } = open();
    const old = smx.device('ev1');
    old.point('soc').set(5);
    await turn();
    old.remove();
    old.set({ soc: 6 });
    const fresh = smx.device('ev1');
    expect(fresh).not.toBe(old);
    fresh.point('soc').set(7);
    await turn();
    expect(seen.batches.flat().map(({ value }) => value)).toEqual([5, 7]);
  });

  test('a removed point takes no more values, and may be declared anew', async () => {
    const { smx, seen } = open();
    const pcc = smx.device('pcc');
    const [old, other] = [pcc.point('load/1/power', { unit: 'W' }), pcc.point('load/2/power')];
    await turn();
    old.set(5);
    old.remove();
    old.remove();
    old.set(6);
    other.set(1);
    await turn();
    expect([...seen.definitions.keys()]).toEqual(['pcc/load/2/power']);
    pcc.set({ 'load/1/power': 7 });
    expect(seen.refused).toEqual(['pcc/load/1/power']);
    pcc.point('load/1/power').set(8);
    await turn();
    expect(seen.batches.flat().map(({ value }) => value)).toEqual([5, 1, 8]);
  });

  test('events resolve when committed, with files whose names and types are safe', async () => {
    const { smx, seen } = open();
    const pcc = smx.device('pcc');
    await pcc.event('limit', { severity: 'alarm', state: 'raised', text: 'over' });
    expect(seen.events).toMatchObject([{ device: 'pcc', code: 'limit', severity: 'alarm', state: 'raised' }]);
    await pcc.event('sag', { files: [{ name: 'a.bin', type: 'b/c', bytes: Uint8Array.of(1, 2) }] });
    expect(seen.events[1]!.files).toEqual([{ name: 'a.bin', type: 'b/c', bytes: 'AQI=' }]);
    const files = [{ name: '../a', type: 'b/c', bytes: new Uint8Array() }];
    await expect(pcc.event('x', { files })).rejects.toMatchObject({ code: 'SMX_EVENT_FILE' });
    await expect(smx.command('a/b', 1, '1m')).rejects.toMatchObject({ code: 'SMX_NOT_AVAILABLE' });
  });
});

describe('faults', () => {
  test('an exception in a timer is told once with its origin, then counted, and ends nothing', async () => {
    const clock = new VirtualClock();
    const { smx, seen } = open({ clock });
    let beats = 0;
    smx.every('1s', () => {
      beats++;
      throw new TypeError('broken beat');
    });
    clock.advance(10_500);
    expect(beats).toBe(10);
    expect(seen.exceptions.filter(({ text }) => text !== '')).toHaveLength(1);
    expect(seen.exceptions[0]).toMatchObject({ origin: 'every 1s' });
    expect(seen.exceptions[0]?.text).toContain('broken beat');
    expect(seen.failed).toBeUndefined();
  });

  test('a rejected promise of a callback is caught as well, and a run that still goes is not overtaken', async () => {
    const clock = new VirtualClock();
    const { smx, seen } = open({ clock });
    let running = 0;
    let release: () => void = () => {};
    smx.every('1s', async () => {
      running++;
      await new Promise<void>((resolve) => (release = resolve));
      throw new TypeError('late');
    });
    clock.advance(5000);
    expect(running).toBe(1);
    release();
    await turn();
    expect(seen.exceptions).toHaveLength(1);
    clock.advance(1000);
    expect(running).toBe(2);
  });

  test('a throw in start is a failure with its code', async () => {
    const harness = runExtension(
      defineExtension({
        start() {
          throw new RangeError('no such meter');
        },
      }),
      { config: {} },
    );
    await harness.until(() => harness.seen.failed !== undefined);
    expect(harness.seen.failed).toEqual({ code: 'SMX_EXTENSION_START', message: 'no such meter' });
    expect(harness.seen.running).toBe(false);
  });
});

describe('set-points and calls', () => {
  test('handlers answer; a throw is a refusal; release falls back to the default', async () => {
    const { smx, harness } = open();
    const inverter = smx.device('inverter');
    const seen: unknown[] = [];
    inverter.setpoint('power/limit', { unit: 'W', min: 0, max: 5000, default: 5000 }, ({ value }) => {
      seen.push(value);
      if (value === 13) throw new RangeError('unlucky');
      return Number(value) > 4000 ? clamped(4000) : applied(value);
    });
    await turn();
    await expect(harness.command('inverter/power/limit', 100)).resolves.toEqual({ outcome: 'applied', value: 100 });
    await expect(harness.command('inverter/power/limit', 4500)).resolves.toEqual({ outcome: 'clamped', value: 4000 });
    await expect(harness.command('inverter/power/limit', 13)).resolves.toMatchObject({
      outcome: 'refused',
      text: 'unlucky',
    });
    await expect(harness.release('inverter/power/limit')).resolves.toEqual({ outcome: 'clamped', value: 4000 });
    expect(seen).toEqual([100, 4500, 13, 5000]);
    expect(harness.seen.definitions.get('inverter/power/limit')).toMatchObject({
      kind: 'setpoint',
      setpoint: { min: 0, max: 5000, default: 5000 },
    });
  });

  test('calls get their arguments and the context', async () => {
    const harness = runExtension(
      defineExtension<{ factor: number }>({
        start() {},
        calls: {
          twice: { args: { type: 'object' }, run: ({ n }: { n: number }, smx) => n * smx.config.factor },
        },
      }),
      { config: { factor: 2 } },
    );
    await expect(harness.call('twice', { n: 21 })).resolves.toBe(42);
    await expect(harness.call('toString')).rejects.toMatchObject({ code: 'SMX_EXTENSION_CALL' });
  });
});

describe('life', () => {
  test('state survives; stop disposes timers, runs onStop last first, and is idempotent', async () => {
    const clock = new VirtualClock();
    const { smx, harness } = open({ clock, state: { kept: { a: 1 } } });
    await expect(smx.state.get('kept')).resolves.toEqual({ a: 1 });
    await expect(smx.state.get('none')).resolves.toBeUndefined();
    await smx.state.set('kept', undefined);
    expect(harness.seen.state.has('kept')).toBe(false);
    const order: string[] = [];
    smx.every('1s', () => void order.push('beat'));
    smx.onStop(() => void order.push('first'));
    smx.onStop(() => {
      throw new TypeError('stop');
    });
    smx.onStop(() => void order.push('last'));
    await Promise.all([harness.stop(), harness.stop()]);
    clock.advance(5000);
    expect(order).toEqual(['last', 'first']);
    expect(harness.seen.stopped).toBe(true);
    await expect(smx.state.get('kept')).rejects.toMatchObject({ code: 'SMX_TRANSPORT_CLOSED' });
  });

  test('a line is refused where the manifest did not ask for its kind', () => {
    let error: unknown;
    runExtension(
      defineExtension({
        start(smx) {
          try {
            smx.open('tcp://127.0.0.1:1');
          } catch (caught) {
            error = caught;
          }
        },
      }),
      { config: {}, permissions: { network: false } },
    );
    expect(error).toMatchObject({ code: 'SMX_EXTENSION_PERMISSION' });
  });
});
