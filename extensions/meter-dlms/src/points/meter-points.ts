import type { Device, SampleValue } from '@smx-edge/extension-api';
import type { PointValue, Unit } from '@smx-edge/model';
import { accessResultText, type Data, type GetResult } from '@smx-edge/protocols/cosem';
import { derivedOf, type Derived } from '@smx-edge/protocols/obis-points';
import type { Catalogue } from '../objects/catalogue.js';
import { scalerAttribute, type MeterObject } from '../objects/meter-object.js';
import type { Session } from '../objects/session.js';
import { rawOf, textOf } from '../objects/values.js';
import type { Ratios } from '../settings.js';
import { pointUnit, scaledValue } from './scaled-value.js';
import type { Picked } from './selection.js';

export interface PointsOptions {
  readonly device: Device;
  readonly catalogue: Catalogue;
  readonly picked: readonly Picked[];
  readonly ratios: Ratios;
  /** Most registers in one request. */
  readonly list: number;
  /** ms between two readings. */
  readonly every: number;
}

/** Registers that are read together, as points of the device. */
export class MeterPoints {
  private readonly units = new Map<string, Unit | null>();
  private readonly derived: readonly Derived[];

  constructor(private readonly o: PointsOptions) {
    const maxAge = Math.max(10_000, 3 * o.every);
    for (const { path, kind, object } of o.picked) {
      const unit = pointUnit(o.catalogue.unit(object.obis));
      this.units.set(path, unit);
      const isText = unit === null && o.catalogue.unit(object.obis) === undefined;
      o.device.point(path, { unit, kind, obis: object.obis, maxAge, ...(isText && { type: 'string', kind: 'text' }) });
    }
    this.derived = derivedOf(new Set(this.units.keys()));
    for (const { path, like } of this.derived) {
      const { kind = 'measurement' } = o.picked.find((one) => one.path === like) ?? {};
      o.device.point(path, { unit: this.units.get(like) ?? null, kind, maxAge });
    }
  }

  /** Whether `path` is one of these. */
  has(path: string): boolean {
    return this.units.has(path) || this.derived.some((one) => one.path === path);
  }

  /** Reads all of them and gives them as one batch. Rejects as the client does; nothing is given then. */
  async read(session: Session): Promise<void> {
    const { picked, list, device } = this.o;
    const values: Record<string, PointValue | SampleValue> = {};
    for (let at = 0; at < picked.length; at += list) {
      const part = picked.slice(at, at + list);
      const results = await session.read(part.map(({ object }) => ({ object, attribute: 2 })));
      for (const [i, one] of part.entries()) values[one.path] = this.sample(one, results[i]);
    }
    const known = (path: string): PointValue => {
      const sample = values[path] ?? null;
      return typeof sample === 'object' && sample !== null && 'value' in sample ? sample.value : sample;
    };
    for (const { path, value } of this.derived)
      values[path] = value(known) ?? { value: null, reason: 'a part is missing' };
    device.set(values);
  }

  private sample({ path, object }: Picked, result: GetResult | undefined): PointValue | SampleValue {
    if (result === undefined) return { value: null, reason: 'no answer' };
    if ('error' in result) return { value: null, reason: accessResultText(result.error) };
    const { catalogue, ratios } = this.o;
    const scale = catalogue.unit(object.obis);
    if (scale === undefined && rawOf(result.data) !== undefined) return unscaled(object, result.data);
    const scaled = scaledValue(result.data, { scale, unit: this.units.get(path) ?? null, ratios });
    return 'reason' in scaled ? { value: null, reason: scaled.reason } : scaled.value;
  }
}

/** A number of a register says nothing without its scaler; one of a class that has none is read as it stands. */
function unscaled({ classId }: MeterObject, data: Data): PointValue | SampleValue {
  if (scalerAttribute(classId) !== undefined) return { value: null, reason: 'its scaler and unit are not known' };
  return textOf(data) ?? { value: null, reason: 'not readable' };
}
