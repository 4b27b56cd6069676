import type { Device, PointInit, SampleValue } from '@smx-edge/extension-api';
import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';
import { Blend, WAYS, type Way } from './blend.js';
import type { Energies } from './energies.js';

/** One reading of a device over one way. */
export interface DeviceReading {
  readonly points: readonly SunSpecPoint[];
  /** Time without news after which its values are stale, ms. */
  readonly maxAge: number;
  /** Clock of the device, ms UTC, where it says it. */
  readonly t?: number;
}

const SILENT = 'neither way to it gives a value';
/** Wh that are no counter. */
const CAPACITY = 'capacity';

/** A device of the site with its points, whichever way they come. */
export class SiteDevice {
  private readonly blend = new Blend();
  /** Max age by point that was declared. */
  private readonly declared = new Map<string, number>();
  private isOnline = false;
  private since: number;

  constructor(
    readonly device: Device,
    private readonly energies: Energies,
    private readonly monotonic: () => number,
  ) {
    this.since = monotonic();
    device.online(false, 'not read yet');
  }

  take(way: Way, { points, maxAge, t }: DeviceReading): void {
    const now = this.monotonic();
    const shown = this.blend.take(way, points, { now, maxAge });
    const values: Record<string, SampleValue> = {};
    for (const point of shown) {
      if (this.energies.tells(point.path) || !this.isDeclared(point, maxAge)) continue;
      const { path, value, quality, reason } = point;
      values[path] = { value, quality, ...(reason !== undefined && { reason }) };
    }
    if (Object.keys(values).length > 0) this.device.set(values, t === undefined ? {} : { t });
    this.energies.take(way, shown);
    if (shown.some(({ value }) => value !== null)) this.turn(true);
  }

  /** Looks whether any way still gives values. */
  look(): void {
    const now = this.monotonic();
    if (this.isOnline && !WAYS.some((way) => this.blend.isAlive(way, now))) this.turn(false);
  }

  /** How it is read. */
  get ways(): Way[] {
    return WAYS.filter((way) => this.blend.isAlive(way, this.monotonic()));
  }

  /** What never had a value is not there. */
  private isDeclared({ path, unit, value }: SunSpecPoint, maxAge: number): boolean {
    const known = this.declared.get(path);
    if (known === undefined && value === null) return false;
    // a pace that changes little is the same
    const isOther = known === undefined || maxAge > 1.2 * known || maxAge < 0.6 * known;
    if (isOther && value !== null) {
      const init: PointInit = typeof value === 'string' ? { type: 'string', kind: 'state', maxAge } : { unit, maxAge };
      this.device.point(path, path === CAPACITY ? { ...init, kind: 'parameter' } : init);
      this.declared.set(path, maxAge);
    }
    return true;
  }

  private turn(isOnline: boolean): void {
    if (this.isOnline === isOnline) return;
    this.isOnline = isOnline;
    if (isOnline) this.device.online(true);
    else this.device.online(false, SILENT);
  }
}
