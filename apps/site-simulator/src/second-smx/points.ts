import { createHash } from 'node:crypto';
import type { House } from '../house/index.js';

/** A point of the other box, and what it is now. */
export interface HousePoint {
  readonly id: number;
  readonly path: string;
  readonly unit: string;
  readonly kind: 'measurement' | 'counter';
  readonly obis?: string;
  readonly value: (house: House) => number;
}

type Row = readonly [path: string, unit: string, value: (house: House) => number, obis?: string];

const PHASES = [0, 1, 2] as const;
const { max } = Math;
const rounded = (value: number, by: number): number => Math.round(value * by) / by;

/** Contracts §3, load convention: the meter at the connection. */
const METER: readonly Row[] = [
  ['pcc/power/active', 'W', ({ meter }) => meter.power, '1-0:16.7.0'],
  ['pcc/power/active/import', 'W', ({ meter }) => max(0, meter.power), '1-0:1.7.0'],
  ['pcc/power/active/export', 'W', ({ meter }) => max(0, -meter.power), '1-0:2.7.0'],
  ...PHASES.flatMap((i): Row[] => [
    [`pcc/power/active/l${i + 1}`, 'W', ({ phases }) => phases[i]!],
    [`pcc/voltage/l${i + 1}`, 'V', ({ grid }) => rounded(grid.voltage[i]!, 10), `1-0:${32 + 20 * i}.7.0`],
    [`pcc/current/l${i + 1}`, 'A', ({ grid }) => rounded(grid.current[i]!, 100), `1-0:${31 + 20 * i}.7.0`],
  ]),
  ['pcc/frequency', 'Hz', ({ grid }) => rounded(grid.frequency, 100), '1-0:14.7.0'],
  ['pcc/energy/active/import', 'Wh', ({ meter }) => Math.floor(meter.wattHours('import')), '1-0:1.8.0'],
  ['pcc/energy/active/export', 'Wh', ({ meter }) => Math.floor(meter.wattHours('export')), '1-0:2.8.0'],
];
const PV: readonly Row[] = [['pv/power', 'W', ({ pv }) => -pv.power]];
const BATTERY: readonly Row[] = [
  ['battery/power', 'W', ({ battery }) => battery!.meter.power],
  ['battery/soc', '%', ({ battery }) => rounded(battery!.soc, 10)],
];

export function pointsOf({ battery }: House): readonly HousePoint[] {
  const rows = [...METER, ...PV, ...(battery === undefined ? [] : BATTERY)];
  return rows.map(([path, unit, value, obis], id) => ({
    ...{ id, path, unit, value, kind: path.includes('/energy/') ? ('counter' as const) : ('measurement' as const) },
    ...(obis !== undefined && { obis }),
  }));
}

export interface Catalogue {
  readonly hash: string;
  readonly text: string;
}

/** The `cat` of these points, for devices on line since `since`, ms UTC. */
export function catalogueOf(points: readonly HousePoint[], since: number): Catalogue {
  const shown = points.map(({ id, path, unit, kind, obis }) => ({ id, path, unit, type: 'number', kind, ...(obis !== undefined && { obis }), every: 0, as: 'last' })); // prettier-ignore
  const names = [...new Set(points.map(({ path }) => path.split('/')[0]!))];
  const devices = names.map((name) => ({ name, instance: name, kind: name === 'pcc' ? 'meter' : name, online: true, since })); // prettier-ignore
  const hash = createHash('sha256').update(JSON.stringify(shown)).digest('hex').slice(0, 16);
  return { hash, text: JSON.stringify({ v: 1, hash, points: shown, devices, profiles: [] }) };
}
