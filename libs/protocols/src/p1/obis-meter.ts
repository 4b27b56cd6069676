import {
  DSMR,
  DSMR22,
  DSMR4,
  EMUCS,
  EMUCS21,
  HUNGARY,
  ISRAEL,
  LITHUANIA,
  MODE_D,
  number,
  perPhase,
  SMARTY,
  SWISS,
  XT211,
  type ObisRow,
} from './obis-row.js';

const COUNT = { kind: 'counter' } as const;
const FUSE = { kind: 'parameter', off: [999, 999.99] } as const;

function octets(code: string, path: string, extra: Partial<ObisRow> & Pick<ObisRow, 'meaning' | 'source'>): ObisRow {
  return { code, path, form: 'octets', kind: 'text', ...extra };
}

/** Who the meter is, its switches and limits, its messages, and what it counted of the quality of supply. */
export const METER_ROWS: readonly ObisRow[] = [
  { code: '1-3:0.2.8', form: 'dsmr-version', meaning: 'P1 version', source: DSMR4 },
  { code: '0-0:96.1.4', form: 'emucs-version', meaning: 'P1 version, Belgium', source: EMUCS },
  { code: '0-0:1.0.0', form: 'clock', meaning: 'Time of the telegram', source: DSMR4 },
  { code: '0-0:1.1.0', form: 'clock', meaning: 'Time of the telegram', source: 'Dutch WarmteLink', rank: 1 },
  octets('0-0:96.1.1', 'serial', { personal: true, meaning: 'Equipment identifier', source: DSMR }),
  octets('0-0:96.1.0', 'serial', { personal: true, rank: 1, meaning: 'Serial number', source: `${HUNGARY}; ${SWISS}` }),
  octets('0-0:42.0.0', 'serial', { personal: true, rank: 2, meaning: 'COSEM logical device name', source: SMARTY }),
  {
    ...octets('0-0:96.1.255', 'serial', { personal: true, rank: 3, meaning: 'Serial number', source: MODE_D }),
    form: 'text',
  },
  {
    ...octets('1-0:0.0.0', 'serial', { personal: true, rank: 4, meaning: 'Device address', source: MODE_D }),
    form: 'text',
  },
  octets('0-0:96.1.2', 'ean', { personal: true, meaning: 'EAN of the connection', source: EMUCS21 }),
  { ...octets('0-0:0.0.0', 'address', { personal: true, meaning: 'Device address', source: XT211 }), form: 'text' },
  { ...octets('1-0:0.2.0', 'firmware', { meaning: 'Firmware', source: HUNGARY }), form: 'text' },
  {
    ...octets('1-0:0.2.8', 'firmware/checksum', { meaning: 'Checksum of the firmware', source: HUNGARY }),
    form: 'text',
  },
  { ...octets('1-1:0.2.0', 'firmware/module', { meaning: 'Firmware of the module', source: HUNGARY }), form: 'text' },
  {
    ...octets('1-1:0.2.8', 'firmware/module/checksum', { meaning: 'Checksum of the module firmware', source: HUNGARY }),
    form: 'text',
  },
  { ...octets('1-0:96.5.5', 'state', { meaning: 'State flags', source: MODE_D }), form: 'text' },
  number(['0-0:96.14.0', 'tariff', ''], ['Tariff in force', DSMR], { kind: 'state' }),
  number(['0-0:96.14.1', 'tariff', ''], ['Tariff in force', ISRAEL], { kind: 'state', rank: 1 }),
  {
    code: '0-0:96.3.10',
    form: 'switch',
    path: 'breaker',
    kind: 'state',
    meaning: 'Breaker',
    source: `DSMR P1 3.0 to 4.0.4; ${EMUCS}`,
  },
  { code: '0-0:24.4.0', form: 'switch', path: 'breaker', kind: 'state', rank: 1, meaning: 'Breaker', source: DSMR22 },
  ...[1, 2, 3, 4].map((n): ObisRow => ({
    code: `0-${n}:96.3.10`,
    form: 'switch',
    path: `relay/${n}`,
    kind: 'state',
    meaning: `Relay ${n}`,
    source: `${SMARTY}; ${EMUCS21}`,
  })),
  {
    code: '0-0:17.0.0',
    form: 'limiter',
    path: 'limiter/power',
    unit: 'kW',
    kind: 'parameter',
    off: [999_900, 99_999, 999_000],
    meaning: 'Limiter threshold; the unit tells whether it bounds power, apparent power or current',
    source: `DSMR P1 2.2 to 4.0.4; ${EMUCS}; ${SMARTY}`,
  },
  number(['1-0:31.4.0', 'fuse/current', 'A'], ['Fuse supervision threshold', EMUCS], FUSE),
  number(['1-0:51.4.0', 'fuse/current/l2', 'A'], ['Fuse supervision threshold L2', HUNGARY], FUSE),
  number(['1-0:71.4.0', 'fuse/current/l3', 'A'], ['Fuse supervision threshold L3', HUNGARY], FUSE),
  {
    code: '1-1:31.4.0',
    form: 'fuse-pair',
    path: 'fuse/current',
    unit: 'A',
    kind: 'parameter',
    rank: 1,
    signed: true,
    off: [999],
    meaning: 'Most current imported and exported',
    source: SMARTY,
  },
  octets('0-0:96.13.0', 'message', { personal: true, meaning: 'Text message', source: DSMR }),
  octets('0-0:96.13.1', 'message/code', {
    personal: true,
    meaning: 'Message code',
    source: `DSMR P1 2.2 to 4.0.7; ${EMUCS}`,
  }),
  ...[1, 2, 3, 4].map((n) =>
    octets(`0-0:96.13.${n + 1}`, `message/${n}`, {
      personal: true,
      meaning: `Text message of channel ${n}`,
      source: SMARTY,
    }),
  ),
  number(['0-0:96.7.21', 'failures/short', '1'], ['Power failures in any phase', DSMR4], COUNT),
  number(['0-0:96.7.9', 'failures/long', '1'], ['Long power failures in any phase', DSMR4], COUNT),
  { code: '1-0:99.97.0', form: 'failure-log', meaning: 'Log of long power failures: end and duration', source: DSMR4 },
  ...perPhase(number(['1-0:32.32.0', 'sags/l1', '1'], ['Voltage sags', DSMR4], COUNT)),
  ...perPhase(number(['1-0:32.36.0', 'swells/l1', '1'], ['Voltage swells', DSMR4], COUNT)),
  ...perPhase(number(['1-0:32.33.0', 'sags/l1/duration', 's'], ['Duration of the last sag', LITHUANIA])),
  ...perPhase(number(['1-0:32.34.0', 'sags/l1/voltage', 'V'], ['Depth of the last sag', LITHUANIA])),
  ...perPhase(number(['1-0:32.37.0', 'swells/l1/duration', 's'], ['Duration of the last swell', LITHUANIA])),
  ...perPhase(number(['1-0:32.38.0', 'swells/l1/voltage', 'V'], ['Height of the last swell', LITHUANIA])),
];

/** Sub-meters: on M-Bus channel n, or by medium in A as DSMR 2.2 had it. */
export const MBUS_ROWS: readonly ObisRow[] = [
  { code: '0-n:24.1.0', form: 'mbus-type', meaning: 'Device type of the channel', source: `${DSMR}; EN 13757-3` },
  { code: '0-n:96.1.1', form: 'mbus-id', meaning: 'Equipment identifier of the sub-meter', source: EMUCS },
  { code: '0-n:96.1.0', form: 'mbus-id', rank: 1, meaning: 'Equipment identifier of the sub-meter', source: DSMR },
  { code: '0-n:96.1.2', form: 'mbus-ean', meaning: 'EAN of the sub-meter', source: EMUCS21 },
  {
    code: '0-n:24.2.1',
    form: 'mbus-reading',
    meaning: 'Last reading and when it was taken',
    source: `${DSMR4}; eMUCS-P1 1.6 (water)`,
  },
  {
    code: '0-n:24.2.3',
    form: 'mbus-reading',
    meaning: 'Last reading, not temperature corrected, and when it was taken',
    source: `${EMUCS}; ${EMUCS21} (water)`,
  },
  { code: '0-n:24.3.0', form: 'mbus-hourly', meaning: 'Last hourly reading, two lines', source: 'DSMR P1 2.2 and 3.0' },
  { code: '0-n:24.3.1', form: 'mbus-hourly', rank: 1, meaning: 'Last hourly reading, cold', source: 'DSMR P1 3.0' },
  { code: '0-n:24.4.0', form: 'mbus-valve', meaning: 'Valve', source: `DSMR P1 2.2 to 4.0; ${EMUCS}; ${SMARTY}` },
  { code: '7-0:0.0.0', form: 'mbus-id', meaning: 'Equipment identifier of the gas meter', source: DSMR22 },
  {
    code: '7-0:23.1.0',
    form: 'mbus-dated',
    rank: 1,
    meaning: 'Hourly reading of the gas meter, 24 times',
    source: DSMR22,
  },
  {
    code: '7-0:23.2.0',
    form: 'mbus-dated',
    meaning: 'Hourly reading of the gas meter, temperature corrected, 24 times',
    source: DSMR22,
  },
  { code: '7-0:24.4.0', form: 'mbus-valve', meaning: 'Valve of the gas meter', source: DSMR22 },
  { code: '5-0:1.0.0', form: 'mbus-plain', unit: 'GJ', meaning: 'Heat reading', source: DSMR22 },
  { code: '6-0:1.0.0', form: 'mbus-plain', unit: 'GJ', meaning: 'Cooling reading', source: DSMR22 },
  { code: '8-0:1.0.0', form: 'mbus-plain', unit: 'm3', meaning: 'Water reading', source: DSMR22 },
];
