import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { scaleDecimal, VirtualClock } from '@smx-edge/model';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { listenLines, openLine } from '@smx-edge/extension-api/transports';
import type { Line } from '@smx-edge/extension-api';
import reader from '@smx-edge/p1-reader';

/** Published telegrams of many makers, through the whole reader: file transport, decoder, guards, points. */
const DATA = resolve(__dirname, '../../../shared/data/p1s1');
const given = existsSync(join(DATA, 'index.json')) ? describe : describe.skip;

interface Entry {
  readonly id: string;
  readonly file: string;
  readonly kind: string;
  readonly crc: { readonly valid: boolean | null } | null;
  readonly objects?: readonly { readonly obis: string; readonly groups: readonly string[] }[];
  readonly unparsed_lines?: readonly unknown[];
  readonly key_hex?: string;
  readonly aad_hex?: string;
}

/** Objects whose text says all: path and the exponent of the printed unit. */
const PLAIN: Readonly<Record<string, readonly [path: string, exponent: number]>> = {
  '1-0:1.8.1': ['energy/active/import/t1', 3],
  '1-0:1.8.2': ['energy/active/import/t2', 3],
  '1-0:2.8.1': ['energy/active/export/t1', 3],
  '1-0:2.8.2': ['energy/active/export/t2', 3],
  '1-0:1.7.0': ['power/active/import', 3],
  '1-0:2.7.0': ['power/active/export', 3],
  '1-0:21.7.0': ['power/active/import/l1', 3],
  '1-0:62.7.0': ['power/active/export/l3', 3],
  '1-0:32.7.0': ['voltage/l1', 0],
  '1-0:72.7.0': ['voltage/l3', 0],
  '1-0:31.7.0': ['current/l1', 0],
};
/** Text of a number in the unit of the path; what has another is null, and a case of the codec's own tests. */
const TEXT = {
  energy: /^[\d.]+\*kWh$/,
  power: /^[\d.]+\*kW$/,
  voltage: /^[\d.]+\*V$/,
  current: /^[\d.]+\*A$/,
} as const;

async function replay(file: string, config: Record<string, unknown> = {}): Promise<Harness> {
  let line: Line | undefined;
  const harness = runExtension(reader, {
    clock: new VirtualClock(Date.UTC(2026, 0, 14, 11)),
    config: { source: `file:${join(DATA, file)}?speed=0`, timezone: 'Europe/Amsterdam', ...config },
    lines: { openLine: (source, options) => (line = openLine(source, options)), listenLines },
  });
  await harness.until(() => line?.state.status === 'closed');
  // points seen for the first time are answered for before their values travel
  for (let batches = -1; batches !== harness.seen.batches.length;) {
    batches = harness.seen.batches.length;
    for (let i = 0; i < 5; i++) await new Promise((done) => setImmediate(done));
  }
  expect(harness.seen.failed).toBeUndefined();
  expect(harness.seen.exceptions).toEqual([]);
  expect(harness.seen.refused).toEqual([]);
  return harness;
}

given('published telegrams through the reader', () => {
  const entries = existsSync(join(DATA, 'index.json')) ? (JSON.parse(readFileSync(join(DATA, 'index.json'), 'utf8')) as { telegrams: Entry[] }).telegrams : []; // prettier-ignore

  it.each(entries.map((entry) => [entry.id, entry] as const))('%s', async (_id, entry) => {
    const keys = { ...(entry.key_hex !== undefined && { key: entry.key_hex }), ...(entry.aad_hex !== undefined && { aad: entry.aad_hex }) }; // prettier-ignore
    const harness = await replay(entry.file, { crc: 'accept-absent', ...keys });
    const { seen } = harness;
    for (const sample of seen.batches.flat()) {
      if (typeof sample.value === 'number') expect(Number.isFinite(sample.value)).toBe(true);
      if (sample.value === null) expect(sample.reason).toEqual(expect.stringMatching(/.+/));
    }
    const mark =
      seen.values.has('pcc/online') ||
      [...seen.devices.values()].some(({ name, online }) => name === 'pcc' && online === true);
    if (entry.crc?.valid === true) expect(mark).toBe(true);
    if (!mark) expect(seen.batches).toEqual([]);
    else if (entry.objects === undefined) expect(seen.values.get('pcc/power/active/import')?.value).not.toBeNull();
    else {
      const codes = new Set(entry.objects.map(({ obis }) => obis.replace(/[.*]255$/, '')));
      const unparsed = JSON.stringify(entry.unparsed_lines ?? []);
      for (const [obis, [path, exponent]] of Object.entries(PLAIN)) {
        const shown = seen.values.get(`pcc/${path}`);
        // nothing is there that the telegram does not hold
        if (!codes.has(obis) && !unparsed.includes(obis)) expect([path, shown]).toEqual([path, undefined]);
        const found = entry.objects.filter((object) => object.obis === obis);
        const text = found.length === 1 && found[0]!.groups.length === 1 ? found[0]!.groups[0]! : '';
        if (TEXT[path.split('/')[0] as keyof typeof TEXT].test(text))
          expect([path, shown?.value]).toEqual([path, scaleDecimal(text.split('*')[0]!, exponent)]);
      }
    }
    await harness.stop();
  });

  it('gives 566 batches of the long recording, the first and last values and the sum of powers', async () => {
    const name = 'nl-dsmr50-isk-566s.txt';
    const all = JSON.parse(readFileSync(join(DATA, 'streams/expected.json'), 'utf8')) as Record<string, { telegrams: number; first: Record<string, string>; last: Record<string, string>; sumImportPowerKw: string }>; // prettier-ignore
    const expected = all[name]!;
    const harness = await replay(`streams/${name}`);
    const { seen } = harness;
    const of = (path: string): unknown[] => seen.batches.flat().filter((sample) => sample.path === `pcc/${path}`).map(({ value }) => value); // prettier-ignore
    const powers = of('power/active/import') as number[];
    expect(harness.seen.values.get('pcc/power/active')).toMatchObject({ t: Date.UTC(2019, 2, 24, 14, 14, 45) });
    expect(await harness.call('counters')).toMatchObject({
      ok: expected.telegrams,
      bad: 0,
      absent: 0,
      skippedBytes: 320,
    });
    // what came before its point was answered for is replaced by what is newer
    const merged = expected.telegrams - powers.length;
    expect(merged).toBeGreaterThanOrEqual(0);
    for (const [obis, [path, exponent]] of Object.entries(PLAIN)) {
      const last = expected.last[obis];
      if (last !== undefined) expect(of(path).at(-1)).toBe(scaleDecimal(last, exponent));
    }
    expect(seen.events.filter(({ code }) => code === 'register-held')).toEqual([]);
    if (merged === 0)
      expect(powers.reduce((sum, watt) => sum + watt, 0)).toBe(scaleDecimal(expected.sumImportPowerKw, 3));
    await harness.stop();
  });
});
