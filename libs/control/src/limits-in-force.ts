import type { PointValue } from '@smx-edge/model';
import type { Held } from './held.js';
import { clamp } from './interval.js';
import { judged, type Judgement } from './judgement.js';
import type { ArbiterPorts } from './ports.js';
import { ReadBack, sameValue, type Verdict } from './read-back.js';

export interface LimitsOptions {
  readonly point: string;
  readonly ports: ArbiterPorts;
  conclude(held: Held, judgement: Judgement): void;
  applied(held: Held, value: PointValue): void;
}

/** Limits that stand on a set-point: each is in force once the point is at rest, and proved by a reading within it. */
export class LimitsInForce {
  constructor(private readonly o: LimitsOptions) {}

  /** The point is at rest at `value`. */
  enforce(standing: Iterable<Held>, value: PointValue): void {
    const { point, ports } = this.o;
    const { settle, tolerance } = ports.facts(point);
    for (const held of standing) {
      const { limit } = held.record;
      if (limit === undefined || held.written) continue;
      held.written = true;
      const bounds = { min: limit.min ?? -Infinity, max: limit.max ?? Infinity };
      this.o.applied(held, value);
      const before = ports.reading(point);
      const fits = (measured: PointValue): boolean => {
        if (typeof measured !== 'number') return false;
        const inside = clamp(measured, bounds);
        return sameValue(measured, inside, tolerance(inside));
      };
      held.readBack = new ReadBack({ fits, tolerance: 0, before });
      if (before !== null && held.readBack.see(before)) this.settled(held, value, { kind: 'fits', measured: before });
      else
        held.settling = ports.clock.after(settle, () =>
          this.settled(held, value, held.readBack?.verdict() ?? { kind: 'unknown' }),
        );
    }
  }

  see(standing: Iterable<Held>, measured: PointValue): void {
    for (const held of standing)
      if (held.readBack?.see(measured) === true) this.settled(held, measured, { kind: 'fits', measured });
  }

  private settled(held: Held, value: PointValue, verdict: Verdict): void {
    held.settling?.dispose();
    held.readBack = undefined;
    const outside: Verdict = verdict.kind === 'elsewhere' ? { ...verdict, kind: 'unmoved' } : verdict;
    this.o.conclude(held, judged(outside, { taken: value, asAsked: true, clampedByDevice: false, proven: true }));
  }
}
