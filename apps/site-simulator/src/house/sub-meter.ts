const { floor } = Math;

const CAPTURE = 300_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const INSTALLED = Date.UTC(2024, 0, 1);
/** Meters are replaced: a house that starts later than this again begins with a young one. */
const LIFE = 1461;

export interface VolumeReading {
  /** Whole litres. */
  readonly litres: number;
  /** ms UTC. */
  readonly t: number;
}

/** Days since the meters were put in, for a date at which a house starts. */
export function daysInstalled(t: number): number {
  const days = floor((t - INSTALLED) / DAY);
  return ((days % LIFE) + LIFE) % LIFE;
}

/** A meter on the M-Bus: counts litres, and is read every five minutes. */
export class VolumeMeter {
  /** So far, litres (with fraction). */
  litres: number;
  /** What the M-Bus master read last: litres (whole) and when, ms UTC. */
  captured: VolumeReading;
  /** The same on the hour, as meters up to DSMR 4 have it. */
  hourly: VolumeReading;
  /** Readings of the last 24 hours, oldest first, as DSMR 2.2 lists them. */
  readonly hours: VolumeReading[] = [];

  constructor(litres: number, t: number) {
    this.litres = litres;
    this.captured = { litres, t: floor(t / CAPTURE) * CAPTURE };
    this.hourly = { litres, t: floor(t / HOUR) * HOUR };
    this.hours.push(this.hourly);
  }

  /** `litres` flowed in the second that ended at `end`, ms UTC. */
  protected flow(litres: number, end: number): void {
    this.litres += litres;
    if (end % CAPTURE !== 0) return;
    this.captured = { litres: floor(this.litres), t: end };
    if (end % HOUR !== 0) return;
    this.hourly = this.captured;
    this.hours.push(this.hourly);
    if (this.hours.length > 24) this.hours.shift();
  }
}
