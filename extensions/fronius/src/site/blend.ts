import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';

/** Ways to a device, the better first: registers are read each second, and tell of the moment. */
export const WAYS = ['modbus', 'api'] as const;
export type Way = (typeof WAYS)[number];

interface Held {
  readonly hasValue: boolean;
  /** Monotonic ms, until which it counts. */
  readonly until: number;
}

/** When something was read, and for how long it counts, ms. */
export interface Moment {
  readonly now: number;
  readonly maxAge: number;
}

/**
 * Chooses between the ways to one device, for each of its points: the better way gives it as long as that has a value of it, the
 * other one fills what it lacks and takes over when it has gone quiet.
 */
export class Blend {
  private readonly held: Readonly<Record<Way, Map<string, Held>>> = { modbus: new Map(), api: new Map() };

  /** Those of the points of a way that are to be shown now. */
  take(way: Way, points: readonly SunSpecPoint[], { now, maxAge }: Moment): SunSpecPoint[] {
    const shown = points.filter(({ path, value }) => {
      this.held[way].set(path, { hasValue: value !== null, until: now + maxAge });
      const [best] = WAYS.filter((one) => this.counts(one, path, now));
      return best === undefined || best === way;
    });
    return shown;
  }

  /** Whether a way gave a value lately. */
  isAlive(way: Way, now: number): boolean {
    for (const { hasValue, until } of this.held[way].values()) if (hasValue && now <= until) return true;
    return false;
  }

  private counts(way: Way, path: string, now: number): boolean {
    const held = this.held[way].get(path);
    return held !== undefined && held.hasValue && now <= held.until;
  }
}
