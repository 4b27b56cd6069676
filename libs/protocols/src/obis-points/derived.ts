import type { PointValue } from '@smx-edge/model';
import { DERIVATIONS, type Derivation } from '../p1/derivations.js';

/** A point made of others of one reading, where the meter has no register for it. */
export interface Derived {
  readonly path: string;
  /** A point like it, for unit and kind. */
  readonly like: string;
  value(of: (path: string) => PointValue): PointValue;
}

/** What can be made of the registers that are read: net powers, and totals where there are tariffs only. */
export function derivedOf(paths: ReadonlySet<string>): Derived[] {
  const found = new Map<string, Derived>();
  for (const rule of DERIVATIONS) {
    const plus = rule.plus.filter((path) => paths.has(path));
    const minus = rule.minus.filter((path) => paths.has(path));
    const isWhole = plus.length + minus.length === rule.plus.length + rule.minus.length;
    if (paths.has(rule.target) || found.has(rule.target) || plus.length === 0 || (rule.all && !isWhole)) continue;
    found.set(rule.target, derived(rule, plus, minus));
  }
  return [...found.values()];
}

function derived({ target }: Derivation, plus: readonly string[], minus: readonly string[]): Derived {
  return {
    path: target,
    like: plus[0]!,
    value: (of) => {
      const parts = [...plus, ...minus].map(of);
      if (!parts.every((part) => typeof part === 'number')) return null;
      const sum = parts.reduce((whole, part, i) => (i < plus.length ? whole + part : whole - part), 0);
      // the parts are decimals; 15 digits bring the sum back to the nearest one
      return Number(sum.toPrecision(15));
    },
  };
}
