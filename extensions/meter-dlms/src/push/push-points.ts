import type { Device, SampleValue } from '@smx-edge/extension-api';
import { obisSegment, type Log, type PointValue, type Unit, type Zone } from '@smx-edge/model';
import type { DataNotification } from '@smx-edge/protocols/cosem';
import { askedName, nameOf, type PointName } from '@smx-edge/protocols/obis-points';
import { meterTime } from '../load-profile/meter-time.js';
import { rawOf, type ScalerUnit } from '../objects/values.js';
import { pointUnit, scaledValue } from '../points/scaled-value.js';
import type { Ratios } from '../settings.js';
import { pushOf, type Pushed, type PushObject } from './push-object.js';

export interface PushPointsOptions {
  readonly device: Device;
  /** OBIS codes by path, of the config. */
  readonly points: Readonly<Record<string, string>>;
  readonly ratios: Ratios;
  readonly zone: Zone;
  /** ms between two pushes. */
  readonly every: number;
  readonly log: Log;
  /** What is known of a meter that is read as well. */
  unit(obis: string): ScalerUnit | undefined;
  isRead(path: string): boolean;
}

/** What a meter pushes, as points of the device. */
export class PushPoints {
  private readonly declared = new Map<string, Unit | null>();
  private readonly told = new Set<string>();

  constructor(private readonly o: PushPointsOptions) {}

  /** Gives the values of one push. False where it could not be told what its elements are: nothing is given then. */
  give({ data, dateTime }: DataNotification, objects: readonly PushObject[] | undefined): boolean {
    const push = pushOf(data, objects);
    if (push === undefined) return false;
    const values: Record<string, PointValue | SampleValue> = {};
    for (const pushed of push.values) {
      const name = this.nameOf(pushed.obis);
      const sample = this.sample(pushed, name);
      if (sample !== undefined) values[name.path] = sample;
    }
    const stamp = push.clock ?? ({ type: 'octet-string', value: dateTime } as const);
    const time = meterTime(stamp, this.o.zone);
    this.o.device.set(values, time === undefined || time.status.invalid ? {} : { t: time.t });
    return true;
  }

  private nameOf(obis: string): PointName {
    const asked = Object.entries(this.o.points).find(([, code]) => code === obis);
    return (asked && askedName(asked[0], obis)) ?? nameOf(obis) ?? askedName(`obis/${obisSegment(obis)}`, obis);
  }

  private sample(
    { obis, data, scale = this.o.unit(obis) }: Pushed,
    { path, kind }: PointName,
  ): PointValue | SampleValue | undefined {
    if (scale === undefined && rawOf(data) !== undefined) {
      if (!this.told.has(obis))
        this.o.log.warn('a pushed number has no unit; name scaler and unit under push.objects', { obis });
      this.told.add(obis);
      return undefined;
    }
    if (!this.declared.has(path))
      this.declare(path, { obis, kind, unit: pointUnit(scale), isText: scale === undefined });
    const scaled = scaledValue(data, { scale, unit: this.declared.get(path) ?? null, ratios: this.o.ratios });
    return 'reason' in scaled ? { value: null, reason: scaled.reason } : scaled.value;
  }

  private declare(
    path: string,
    { obis, kind, unit, isText }: { obis: string; kind: PointName['kind']; unit: Unit | null; isText: boolean },
  ): void {
    this.declared.set(path, unit);
    // what is read as well keeps its own age
    if (this.o.isRead(path)) return;
    const maxAge = Math.max(10_000, 3 * this.o.every);
    this.o.device.point(path, { unit, kind, obis, maxAge, ...(isText && { type: 'string', kind: 'text' }) });
  }
}
