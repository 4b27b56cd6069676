import { isFurtherMeter, type SunSpecPart, type SunSpecPoint } from '@smx-edge/extension-api/sunspec';
import type { DevicePart } from '../site/site-devices.js';

const REASONS: Readonly<Record<string, string>> = {
  'not-implemented': 'the inverter gives no value now',
  'not-accumulated': 'the inverter has not counted',
  scale: 'the scale factor of the inverter cannot be',
  hole: 'the inverter does not let this be read',
};

/** Says of the parts of a unit which devices of the site they are; the first meter found stands at the connection. */
export class UnitParts {
  private atConnection: string | undefined;

  /** `maxAge`: ms. */
  devices(unit: number, parts: readonly SunSpecPart[], maxAge: number): DevicePart[] {
    const counts = new Map<string, number>();
    return parts.map((part) => {
      const index = counts.get(part.kind) ?? 0;
      counts.set(part.kind, index + 1);
      const number = index === 0 ? String(unit) : `${unit}-${index + 1}`;
      const { kind, manufacturer, model, serial } = part;
      if (kind === 'meter' && !isFurtherMeter(unit)) this.atConnection ??= number;
      const isAtConnection = kind === 'meter' && this.atConnection === number;
      return {
        ...{ kind, serials: serial === undefined ? [] : [serial], maxAge, points: part.points.map(told) },
        ...(isAtConnection ? { number: 'feed-in', place: 'feed-in' as const } : { number }),
        ...(manufacturer !== undefined && { manufacturer }),
        ...(model !== undefined && { model }),
      };
    });
  }
}

/** With the reason in words. */
const told = (point: SunSpecPoint): SunSpecPoint =>
  point.reason === undefined ? point : { ...point, reason: REASONS[point.reason] ?? point.reason };
