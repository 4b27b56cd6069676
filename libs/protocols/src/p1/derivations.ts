import { PHASES } from './obis-row.js';

/** A point computed from others of the same telegram where the meter does not give it itself. */
export interface Derivation {
  readonly target: string;
  readonly plus: readonly string[];
  readonly minus: readonly string[];
  /** Whether every part must be there; a sum of tariffs takes those the meter has, of which none may be null. */
  readonly all: boolean;
}

function tariffs(target: string): Derivation {
  return { target, plus: [1, 2, 3, 4].map((tariff) => `${target}/t${tariff}`), minus: [], all: false };
}

function net(quantity: string, phase = ''): Derivation {
  return {
    target: `power/${quantity}${phase}`,
    plus: [`power/${quantity}/import${phase}`],
    minus: [`power/${quantity}/export${phase}`],
    all: true,
  };
}

const QUADRANTS: Derivation = {
  target: 'power/reactive',
  plus: ['power/reactive/q1', 'power/reactive/q2'],
  minus: ['power/reactive/q3', 'power/reactive/q4'],
  all: true,
};

/** In order; the first that can be computed wins. */
export const DERIVATIONS: readonly Derivation[] = [
  tariffs('energy/active/import'),
  tariffs('energy/active/export'),
  tariffs('energy/reactive/import'),
  tariffs('energy/reactive/export'),
  ...['active', 'reactive', 'apparent'].flatMap((quantity) => [
    net(quantity),
    ...PHASES.map((phase) => net(quantity, `/${phase}`)),
  ]),
  QUADRANTS,
];
