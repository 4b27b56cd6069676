/** What its sign on the wire goes by; absent where a quantity has none. */
export type Side = 'battery' | 'pv' | 'grid' | 'reactive';

/** Something an Energy Router measures, as a point below its device. */
export interface Quantity {
  readonly unit: string | null;
  readonly side?: Side;
  /** Beyond it no router of a house can be: a number outside is a fault. */
  readonly range?: readonly [least: number, most: number];
}

const WATT = [-1e6, 1e6] as const;
const VOLT = [0, 1500] as const;
const AMPERE = [-2000, 2000] as const;

const per = (path: string, quantity: Quantity): Record<string, Quantity> =>
  Object.fromEntries(['l1', 'l2', 'l3'].map((phase) => [`${path}/${phase}`, quantity]));

const ACTIVE: Quantity = { unit: 'W', side: 'grid', range: WATT };
const REACTIVE: Quantity = { unit: 'var', side: 'reactive', range: WATT };

/** The mode of a router, a word. */
export const MODE = 'mode';

/** All that is known of measures, by path; what a driver can give is a part of it (Storage4Grid D4.10 tables 6 and 8). */
export const QUANTITIES: Readonly<Record<string, Quantity>> = {
  [MODE]: { unit: null },
  'battery/soc': { unit: '%', range: [0, 100] },
  'battery/power': { unit: 'W', side: 'battery', range: WATT },
  'battery/voltage': { unit: 'V', range: VOLT },
  'battery/current': { unit: 'A', side: 'battery', range: AMPERE },
  'pv/power': { unit: 'W', side: 'pv', range: WATT },
  'pv/voltage': { unit: 'V', range: VOLT },
  'pv/current': { unit: 'A', range: AMPERE },
  'power/active': ACTIVE,
  ...per('power/active', ACTIVE),
  'power/reactive': REACTIVE,
  ...per('power/reactive', REACTIVE),
  ...per('voltage', { unit: 'V', range: VOLT }),
  ...per('current', { unit: 'A', range: AMPERE }),
  'dc-link/voltage': { unit: 'V', range: VOLT },
};
