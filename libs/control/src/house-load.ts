import { isUsable, type Clock, type Disposable, type LiveSource, type SampleBatch } from '@smx-edge/model';
import type { Interval } from './interval.js';
import { RecentExtremes } from './recent-extremes.js';

/** Powers that differ by less are the same: a device is there, a house has not changed. W. */
const NEAR = 50;
/** Readings of the meter that may pass while a commanded device is on its way: the two are never read at one moment. */
const PATIENCE = 3;
/** How long a peak of the house counts at least, ms; else each swing of it would be a write. */
const SPAN = 15_000;
const SETPOINT = '/setpoint';
/** Device of the meter at the connection where the config names none (contracts §3). */
const METER = 'pcc';

export interface HouseLoadOptions {
  readonly live: LiveSource;
  readonly clock: Clock;
  /** Device of the meter at the connection; one that is named is needed, `pcc` counts where it is. */
  readonly meter: string | undefined;
  /** What a set-point was told, W; undefined where it is at its default. */
  readonly told: (setpoint: string) => number | undefined;
  /** What is left for a set-point may have changed. */
  readonly changed: (setpoint: string) => void;
}

/** A device that may be told a power. */
interface Commanded {
  /** Handle of the point that shows its power; undefined where it has none. */
  readonly shows: number | undefined;
  /** What everything else at the connection takes, without the commanded devices, W. */
  readonly rest: RecentExtremes;
}

/**
 * What the house takes of its connection beside a set-point: the reading of the meter less the device's own power. The
 * other set-points count with what they were told, before the meter shows it, so that two of them never share one rest.
 */
export class HouseLoad {
  private readonly devices = new Map<string, Commanded>();
  private meter: number | undefined;
  private known = false;
  /** W of the commanded devices at the last reading of the meter. */
  private sum = 0;
  private passed = 0;
  private stale = true;
  private readonly owned: Disposable[];

  constructor(private readonly o: HouseLoadOptions) {
    const { live } = o;
    this.owned = [
      live.onCatalogue((change) => {
        if (change.kind !== 'device' && change.kind !== 'device-removed') this.stale = true;
      }),
      live.subscribe((batch) => this.look(batch)),
    ];
  }

  /**
   * What of `connection` is left for a set-point. The house only ever takes of it: what others inject now gives nobody
   * more, as it may end. Where the meter is not read nothing is left, but a house over its limit forces nobody.
   */
  left(setpoint: string, connection: Interval): Interval {
    if (this.stale) this.index();
    const { min, max } = connection;
    const device = this.devices.get(setpoint);
    if (device === undefined || (this.meter === undefined && this.o.meter === undefined)) return connection;
    const rest = this.known ? device.rest.interval : undefined;
    if (rest === undefined) return { min: min === -Infinity ? min : 0, max: max === Infinity ? max : 0 };
    const others = this.others(setpoint);
    return {
      min: Math.min(0, min - Math.min(0, rest.min + others.min)),
      max: Math.max(0, max - Math.max(0, rest.max + others.max)),
    };
  }

  close(): void {
    for (const one of this.owned) one.dispose();
  }

  private look(batch: SampleBatch): void {
    if (this.stale) this.index();
    if (this.meter === undefined) return;
    for (let i = 0; i < batch.n; i++)
      if (batch.handle[i] === this.meter) {
        this.read();
        return;
      }
  }

  /** A reading of the meter, or its end. */
  private read(): void {
    const measured = this.shown(this.meter);
    const wasKnown = this.known;
    this.known = measured !== undefined;
    if (measured !== undefined) {
      let sum = 0;
      let isMoving = false;
      for (const setpoint of this.devices.keys()) {
        const told = this.o.told(setpoint);
        if (told === undefined) continue;
        const power = this.powerOf(setpoint);
        sum += power;
        isMoving ||= Math.abs(power - told) > NEAR;
      }
      isMoving ||= Math.abs(sum - this.sum) > NEAR;
      this.sum = sum;
      if (wasKnown && isMoving && this.passed++ < PATIENCE) return;
      this.passed = 0;
      this.take(measured - sum);
    }
    for (const setpoint of this.devices.keys()) this.o.changed(setpoint);
  }

  private take(rest: number): void {
    const at = this.o.clock.monotonic();
    for (const [setpoint, device] of this.devices)
      device.rest.see(this.o.told(setpoint) === undefined ? rest - this.powerOf(setpoint) : rest, at);
  }

  /** What the other commanded devices take, or may any moment. */
  private others(setpoint: string): Interval {
    let min = 0;
    let max = 0;
    for (const other of this.devices.keys()) {
      const told = other === setpoint ? undefined : this.o.told(other);
      if (told === undefined) continue;
      const power = this.powerOf(other);
      const isThere = Math.abs(power - told) <= NEAR;
      min += isThere ? told : Math.min(power, told);
      max += isThere ? told : Math.max(power, told);
    }
    return { min, max };
  }

  /** W; a device that does not show its power is taken to do what it was told. */
  private powerOf(setpoint: string): number {
    return this.shown(this.devices.get(setpoint)?.shows) ?? this.o.told(setpoint) ?? 0;
  }

  private shown(handle: number | undefined): number | undefined {
    const { live } = this.o;
    if (handle === undefined || !isUsable(live.quality(handle))) return undefined;
    const value = live.value(handle);
    return typeof value === 'number' ? value : undefined;
  }

  private index(): void {
    this.stale = false;
    const { live, meter } = this.o;
    this.meter = live.handleOf(`${meter ?? METER}/power/active`);
    this.known &&= this.meter !== undefined;
    const former = new Map(this.devices);
    this.devices.clear();
    for (const { definition } of live.points()) {
      const { path, kind, unit, device } = definition;
      if (kind !== 'setpoint' || unit !== 'W' || device === 'box' || !path.endsWith(SETPOINT)) continue;
      const rest = former.get(path)?.rest ?? new RecentExtremes({ span: SPAN, slack: NEAR });
      this.devices.set(path, { shows: live.handleOf(path.slice(0, -SETPOINT.length)), rest });
    }
  }
}
