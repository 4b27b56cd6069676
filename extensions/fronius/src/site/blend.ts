import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';

/** Ways to a device, the better first: registers are read each second, and tell of the moment. */
export const WAYS = ['modbus', 'api'] as const;
export type Way = (typeof WAYS)[number];

interface Held {
  /** 2 for a good value, 1 for an uncertain one, 0 for none. */
  readonly worth: number;
  /** Monotonic ms, until which it counts. */
  readonly until: number;
}

/** When something was read, and for how long it counts, ms. */
export interface Moment {
  readonly now: number;
  readonly maxAge: number;
}

/**
 * Chooses between the ways to one device, for each of its points: the better way gives it as long as that has a value of it that is
 * as good, the other one fills what it lacks and takes over when it has gone quiet.
 */
export class Blend {
  private readonly held: Readonly<Record<Way, Map<string, Held>>> = { modbus: new Map(), api: new Map() };

  /** Those of the points of a way that are to be shown now. */
  take(way: Way, points: readonly SunSpecPoint[], { now, maxAge }: Moment): SunSpecPoint[] {
    return points.filter(({ path, value, quality }) => {
      const worth = value === null ? 0 : quality === 'good' ? 2 : 1;
      this.held[way].set(path, { worth, until: now + maxAge });
      return WAYS.every((other) => other === way || !this.isBetter(other, way, { path, now }));
    });
  }

  /** Whether a way gave a value lately. */
  isAlive(way: Way, now: number): boolean {
    for (const { worth, until } of this.held[way].values()) if (worth > 0 && now <= until) return true;
    return false;
  }

  private isBetter(one: Way, than: Way, at: { readonly path: string; readonly now: number }): boolean {
    const [a, b] = [this.worth(one, at), this.worth(than, at)];
    return a > b || (a === b && a > 0 && WAYS.indexOf(one) < WAYS.indexOf(than));
  }

  private worth(way: Way, { path, now }: { readonly path: string; readonly now: number }): number {
    const held = this.held[way].get(path);
    return held === undefined || now > held.until ? 0 : held.worth;
  }
}
