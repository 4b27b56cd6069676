import type { Device, Point, SampleInit } from '@smx-edge/extension-api';
import type { Appliance } from '@smx-edge/protocols/load-events';

/** Appliances that have points; the list of the call has all of them. */
const MOST = 32;
/** Runs after which one that nobody named has points: what was seen once or twice may be two things at once. */
const RUNS = 3;
/** Confidence below which values are not sure. */
const SURE = 0.6;
/** Values are told each minute. */
const MAX_AGE = '3m';

/** What decides whether an appliance has points. */
export type Known = Pick<Appliance, 'id' | 'name' | 'runs'>;

/** The points of one appliance, below `appliance/ID` of the device. */
class PointsOf {
  readonly on: Point;
  readonly power: Point;
  readonly energy: Point;
  readonly confidence: Point;
  readonly name: Point;

  constructor(device: Device, id: string) {
    const below = `appliance/${id}`;
    const personal = true;
    this.on = device.point(`${below}/on`, { type: 'boolean', personal, maxAge: MAX_AGE });
    this.power = device.point(`${below}/power`, { unit: 'W', personal, maxAge: MAX_AGE });
    this.energy = device.point(`${below}/energy`, { unit: 'Wh', personal, maxAge: MAX_AGE });
    this.confidence = device.point(`${below}/confidence`, { unit: '1', personal, maxAge: MAX_AGE });
    this.name = device.point(`${below}/name`, { type: 'string', personal, maxAge: MAX_AGE });
  }

  set({ isOn, drawn, energy, confidence, name }: Appliance, doubt: string | undefined): void {
    const sample: SampleInit = doubt === undefined ? {} : { quality: 'uncertain', reason: doubt };
    this.on.set(isOn, sample);
    this.power.set(Math.round(drawn), sample);
    this.energy.set(Math.round(energy * 10) / 10, sample);
    this.confidence.set(Math.round(confidence * 100) / 100);
    if (name === null) this.name.set(null, { quality: 'good', reason: 'nobody named it' });
    else this.name.set(name);
  }

  remove(): void {
    for (const point of [this.on, this.power, this.energy, this.confidence, this.name]) point.remove();
  }
}

/**
 * What is told of each appliance: `on`, `power` (W, consumption, an estimate; 0 while off), `energy` (Wh since it is known),
 * `confidence` (0 … 1) and `name`. All of them are personal, so that no filter with a wildcard reaches them.
 */
export class AppliancePoints {
  private readonly known = new Map<string, PointsOf>();

  constructor(private readonly device: Device) {}

  /** Tells all of them as they are looked at since `from`, ms UTC; points of those that are there no more are removed. */
  tell(appliances: readonly Appliance[], from: number): void {
    const ids = new Set(appliances.map(({ id }) => id));
    for (const [id, points] of this.known)
      if (!ids.has(id)) {
        points.remove();
        this.known.delete(id);
      }
    for (const appliance of appliances) this.pointsOf(appliance)?.set(appliance, doubtOf(appliance, from));
  }

  /** Takes away all points, those too that an earlier run told of these appliances: the box keeps points over restarts. */
  erase(earlier: readonly Known[]): void {
    for (const one of earlier)
      if (!this.known.has(one.id) && hasPoints(one)) this.known.set(one.id, new PointsOf(this.device, one.id));
    for (const points of this.known.values()) points.remove();
    this.known.clear();
  }

  private pointsOf(appliance: Appliance): PointsOf | undefined {
    const { id } = appliance;
    const known = this.known.get(id);
    if (known !== undefined || this.known.size >= MOST || !hasPoints(appliance)) return known;
    const made = new PointsOf(this.device, id);
    this.known.set(id, made);
    return made;
  }
}

const hasPoints = ({ name, runs }: Known): boolean => name !== null || runs >= RUNS;

function doubtOf({ confidence, lastSeen }: Appliance, from: number): string | undefined {
  // it may have run all the while
  if (!(lastSeen >= from)) return 'it was not seen to switch since the reader began';
  return confidence < SURE ? `recognised with a confidence of ${confidence.toFixed(2)} only` : undefined;
}
