import { applied, refused, type SetpointAnswer } from '@smx-edge/extension-api';
import {
  SampleBatch,
  type Clock,
  type Disposable,
  type LiveSource,
  type PointDefinition,
  type PointValue,
} from '@smx-edge/model';
import type { Interval } from './interval.js';
import type { SiteLimits } from './site-limits.js';

/** What holds while nobody of the grid is heard (as EEBUS LPC and LPP have it). Values W, durations ms. */
interface FailSafe {
  readonly import?: number;
  readonly export?: number;
  /** Silence after which it holds. */
  readonly after: number;
  /** How long it holds; then the limits of the config alone do. */
  readonly for: number;
}

export interface EnvelopeLive extends LiveSource {
  declare(definition: PointDefinition): number;
  ingest(batch: SampleBatch): void;
}

export interface EnvelopeOptions {
  readonly live: EnvelopeLive;
  readonly limits: SiteLimits & { readonly failsafe?: FailSafe };
  readonly clock: Clock;
  readonly changed: () => void;
  /** The fail-safe begins or ends. */
  readonly told: (holds: boolean, text: string) => void;
}

const SIDES = ['import', 'export'] as const;
type Side = (typeof SIDES)[number];

/** Path of the set-point of one side of the envelope. */
const pathOf = (side: Side): string => `box/limit/${side}`;

/**
 * The envelope of the connection: what it may draw and inject now. Its two sides are set-points of the box like any
 * other, so that a grid operator sets them by commands and schedules, with leases; it bounds all devices.
 */
export class Envelope {
  private readonly set: Partial<Record<Side, number>> = {};
  private readonly handles = new Map<Side, number>();
  private readonly batch = new SampleBatch(1);
  private safe = false;
  private timer: Disposable | undefined;

  constructor(private readonly o: EnvelopeOptions) {}

  /** Paths of its set-points. */
  static readonly points: readonly string[] = SIDES.map(pathOf);

  /** Declares its set-points; the silence counts from now. */
  start(): void {
    const { live, limits } = this.o;
    for (const side of SIDES) {
      const limit = limits[side];
      const path = pathOf(side);
      const bounds = { min: 0, ...(limit === undefined ? {} : { max: limit, default: limit }) };
      const handle = live.declare({
        ...{ path, device: 'box', instance: 'core', unit: 'W', type: 'number', kind: 'setpoint', maxAge: 0 },
        setpoint: { ...bounds, verify: path, interval: 0 },
      });
      this.handles.set(side, handle);
      this.show(side);
    }
    this.listen();
  }

  /** What every device is bounded by besides the limits of the config, W. */
  get bounds(): Interval {
    return { min: -(this.of('export') ?? Infinity), max: this.of('import') ?? Infinity };
  }

  /** Puts a command of one of its set-points in force; undefined puts the limit of the config back. */
  put(point: string, value: PointValue | undefined): SetpointAnswer {
    const side = SIDES.find((one) => pathOf(one) === point);
    if (side === undefined) return refused('SMX_POINT_UNKNOWN', 'the box has no such set-point');
    if (value === undefined) delete this.set[side];
    else if (typeof value === 'number') this.set[side] = value;
    else return refused('SMX_POINT_TYPE', 'a limit is a number of watts');
    this.show(side);
    this.o.changed();
    return applied(this.set[side] ?? this.o.limits[side] ?? null);
  }

  /** A party of the grid gave a sign of life. */
  heard(): void {
    this.listen();
    if (!this.safe) return;
    this.safe = false;
    this.o.told(false, 'the grid operator is heard again; the fail-safe limits are lifted');
    this.refresh();
  }

  close(): void {
    this.timer?.dispose();
  }

  private of(side: Side): number | undefined {
    const safe = this.safe ? this.o.limits.failsafe?.[side] : undefined;
    const set = this.set[side];
    if (safe === undefined || set === undefined) return safe ?? set;
    return Math.min(safe, set);
  }

  private listen(): void {
    this.timer?.dispose();
    const { failsafe } = this.o.limits;
    if (failsafe === undefined) return;
    this.timer = this.o.clock.after(failsafe.after, () => {
      this.safe = true;
      this.o.told(true, 'the grid operator is not heard; the fail-safe limits hold');
      this.refresh();
      this.timer = this.o.clock.after(failsafe.for, () => {
        this.safe = false;
        this.o.told(
          false,
          'the grid operator was not heard for the whole time of the fail-safe; its limits are lifted',
        );
        this.refresh();
      });
    });
  }

  private refresh(): void {
    for (const side of SIDES) this.show(side);
    this.o.changed();
  }

  private show(side: Side): void {
    const { clock, limits, live } = this.o;
    this.batch.clear(clock.now());
    const i = this.batch.add(this.handles.get(side)!);
    this.batch.number[i] = this.of(side) ?? limits[side] ?? NaN;
    live.ingest(this.batch);
  }
}
