import { gunzipSync } from 'node:zlib';
import { AMPERES, FOUR_WIRE, S1Wire, WaveSource } from '../test-support/s1-wire.js';

let wire: S1Wire;
const open = async (...args: Parameters<S1Wire['open']>): Promise<S1Wire> => (wire = await new S1Wire().open(...args));

afterEach(async () => {
  expect(wire.harness.seen.exceptions).toEqual([]);
  expect(wire.harness.seen.refused).toEqual([]);
  await wire.close();
});

const seen = (path: string): { value: unknown; quality: string; reason?: string | undefined } =>
  wire.harness.seen.values.get(`s1/${path}`) as never;
const RMS = 230 * Math.sqrt(1 + 0.03 ** 2);

describe('a known wave', () => {
  it('gives its values each second, with unit, OBIS code and sign', async () => {
    await open({ invert: false });
    await wire.run(3.5);
    for (const [k, name] of ['l1', 'l2', 'l3'].entries()) {
      expect(wire.value(`voltage/${name}`)).toBeCloseTo(RMS, 1);
      expect(wire.value(`current/${name}`)).toBeCloseTo(AMPERES[k]!, 2);
      expect(Math.abs(Number(wire.value(`power/active/${name}`)) - 115 * AMPERES[k]!)).toBeLessThan(1.5);
      expect(wire.value(`power/factor/${name}`)).toBeCloseTo(0.5, 2);
    }
    const power = Number(wire.value('power/active'));
    expect(Math.abs(power - 115 * 17)).toBeLessThan(2);
    expect(wire.value('power/active/import')).toBe(power);
    expect(wire.value('power/active/export')).toBe(0);
    expect(Math.abs(Number(wire.value('power/reactive')) - 230 * 17 * Math.sin(Math.PI / 3))).toBeLessThan(5);
    expect(wire.value('frequency')).toBe(50);
    expect(Math.abs(Number(wire.value('pq/frequency')) - 50)).toBeLessThan(0.002);
    expect(wire.value('serial')).toBe('1SAG1100000292');
    expect(wire.value('pq/lost')).toBe(0);
    expect(wire.online).toBe(true);
    expect(seen('power/active').quality).toBe('good');
    const { definitions, batches } = wire.harness.seen;
    expect(definitions.get('s1/voltage/l2')).toMatchObject({ unit: 'V', obis: '1-0:52.7.0' });
    expect(definitions.get('s1/serial')).toMatchObject({ personal: true });
    const seconds = batches.filter((batch) => batch.some(({ path }) => path === 's1/voltage/l1'));
    expect([3, 2]).toContain(seconds.length);
  });

  it('gives distortion, harmonics and unbalance each 3 s', async () => {
    await open({ invert: false });
    await wire.run(6.5);
    expect(wire.value('pq/thd/voltage/l1')).toBeCloseTo(3, 1);
    const harmonics = wire.value('pq/harmonics/voltage/l1') as number[];
    expect(harmonics[0]).toBe(100);
    expect(harmonics[4]).toBeCloseTo(3, 1);
    // what 2,600 samples a second carry
    expect(harmonics.length).toBe(25);
    const between = wire.value('pq/interharmonics/voltage/l1') as number[];
    expect(between.length).toBe(25);
    expect(Math.max(...between)).toBeLessThan(0.1);
    expect(Number(wire.value('pq/unbalance'))).toBeLessThan(0.05);
  });

  it.each([
    [
      'one phase',
      { ...FOUR_WIRE, phases: 1 as const, wires: 2 as const },
      'voltage/l1',
      'voltage/l2',
      'power/active/l1',
    ],
    [
      'three wires',
      { ...FOUR_WIRE, wires: 3 as const, neutralMeasured: false },
      'voltage/l1-l2',
      'voltage/l1',
      'power/active',
    ],
  ])('of a meter with %s has points of what that measures and no others', async (_what, format, has, hasNot, power) => {
    await open({ invert: false }, { format });
    await wire.run(2.5);
    expect(wire.value(has)).toEqual(expect.any(Number));
    expect(wire.value(power)).toEqual(expect.any(Number));
    expect(wire.harness.seen.definitions.has(`s1/${hasNot}`)).toBe(false);
    expect([...wire.harness.seen.values].filter(([, { value }]) => value === null)).toEqual([]);
  });
});

describe('the line', () => {
  it('that never sent a byte is a normal state, told once and without an alarm', async () => {
    await open();
    await wire.pass(30);
    expect(wire.harness.seen.statuses.at(-1)).toMatchObject({ state: 'ok' });
    expect(wire.harness.seen.statuses.at(-1)!.text).toContain('newer ones have none');
    expect(wire.harness.seen.events).toEqual([]);
    expect(wire.online).toBe(false);
  });

  it('that falls silent takes the device off line and raises an alarm, which frames clear', async () => {
    await open({ invert: false });
    await wire.run(1.5);
    await wire.pass(8);
    await wire.harness.until(() => wire.harness.seen.events.some(({ state }) => state === 'raised'));
    expect(wire.harness.seen.statuses.at(-1)).toMatchObject({ state: 'error' });
    expect(wire.online).toBe(false);
    await wire.run(2.5);
    expect(wire.online).toBe(true);
    // a loose contact: the alarm stays until half a minute was good
    await wire.pass(8);
    expect(wire.online).toBe(false);
    await wire.run(31, 0.5);
    await wire.harness.until(() => wire.harness.seen.events.some(({ state }) => state === 'cleared'));
    expect(wire.online).toBe(true);
    const line = wire.harness.seen.events.filter(({ code }) => code === 'line');
    expect(line.map(({ state }) => state)).toEqual(['raised', 'cleared']);
  });

  it('that cannot be opened is waited for at first, then an error with an alarm, though the reason is the same', async () => {
    await open();
    await wire.unplug();
    const { seen: told } = wire.harness;
    for (let k = 0; k < 40 && !told.events.some(({ state }) => state === 'raised'); k++) {
      await wire.pass(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(told.events).toEqual([expect.objectContaining({ code: 'line', state: 'raised' })]);
    expect(told.statuses.at(-1)).toMatchObject({ state: 'error' });
  });

  it('that carries something else says so, and no value comes of it', async () => {
    await open();
    for (let k = 0; k < 8; k++) {
      await wire.noise(Buffer.from('/FLU5\\253770234_A\r\n'.repeat(200)));
      await wire.pass(1);
    }
    expect(wire.harness.seen.statuses.at(-1)).toMatchObject({ state: 'error' });
    expect(wire.harness.seen.statuses.at(-1)!.text).toContain('no S1 frame');
    expect(wire.value('voltage/l1')).toBeUndefined();
  });

  it('whose meter calls all samples corrupt is no port that is read, and gives no value', async () => {
    await open({ invert: false });
    wire.wave.isValid = false;
    await wire.run(7);
    expect(wire.harness.seen.statuses.at(-1)).toMatchObject({ state: 'error' });
    expect(wire.harness.seen.statuses.at(-1)!.text).toContain('corrupt');
    expect(wire.online).toBe(false);
    expect(wire.value('voltage/l1')).toBeUndefined();
    wire.wave.isValid = true;
    await wire.run(2.5);
    expect(wire.online).toBe(true);
    expect(wire.value('voltage/l1')).toBeCloseTo(RMS, 1);
  });

  it('that loses frames makes values uncertain, counts them, and gives no wrong one', async () => {
    await open({ invert: false });
    await wire.run(2);
    for (let k = 0; k < 40; k++) {
      wire.lose(20);
      await wire.run(0.1);
    }
    expect(seen('voltage/l1').quality).toBe('uncertain');
    expect(seen('voltage/l1').reason).toContain('lost');
    expect(Math.abs(Number(seen('voltage/l1').value) - RMS)).toBeLessThan(1);
    expect((await wire.counts())['missing']).toBe(800);
    expect(Number(wire.value('pq/lost'))).toBeGreaterThan(4);
    await wire.pass(1);
    expect(wire.harness.seen.statuses.at(-1)).toMatchObject({ state: 'warning' });
    expect(wire.harness.seen.events.map(({ code }) => code)).not.toContain('dip');
  });
});

describe('the direction of current', () => {
  it('is uncertain where nobody told it, and as told where somebody did', async () => {
    await open();
    await wire.run(2.5);
    expect(seen('power/active')).toMatchObject({ quality: 'uncertain' });
    expect(seen('power/active').reason).toContain('calibrate-from');
    expect(seen('voltage/l1').quality).toBe('good');
    await wire.close();
    await open({ invert: true });
    await wire.run(2.5);
    expect(Number(wire.value('power/active'))).toBeLessThan(-1900);
    expect(wire.value('power/active/import')).toBe(0);
    expect(seen('power/active').quality).toBe('good');
  });
});

describe('an event', () => {
  it('is told with its depth, its duration and the wave around it', async () => {
    await open({ invert: false });
    await wire.run(3);
    wire.wave.voltage = 0.6;
    await wire.run(0.2);
    wire.wave.voltage = 1;
    await wire.run(2);
    const { events } = wire.harness.seen;
    await wire.harness.until(() => events.some(({ code }) => code === 'dip'));
    const dip = events.find(({ code }) => code === 'dip')!;
    const data = dip.data as { duration: number; depth: number; extreme: number; phases: string[] };
    expect(Math.abs(data.duration - 0.2)).toBeLessThan(0.01);
    expect(Math.abs(data.depth - 0.4)).toBeLessThan(0.01);
    expect(data.phases).toEqual(['l1', 'l2', 'l3']);
    expect(wire.value('pq/events/dip')).toBe(1);
    const file = dip.files![0]!;
    expect(file).toMatchObject({ name: 'waveform.json.gz', type: 'application/gzip' });
    const bytes = Buffer.from(file.bytes, 'base64');
    expect(bytes.length).toBeLessThan(100_000);
    const wave = JSON.parse(gunzipSync(bytes).toString()) as { start: number; rate: number; voltage: { l1: number[] }; current: { n: number[] } }; // prettier-ignore
    expect(Math.abs(wave.voltage.l1.length - 0.8 * 2600)).toBeLessThan(20);
    expect(wave.current.n.length).toBe(wave.voltage.l1.length);
    // whole before, sagging after
    expect(Math.max(...wave.voltage.l1.slice(0, 400))).toBeGreaterThan(300);
    expect(Math.max(...wave.voltage.l1.slice(600, 1000))).toBeLessThan(210);
  });

  it('beside lost samples is told and says so; two are told though the wave of the first is not whole', async () => {
    await open({ invert: false });
    await wire.run(3);
    const drop = async (lost: number): Promise<void> => {
      if (lost > 0) wire.lose(lost);
      wire.wave.voltage = 0.6;
      await wire.run(0.2);
      wire.wave.voltage = 1;
      await wire.run(0.3);
    };
    await drop(130);
    await drop(0);
    await wire.run(2.5);
    const { events } = wire.harness.seen;
    await wire.harness.until(() => events.filter(({ code }) => code === 'dip').length === 2);
    expect(wire.value('pq/events/dip')).toBe(2);
    const [first, second] = events.filter(({ code }) => code === 'dip');
    expect(first).toMatchObject({ data: { flagged: true }, text: expect.stringContaining('lost') as string });
    expect(second!.data).not.toHaveProperty('flagged');
    for (const { data } of [first!, second!])
      expect(Math.abs((data as { depth: number }).depth - 0.4)).toBeLessThan(0.01);
  });

  it('past the waves of an hour is told without one', async () => {
    await open({ invert: false, events: { waves: 0 } });
    await wire.run(3);
    wire.wave.voltage = 1.2;
    await wire.run(0.2);
    wire.wave.voltage = 1;
    await wire.run(2);
    const { events } = wire.harness.seen;
    await wire.harness.until(() => events.some(({ code }) => code === 'swell'));
    expect(events.find(({ code }) => code === 'swell')!.files ?? []).toEqual([]);
  });
});

describe('calls', () => {
  it('tell nothing of what came before a line fell silent', async () => {
    await open({ invert: false });
    await wire.run(2.5);
    await wire.pass(8);
    for (const name of ['scope', 'phasors', 'spectrum'])
      await expect(wire.harness.call(name)).rejects.toMatchObject({ code: 'SMX_EXTENSION_CALL' });
    await wire.run(1.5);
    await expect(wire.harness.call('phasors')).resolves.toHaveProperty('frequency', 50);
  });

  it('give the wave, phasors and harmonics as they are now, and say so where nothing came', async () => {
    await open({ invert: false });
    await expect(wire.harness.call('scope')).rejects.toMatchObject({ code: 'SMX_EXTENSION_CALL' });
    await wire.run(2.5);
    const scope = (await wire.harness.call('scope', { cycles: 2 })) as { rate: number; voltage: Record<string, number[]> }; // prettier-ignore
    expect(scope.rate).toBe(2600);
    expect(scope.voltage['l3']!.length).toBe(104);
    const phasors = (await wire.harness.call('phasors')) as { voltage: Record<string, { rms: number; angle: number }>; current: Record<string, { rms: number; angle: number }> }; // prettier-ignore
    expect(phasors.voltage['l1']).toEqual({ rms: expect.closeTo(230, 1) as number, angle: 0 });
    expect(phasors.voltage['l2']!.angle).toBeCloseTo(-120, 1);
    expect(phasors.current['l1']!.angle).toBeCloseTo(-60, 1);
    expect(phasors.current['l1']!.rms).toBeCloseTo(10, 1);
    expect(Math.abs((phasors as unknown as { end: number }).end - wire.clock.now())).toBeLessThan(150);
    const spectrum = (await wire.harness.call('spectrum')) as {
      orders: number;
      voltage: { l1: number[] };
      limits: number[];
    };
    expect(spectrum.orders).toBe(25);
    expect(spectrum.voltage.l1[5]).toBeCloseTo(6.9, 1);
    expect(spectrum.limits).toHaveLength(26);
    expect(spectrum.limits.slice(0, 6)).toEqual([null, null, 2, 5, 1, 6]);
  });
});

describe('frames that say something else', () => {
  const SINGLE = { ...FOUR_WIRE, meterId: '1SAG3100000001', phases: 1 as const, wires: 2 as const };

  it('between those of the meter begin nothing anew, are lost to it, and are told', async () => {
    await open({ invert: false });
    await wire.run(2.2);
    const batches = wire.harness.seen.batches.length;
    const other = new WaveSource(SINGLE);
    for (let k = 0; k < 30; k++) {
      wire.clock.advance(100);
      await wire.send(Buffer.concat([other.next(130), wire.wave.next(130)]), 260);
    }
    expect(wire.value('serial')).toBe(FOUR_WIRE.meterId);
    expect(wire.harness.seen.statuses.at(-1)).toMatchObject({ state: 'error' });
    expect(wire.harness.seen.statuses.at(-1)!.text).toContain('by turns');
    const told = wire.harness.seen.batches.slice(batches).flat();
    expect(told.filter(({ path, value }) => path === 's1/serial' && value === SINGLE.meterId)).toEqual([]);
    await wire.run(12);
    expect(wire.harness.seen.statuses.at(-1)).toMatchObject({ state: 'ok' });
    expect(seen('voltage/l1').quality).toBe('good');
  });

  it('are those of another meter once they stand', async () => {
    await open({ invert: false });
    await wire.run(2.2);
    wire.wave = new WaveSource(SINGLE);
    await wire.run(4.5);
    expect(wire.value('serial')).toBe(SINGLE.meterId);
    expect(seen('voltage/l1').quality).toBe('good');
  });

  it('of their rate are not analysed, and the meter is read again after them', async () => {
    await open({ invert: false });
    await wire.run(2.2);
    const before = seen('voltage/l1');
    wire.wave.mains = 0.01;
    await wire.run(1.2);
    expect(wire.harness.seen.statuses.at(-1)).toMatchObject({ state: 'error' });
    expect(wire.harness.seen.statuses.at(-1)!.text).toContain('samples a second');
    expect(seen('voltage/l1').value).toBe(before.value);
    wire.wave.mains = 50;
    await wire.run(4.2);
    expect(wire.harness.seen.statuses.at(-1)).toMatchObject({ state: 'ok' });
    expect(wire.value('voltage/l1')).toBeCloseTo(RMS, 1);
  });
});

it.each([
  [{ reader: { version: 1 }, week: { span: {} }, weeks: { 0: 1 } }],
  [{ reader: { version: 1, events: { dip: 'x' }, inverted: 'no' }, week: 7, weeks: [null, { span: 1 }] }],
])('reads with a state that is damaged: %j', async (state) => {
  await open({ invert: false }, { state });
  await wire.run(2.2);
  expect(wire.value('pq/events/dip')).toBe(0);
  expect(wire.value('voltage/l1')).toBeCloseTo(RMS, 1);
  expect(await wire.harness.call('week', {})).toMatchObject({ past: [] });
});
