import { formatObis, parseObis, type PointKind, type Unit } from '@smx-edge/model';
import { P1_POINTS } from '../p1/obis-table.js';

/** What a register becomes in the house. */
export interface PointName {
  /** Below the device. */
  readonly path: string;
  /** Unit the point has; null where only the meter can tell. */
  readonly unit: Unit | null;
  readonly kind: PointKind;
  /** How often it is worth reading. */
  readonly pace: 'instantaneous' | 'register';
}

/** Value groups D (IEC 62056-61 §5.4): instantaneous values and time integrals, the energies. */
const INSTANTANEOUS = 7;
const INTEGRAL = 8;

const measured = (path: string, unit: Unit): PointName => ({ path, unit, kind: 'measurement', pace: 'instantaneous' });

/** Registers of DLMS meters that no P1 port prints: reactive power with its sign, import minus export. */
const MORE: Readonly<Record<string, PointName>> = {
  '1-0:131.7.0': measured('power/reactive', 'var'),
  '1-0:151.7.0': measured('power/reactive/l1', 'var'),
  '1-0:171.7.0': measured('power/reactive/l2', 'var'),
  '1-0:191.7.0': measured('power/reactive/l3', 'var'),
};

/** OBIS codes mean the same on every port of a meter, so what is named for one is named for the other. */
const NAMES: ReadonlyMap<string, PointName> = new Map([
  ...P1_POINTS.flatMap(({ obis, path, unit, kind }): [string, PointName][] => {
    const d = obis === undefined ? undefined : parseObis(obis)?.d;
    if (obis === undefined || (d !== INSTANTANEOUS && d !== INTEGRAL)) return [];
    return [[obis, { path, unit, kind, pace: d === INSTANTANEOUS ? 'instantaneous' : 'register' }]];
  }),
  ...Object.entries(MORE),
]);

/** The name of a register of electricity, whatever its channel B; undefined where it has none. */
export function nameOf(obis: string): PointName | undefined {
  const code = parseObis(obis);
  return code?.a === 1 ? NAMES.get(formatObis({ ...code, b: 0 })) : undefined;
}

/** What a register is that the config asks for by `path`. */
export function askedName(path: string, obis: string): PointName {
  const isIntegral = parseObis(obis)?.d === INTEGRAL;
  const known = nameOf(obis);
  return {
    path,
    unit: known?.unit ?? null,
    kind: isIntegral ? 'counter' : (known?.kind ?? 'measurement'),
    pace: parseObis(obis)?.d === INSTANTANEOUS ? 'instantaneous' : 'register',
  };
}
