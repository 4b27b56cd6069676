import {
  isUsable,
  type Clock,
  type Disposable,
  type LiveSource,
  type PointDefinition,
  type PointValue,
  type SampleBatch,
} from '@smx-edge/model';
import type { Envelope } from './envelope.js';
import { HouseLoad } from './house-load.js';
import { EVERYTHING, within, type Interval } from './interval.js';
import type { SiteLimits } from './site-limits.js';

export interface SiteBoundsOptions {
  readonly live: LiveSource;
  readonly limits: SiteLimits;
  readonly clock: Clock;
  readonly envelope: Pick<Envelope, 'bounds'>;
  /** What a set-point was told; undefined where it is at its default. */
  readonly told: (point: string) => PointValue | undefined;
  /** The bounds of a set-point changed. */
  readonly changed: (point: string) => void;
}

const SOC = '/soc';

/** Where a store of energy is in its window. */
type Side = 'low' | 'inside' | 'high' | 'unknown';

/**
 * What the site bounds every command by, whoever gives it: the connection with what the house takes of it, and the state
 * of charge of a store.
 */
export class SiteBounds {
  private readonly sides = new Map<string, Side>();
  /** Paths of stores by the handle of their state of charge: `battery`, or `er/battery` where one device has more than it. */
  private readonly stores = new Map<number, string>();
  private stale = true;
  private readonly house: HouseLoad;
  private readonly owned: Disposable[];

  constructor(private readonly o: SiteBoundsOptions) {
    const { live, limits, clock, told, changed } = o;
    this.house = new HouseLoad({
      ...{ live, clock, changed, meter: limits.meter },
      told: (point) => {
        const value = told(point);
        return typeof value === 'number' ? value : undefined;
      },
    });
    this.owned =
      limits.soc === undefined
        ? []
        : [
            live.onCatalogue(() => {
              this.stale = true;
            }),
            live.subscribe((batch) => this.look(batch)),
          ];
  }

  of(definition: PointDefinition | undefined): { readonly hard: Interval; readonly envelope: Interval } {
    if (definition?.unit !== 'W' || definition.device === 'box') return { hard: EVERYTHING, envelope: EVERYTHING };
    const { limits, envelope } = this.o;
    const connection = { min: -(limits.export ?? Infinity), max: limits.import ?? Infinity };
    const left = (bounds: Interval): Interval => this.house.left(definition.path, bounds);
    return { hard: within(left(connection), this.window(definition)), envelope: left(envelope.bounds) };
  }

  /** The bounds of the whole connection changed. */
  revise(): void {
    for (const { definition } of this.o.live.points())
      if (definition.kind === 'setpoint' && definition.unit === 'W') this.o.changed(definition.path);
  }

  close(): void {
    this.house.close();
    for (const one of this.owned) one.dispose();
  }

  /** A store at the edge of its window, or one whose state of charge nobody knows, is not led further. */
  private window({ path }: PointDefinition): Interval {
    const handle = this.socOf(path);
    if (this.o.limits.soc === undefined || handle === undefined || !path.endsWith('/setpoint')) return EVERYTHING;
    const side = this.sideOf(handle);
    return {
      min: side === 'low' || side === 'unknown' ? 0 : -Infinity,
      max: side === 'high' || side === 'unknown' ? 0 : Infinity,
    };
  }

  /** Handle of the state of charge of the store that a set-point belongs to: the nearest `soc` beside or above it. */
  private socOf(setpoint: string): number | undefined {
    const segments = setpoint.split('/');
    while (segments.pop() !== undefined && segments.length > 0) {
      const handle = this.o.live.handleOf(`${segments.join('/')}${SOC}`);
      if (handle !== undefined) return handle;
    }
    return undefined;
  }

  private sideOf(handle: number): Side {
    const { live, limits } = this.o;
    const [min, max] = limits.soc ?? [-Infinity, Infinity];
    const soc = isUsable(live.quality(handle)) ? live.value(handle) : null;
    if (typeof soc !== 'number') return 'unknown';
    return soc <= min ? 'low' : soc >= max ? 'high' : 'inside';
  }

  private look(batch: SampleBatch): void {
    if (this.stale) this.index();
    for (let i = 0; i < batch.n; i++) {
      const store = this.stores.get(batch.handle[i]!);
      if (store === undefined) continue;
      const side = this.sideOf(batch.handle[i]!);
      if (side === this.sides.get(store)) continue;
      this.sides.set(store, side);
      for (const { definition } of this.o.live.points())
        if (definition.kind === 'setpoint' && definition.path.startsWith(`${store}/`)) this.o.changed(definition.path);
    }
  }

  private index(): void {
    this.stale = false;
    this.stores.clear();
    for (const { handle, definition } of this.o.live.points())
      if (definition.path.endsWith(SOC)) this.stores.set(handle, definition.path.slice(0, -SOC.length));
  }
}
