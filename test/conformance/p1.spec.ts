import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { scaleDecimal, Zone, type PointValue } from '@smx-edge/model';
import {
  parseAad,
  parseKey,
  P1Decoder,
  type MonthPeak,
  type PowerFailure,
  type P1Object,
} from '@smx-edge/protocols/p1';

/** Every telegram of the collection of published ones gives the objects and the values its index states. */
const DATA = resolve(__dirname, '../../../shared/data/p1s1');
const given = existsSync(join(DATA, 'index.json')) ? describe : describe.skip;

interface Entry {
  readonly id: string;
  readonly file: string;
  readonly kind: string;
  readonly header: string;
  readonly crc?: { readonly given: string; readonly valid: boolean };
  readonly objects?: readonly { readonly obis: string; readonly groups: readonly string[]; readonly rest?: string }[];
  readonly unparsed_lines?: readonly string[];
  readonly expected?: { readonly by: string; readonly values?: Record<string, unknown>; readonly plain?: string };
  readonly key_hex?: string;
  readonly aad_hex?: string;
}

/** Lines that we read and the neutral split does not. */
const WE_ALSO_READ: Readonly<Record<string, string>> = {
  '1-0:21.7.0.255(01.111*kW)': 'F behind a point, as COSEM documents print it',
  '1-0:41.7.0.255(02.222*kW)': '〃',
  '1-0:61.7.0.255(03.333*kW)': '〃',
  '1-0:22.7.0.255(04.444*kW)': '〃',
  '1-0:42.7.0.255(05.555*kW)': '〃',
  '1-0:62.7.0.255(06.666*kW)': '〃',
  '1-0:31.7.0.255(001*A)': '〃',
  '1-0:51.7.0.255(002*A)': '〃',
  '1-0:71.7.0.255(003*A)': '〃',
  '303132333435363738393A3B3C3D3E3F303132333435363738393A3B3C3D3E3F': 'a message in hex wrapped over lines (DSMR 3.0)',
  '303132333435363738393A3B3C3D3E3F)': '〃',
};
/** Objects of the neutral split that are bad lines for us, besides those with a `rest`. */
const WE_REFUSE: Readonly<Record<string, string>> = { '1-0:1.8': 'a code of four parts names nothing' };

/** Values we differ in on purpose: `id key`. Beyond these, athombv writes the wall clock as UTC, which `instant` undoes. */
const WE_DIFFER: Readonly<Record<string, string>> = {
  'node-dsmr-parser-kamstrup-omnia-e-meter-three-phase metadata.timestamp': '250000000000W has a month 0: null',
  'dsmr-dsmr-test-l744 mbus[4].valve': 'valve state 3 is in no document: null',
  'dsmr-tools-testdsmrparseronrealdsmr4-l136 Timestamp': 'first of January 2000 is a clock that was never set: null',
  'node-dsmr-parser-sagemcom-xt211 metadata.timestamp':
    '123412341234W has a 34th month; the date given is that of another field',
  'node-dsmr-parser-sagemcom-xt211 metadata.serialNumber': '48 blanks are no number: null',
};
/** Keys that say nothing of the telegram: how the project splits the header, what it does not know, texts of its own. */
const NOT_COMPARED =
  /^(EquipmentBrandTag|Ident|P1Version|MBusEvents|PowerFailureEventLog|dsmr\.header\..*|dsmr\.unknownLines|cosem\.unknownObjects|metadata\.numericMessage|metadata\.dsmrVersion|dsmr\.crc\.valid|crcValid|mBus\.\d\.recordingPeriodMinutes|mbus\[1\]\.id|mbus\.count|.*\.unit|crc|Crc|dsmr\.crc\.value)$/;

interface Seen {
  readonly ident: string;
  readonly verdict: string;
  readonly objects: readonly P1Object[];
  readonly bad: readonly string[];
  readonly get: (path: string) => PointValue | undefined;
  readonly meter: (channel: number) =>
    | {
        id: string | null;
        value: number | null;
        unit: string | null;
        captured: number | null;
        type: number | null;
        valve: string | null;
      }
    | undefined;
  readonly registers: ReadonlyMap<string, number | string | null>;
  readonly peaks: readonly MonthPeak[] | null;
  readonly failures: readonly PowerFailure[] | null;
  readonly time: number;
  readonly version: string | null;
  readonly text: string;
}

const zone = new Zone('Europe/Amsterdam');

function read(entry: Entry, bytes: Uint8Array): Seen[] {
  const all: Seen[] = [];
  const decoder = new P1Decoder({
    localToUtc: (local) => zone.utc(local),
    ...(entry.key_hex === undefined ? {} : { key: parseKey(entry.key_hex), aad: parseAad(entry.aad_hex!) }),
    onTelegram: (t) => {
      const values = new Map(Array.from(t.present.subarray(0, t.count), (slot) => [slot, t.values[slot]!]));
      expect([...values.keys()]).toHaveLength(t.count);
      const paths = new Map<string, PointValue | undefined>();
      const meters = new Map(
        t.subMeters.map(({ channel, id, value, unit, captured, type, valve }) => [
          channel,
          { id, value, unit, captured, type, valve },
        ]),
      );
      for (const path of PATHS) paths.set(path, t.get(path));
      all.push({
        ident: t.ident,
        verdict: t.verdict,
        objects: t.objects(),
        bad: t.badLines.map(({ text }) => text),
        get: (path) => paths.get(path),
        meter: (channel) => meters.get(channel),
        registers: new Map(t.registers.map(({ path, value }) => [path, value])),
        peaks: t.peaks,
        failures: t.failures,
        time: t.time,
        version: t.dsmrVersion,
        text: Buffer.from(t.bytes()).toString('latin1'),
      });
    },
  });
  decoder.push(bytes);
  decoder.flush();
  return all;
}

type Reader = (seen: Seen, match: RegExpExecArray) => unknown;
const PATHS = new Set<string>();
const path = (name: string): string => (PATHS.add(name), name);

/** Key of a project → what we have for it, in the project's unit. */
const READERS: readonly (readonly [RegExp, Reader])[] = [];
const add = (pattern: string, reader: Reader): void =>
  void (READERS as (readonly [RegExp, Reader])[]).push([new RegExp(`^${pattern}$`), reader]);

/** A number of ours in a unit 10^exponent larger: one correctly rounded division. */
const down = (value: unknown, exponent: number): unknown =>
  typeof value === 'number' ? value / 10 ** exponent : value;
const point = (pattern: string, name: string, exponent = 0): void => {
  path(name);
  add(pattern, (seen) => down(seen.get(name), exponent));
};

// mijnverbruik, esphome-libs
point('voltage\\.l1', 'voltage/l1');
point('current\\.l1', 'current/l1');
point('power\\.import\\.l1', 'power/active/import/l1', 3);
point('power\\.import', 'power/active/import', 3);
point('energy\\.import\\.t1', 'energy/active/import/t1', 3);
point('energy\\.import\\.total_kWh', 'energy/active/import', 3);
point('frequency_Hz', 'frequency');
add('header', (seen) => seen.ident);
add('p1Version', (seen) => seen.version);
add('powerFailureLog\\[(\\d)\\]\\.seconds', (seen, m) => seen.failures![Number(m[1])]!.duration);
add('powerFailureLog\\[(\\d)\\]\\.end', (seen, m) => seen.failures![Number(m[1])]!.end);
add('mbus\\[(\\d)\\]\\.type', (seen, m) => seen.meter(Number(m[1]))!.type!.toString().padStart(3, '0'));
add('mbus\\[(\\d)\\]\\.id', (seen, m) => seen.meter(Number(m[1]))!.id);
add('mbus\\[(\\d)\\]\\.captureTime', (seen, m) => seen.meter(Number(m[1]))!.captured);
add('mbus\\[(\\d)\\]\\.volume', (seen, m) => seen.meter(Number(m[1]))!.value);
add('mbus\\[(\\d)\\]\\.valve', (seen, m) =>
  ['closed', 'open', 'released'].indexOf(seen.meter(Number(m[1]))!.valve ?? ''),
);
add('gas_m3', (seen) => seen.meter(1)!.value);
add('mbus\\.energy_GJ', (seen) => down(seen.meter(1)!.value, 9));
add('gas\\.groups', (seen) => seen.objects.find(({ obis }) => obis === '0-1:24.3.0')!.groups);
add('peak\\.history\\[0\\]\\.kW', (seen) => down(seen.peaks![0]!.power, 3));
add('unknown\\.(.*)', (seen, m) => seen.registers.get(`obis/${m[1]!.replace(':', '_').replaceAll('.', '-')}`));
// ndokter
const ndokter: Record<string, [string, number]> = {
  ELECTRICITY_ACTIVE_TARIFF: ['tariff', 0],
  ACTUAL_TRESHOLD_ELECTRICITY: ['limiter/power', 3],
  ELECTRICITY_IMPORTED_TOTAL: ['energy/active/import', 3],
  ELECTRICITY_EXPORTED_TOTAL: ['energy/active/export', 3],
  ELECTRICITY_REACTIVE_IMPORTED_TOTAL: ['energy/reactive/import', 3],
  ELECTRICITY_REACTIVE_EXPORTED_TOTAL: ['energy/reactive/export', 3],
  ELECTRICITY_COMBINED: ['energy/active/absolute', 3],
  FREQUENCY: ['frequency', 0],
  CURRENT_ELECTRICITY_USAGE: ['power/active/import', 3],
  CURRENT_ELECTRICITY_DELIVERY: ['power/active/export', 3],
  INSTANTANEOUS_POWER_FACTOR_TOTAL: ['power/factor', 0],
  FUSE_THRESHOLD_L1: ['fuse/current', 0],
  FUSE_THRESHOLD_L2: ['fuse/current/l2', 0],
  FUSE_THRESHOLD_L3: ['fuse/current/l3', 0],
};
for (const n of [1, 2, 3, 4]) {
  ndokter[`ELECTRICITY_USED_TARIFF_${n}`] = [`energy/active/import/t${n}`, 3];
  ndokter[`ELECTRICITY_DELIVERED_TARIFF_${n}`] = [`energy/active/export/t${n}`, 3];
  ndokter[`ELECTRICITY_REACTIVE_TOTAL_Q${n}`] = [`energy/reactive/q${n}`, 3];
  ndokter[`INSTANTANEOUS_REACTIVE_POWER_Q${n}`] = [`power/reactive/q${n}`, 3];
  ndokter[`INSTANTANEOUS_VOLTAGE_L${n}`] = [`voltage/l${n}`, 0];
  ndokter[`INSTANTANEOUS_CURRENT_L${n}`] = [`current/l${n}`, 0];
  ndokter[`INSTANTANEOUS_POWER_FACTOR_L${n}`] = [`power/factor/l${n}`, 0];
}
for (const [key, [name, exponent]] of Object.entries(ndokter)) point(`${key}\\.value`, name, exponent);
path('serial');
add('EQUIPMENT_SERIAL_NUMBER\\.value', (seen) =>
  Buffer.from(seen.get('serial') as string)
    .toString('hex')
    .toUpperCase(),
);
// we take one serial number and 0-0:96.1.0 comes before the logical device name
add('COSEM_LOGICAL_DEVICE_NAME\\.value', (seen) => seen.objects.find(({ obis }) => obis === '0-0:42.0.0')!.groups[0]);
path('breaker');
add('ACTUAL_SWITCH_POSITION\\.value', (seen) =>
  ['disconnected', 'connected', 'ready'].indexOf(seen.get('breaker') as string),
);
// dsmr-tools
path('message');
add('RawIdent', (seen) => `/${seen.ident}`);
add('Timestamp', (seen) => seen.time);
add('EquipmentId', (seen) => seen.get('serial'));
add('Message', (seen) => seen.get('message') ?? '');
const tools: Record<string, [string, number]> = {
  ElectricityTariffIndicator: ['tariff', 0],
  ElectricityReceivedLowTariff: ['energy/active/import/t1', 3],
  ElectricityReceivedNormalTariff: ['energy/active/import/t2', 3],
  ElectricityReturnedLowTariff: ['energy/active/export/t1', 3],
  ElectricityReturnedNormalTariff: ['energy/active/export/t2', 3],
  ElectricityPowerReceived: ['power/active/import', 3],
  ElectricityPowerReturned: ['power/active/export', 3],
  PowerFailures: ['failures/short', 0],
  LongPowerFailures: ['failures/long', 0],
};
for (const l of [1, 2, 3]) {
  tools[`VoltageSagsPhaseL${l}`] = [`sags/l${l}`, 0];
  tools[`VoltageSwellsPhaseL${l}`] = [`swells/l${l}`, 0];
  tools[`VoltageL${l}`] = [`voltage/l${l}`, 0];
  tools[`CurrentL${l}`] = [`current/l${l}`, 0];
  tools[`PowerReceivedL${l}`] = [`power/active/import/l${l}`, 3];
  tools[`PowerReturnedL${l}`] = [`power/active/export/l${l}`, 3];
}
for (const [key, [name, exponent]] of Object.entries(tools)) point(key, name, exponent);
const gas = (seen: Seen) => [1, 2, 3, 4].map((n) => seen.meter(n)).find((meter) => meter?.type === 3)!;
add('PowerFailureEventLogSize', (seen) => (seen.failures ?? []).length);
add('GasEquipmentId', (seen) => gas(seen).id);
add('GasTimestamp', (seen) => gas(seen).captured);
add('GasM3', (seen) => gas(seen).value);
// athombv: Wh and W; wall clock written as Z
const hex = (text: unknown): unknown => (typeof text === 'string' ? Buffer.from(text, 'latin1').toString('hex') : text);
const sameId = (seen: string | null, printed: string): string =>
  printed === ''
    ? seen === null
      ? ''
      : 'there'
    : hex(seen) === printed.toLowerCase()
      ? printed
      : seen === null && /^0*$/.test(printed)
        ? printed
        : (seen ?? 'null');
point('electricity\\.tariffs\\.1\\.received', 'energy/active/import/t1');
point('electricity\\.tariffs\\.2\\.received', 'energy/active/import/t2');
point('electricity\\.tariffs\\.1\\.returned', 'energy/active/export/t1');
point('electricity\\.tariffs\\.2\\.returned', 'energy/active/export/t2');
point('electricity\\.total\\.received', 'energy/active/import');
point('electricity\\.total\\.returned', 'energy/active/export');
point('electricity\\.currentTariff', 'tariff');
point('electricity\\.powerReceivedTotal', 'power/active/import');
point('electricity\\.powerReturnedTotal', 'power/active/export');
for (const l of ['l1', 'l2', 'l3']) {
  point(`electricity\\.voltage\\.${l}`, `voltage/${l}`);
  point(`electricity\\.current\\.${l}`, `current/${l}`);
  point(`electricity\\.powerReceived\\.${l}`, `power/active/import/${l}`);
  point(`electricity\\.powerReturned\\.${l}`, `power/active/export/${l}`);
  point(`metadata\\.events\\.voltageSags\\.${l}`, `sags/${l}`);
  point(`metadata\\.events\\.voltageSwells\\.${l}`, `swells/${l}`);
}
point('metadata\\.events\\.powerFailures', 'failures/short');
point('metadata\\.events\\.longPowerFailures', 'failures/long');
path('ean');
add('metadata\\.serialNumber', (seen) => seen.get('ean'));
add('cosem\\.id', (seen) => seen.get('serial'));
add('mBus\\.(\\d)\\.deviceType', (seen, m) => seen.meter(Number(m[1]))!.type);
add('mBus\\.(\\d)\\.value', (seen, m) => seen.meter(Number(m[1]))!.value);
add('mBus\\.(\\d)\\.timestamp', (seen, m) => seen.meter(Number(m[1]))!.captured);
add('metadata\\.timestamp', (seen) => seen.time);

function flatten(value: Record<string, unknown>, prefix = ''): [string, unknown][] {
  return Object.entries(value).flatMap(([key, inner]): [string, unknown][] =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? flatten(inner as Record<string, unknown>, `${prefix}${key}.`)
      : [[prefix + key, inner]],
  );
}

/** What a project states, as ours would be. */
function stated(key: string, value: unknown, by: string): unknown {
  if (/timestamp$/i.test(key) || /captureTime$|\.end$/.test(key)) return instant(String(value), by);
  if (by === 'ndokter/dsmr_parser' && !/NAME|SERIAL/.test(key)) return Number(value);
  return value;
}

function instant(text: string, by: string): number {
  const tst = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)W$/.exec(text);
  if (tst !== null) return Date.parse(`20${tst.slice(1, 4).join('-')}T${tst.slice(4, 7).join(':')}+01:00`);
  // athombv writes the wall clock as if it were UTC, and mijnverbruik keeps the letter apart
  if (by === 'athombv/node-dsmr-parser') return zone.utc(Date.parse(text));
  const wall = /^(\S+) (W|S|\(no S\/W\))$/.exec(text);
  return wall === null ? Date.parse(text) : zone.utc(Date.parse(`${wall[1]!}Z`));
}

const entries =
  given === describe.skip
    ? []
    : (JSON.parse(readFileSync(join(DATA, 'index.json'), 'utf8')) as { telegrams: Entry[] }).telegrams;
const bytesOf = (entry: Entry): Buffer => readFileSync(join(DATA, entry.file));

given('the published telegrams', () => {
  it.each(entries.map((entry) => [entry.id, entry] as const))('%s gives its objects', (_, entry) => {
    const [seen, ...more] = read(entry, bytesOf(entry));
    expect(more).toEqual([]);
    if (entry.objects === undefined) {
      expect(seen!.text).toBe(entry.expected!.plain!.slice(0, entry.expected!.plain!.lastIndexOf('!') + 1));
      return;
    }
    expect(`/${seen!.ident}`.trim()).toBe(entry.header.trim());
    const alsoRead = (entry.unparsed_lines ?? []).filter((line) => line in WE_ALSO_READ);
    const wanted = entry.objects.filter(({ obis, rest }) => rest === undefined && !(obis in WE_REFUSE));
    const ours = seen!.objects.map(({ obis, groups }) => ({ obis, groups: [...groups] }));
    const plus = ours.filter(
      ({ obis, groups }) =>
        alsoRead.some((line) => line.startsWith(`${obis}.255(${groups[0]!})`)) ||
        groups.some((group) => group.length > 64 && alsoRead.some((line) => group.endsWith(line.replace(')', '')))),
    );
    const label = (obis: string): string => obis.replace('*255', '');
    expect(ours.filter((object) => !plus.includes(object))).toEqual(
      wanted.map(({ obis, groups }) => ({ obis: label(obis), groups })),
    );
    const refused = entry.objects.filter(
      (object) => !wanted.includes(object) && !plus.some(({ obis }) => obis === object.obis),
    ).length;
    expect(seen!.bad).toHaveLength(refused + (entry.unparsed_lines ?? []).length - alsoRead.length);
  });

  it.each(entries.filter(({ crc }) => crc !== undefined).map((entry) => [entry.id, entry] as const))(
    '%s has the verdict of its CRC',
    (_, entry) => expect(read(entry, bytesOf(entry))[0]!.verdict).toBe(entry.crc!.valid ? 'ok' : 'bad'),
  );

  const withValues = entries.filter(({ expected }) => expected?.values !== undefined);
  it.each(withValues.map((entry) => [entry.id, entry] as const))('%s gives the values stated for it', (_, entry) => {
    const seen = read(entry, bytesOf(entry))[0]!;
    const { by, values } = entry.expected!;
    let compared = 0;
    for (const [key, value] of flatten(values!)) {
      if (NOT_COMPARED.test(key) || `${entry.id} ${key}` in WE_DIFFER) continue;
      if (/equipmentId$|textMessage$/.test(key)) {
        const printed = String(value);
        const channel = /^mBus\.(\d)/.exec(key)?.[1];
        const ours =
          channel !== undefined
            ? seen.meter(Number(channel))!.id
            : ((seen.get(key === 'metadata.equipmentId' ? 'serial' : 'message') ?? null) as string | null);
        expect([key, ours === printed ? printed : sameId(ours, printed)]).toEqual([key, printed]);
        compared++;
        continue;
      }
      const found = READERS.map(([pattern, reader]) => ({ match: pattern.exec(key), reader })).find(
        ({ match }) => match !== null,
      );
      expect([key, found === undefined ? 'no reader for this key' : 'read']).toEqual([key, 'read']);
      const ours = found!.reader(seen, found!.match!);
      expect([key, value === null ? (ours ?? null) : ours]).toEqual([key, stated(key, value, by)]);
      compared++;
    }
    expect(
      compared + flatten(values!).filter(([key]) => NOT_COMPARED.test(key) || `${entry.id} ${key}` in WE_DIFFER).length,
    ).toBe(flatten(values!).length);
  });

  it('differs only where it is written down', () => {
    const known = new Set(
      withValues.flatMap((entry) => flatten(entry.expected!.values!).map(([key]) => `${entry.id} ${key}`)),
    );
    for (const exception of Object.keys(WE_DIFFER)) expect(known).toContain(exception);
  });
});

given('the recording of 566 telegrams', () => {
  const name = 'nl-dsmr50-isk-566s.txt';
  it.each([1, 16, 777, 4096, 1 << 20])('is read whole in pieces of %d bytes', (size) => {
    const wanted = (
      JSON.parse(readFileSync(join(DATA, 'streams/expected.json'), 'utf8')) as Record<string, Record<string, unknown>>
    )[name]!;
    const stream = readFileSync(join(DATA, 'streams', name));
    const times: number[] = [];
    const values: Record<string, number>[] = [];
    let imported = 0;
    let exported = 0;
    const decoder = new P1Decoder({
      onTelegram: (t) => {
        expect([t.verdict, t.badLines.length, t.registers.length]).toEqual(['ok', 0, 0]);
        times.push(t.time);
        imported += t.get('power/active/import') as number;
        exported += t.get('power/active/export') as number;
        values.push(Object.fromEntries(Object.entries(CODES).map(([code, path]) => [code, t.get(path) as number])));
      },
    });
    for (let i = 0; i < stream.length; i += size) decoder.push(stream.subarray(i, i + size));
    decoder.flush();
    expect(decoder.counts).toEqual({
      frames: 566,
      skippedBytes: wanted['bytesBeforeFirst'],
      cutFrames: 0,
      cutBytes: 0,
      overflows: 0,
      ok: 566,
      bad: 0,
      absent: 0,
      restored: 0,
      undecrypted: 0,
    });
    const inBase = (record: unknown) =>
      Object.fromEntries(
        Object.entries(record as Record<string, string>).map(([code, text]) => [code, scaleDecimal(text, 3)]),
      );
    expect(values[0]).toEqual(inBase(wanted['first']));
    expect(values.at(-1)).toEqual(inBase(wanted['last']));
    expect([imported, exported]).toEqual([
      scaleDecimal(String(wanted['sumImportPowerKw']), 3),
      scaleDecimal(String(wanted['sumExportPowerKw']), 3),
    ]);
    expect([times[0], times.at(-1)]).toEqual([instant('190324150519W', ''), instant('190324151445W', '')]);
    expect([wanted['firstTimestamp'], wanted['lastTimestamp']]).toEqual(['190324150519W', '190324151445W']);
    expect(times.slice(1).filter((time, i) => time - times[i]! !== 1000)).toHaveLength(
      wanted['stepsOtherThan1s'] as number,
    );
  });

  const CODES = {
    '1-0:1.8.1': 'energy/active/import/t1',
    '1-0:1.8.2': 'energy/active/import/t2',
    '1-0:2.8.1': 'energy/active/export/t1',
    '1-0:2.8.2': 'energy/active/export/t2',
    '1-0:1.7.0': 'power/active/import',
    '1-0:2.7.0': 'power/active/export',
  };
});
