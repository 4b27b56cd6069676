import { DSMR, HUNGARY, ISRAEL, LITHUANIA, number, SMARTY, type ObisRow } from './obis-row.js';

const COUNTER = { kind: 'counter' } as const;

function register(c: number, path: string, unit: string): (meaning: string, source: string) => ObisRow[] {
  return (meaning, source) => [
    number([`1-0:${c}.8.0`, path, unit], [`${meaning}, total`, source], COUNTER),
    ...[1, 2, 3, 4].map((tariff) =>
      number([`1-0:${c}.8.${tariff}`, `${path}/t${tariff}`, unit], [`${meaning}, tariff ${tariff}`, source], COUNTER),
    ),
  ];
}

/** Registers of energy; totals missing in a telegram are summed from the tariffs. */
export const ENERGY_ROWS: readonly ObisRow[] = [
  ...register(1, 'energy/active/import', 'kWh')('Active energy imported', DSMR),
  ...register(2, 'energy/active/export', 'kWh')('Active energy exported', DSMR),
  ...register(3, 'energy/reactive/import', 'kvarh')('Reactive energy imported', `${SMARTY}; ${LITHUANIA}`),
  ...register(4, 'energy/reactive/export', 'kvarh')('Reactive energy exported', `${SMARTY}; ${LITHUANIA}`),
  ...[1, 2, 3].flatMap((tariff) => [
    number(
      [`1-0:1.8.1${tariff}`, `energy/active/import/t${tariff}`, 'kWh'],
      [`Active energy imported, tariff ${tariff}`, ISRAEL],
      {
        ...COUNTER,
        rank: 1,
      },
    ),
    number(
      [`1-0:2.8.1${tariff}`, `energy/active/export/t${tariff}`, 'kWh'],
      [`Active energy exported, tariff ${tariff}`, ISRAEL],
      {
        ...COUNTER,
        rank: 1,
      },
    ),
  ]),
  ...[1, 2, 3, 4].map((q) =>
    number(
      [`1-0:${q + 4}.8.0`, `energy/reactive/q${q}`, 'kvarh'],
      [`Reactive energy, quadrant ${q}`, HUNGARY],
      COUNTER,
    ),
  ),
  number(['1-0:15.8.0', 'energy/active/absolute', 'kWh'], ['Active energy, import plus export', HUNGARY], COUNTER),
];
