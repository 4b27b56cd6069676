import type { LiveSource, PointDefinition } from '@smx-edge/model';
import { EVERYTHING, type Interval } from './interval.js';

/** Limits of the connection, W, never negative. */
export interface SiteLimits {
  readonly import?: number;
  readonly export?: number;
}

/** What the site bounds every command by, whoever gives it. */
export class SiteBounds {
  constructor(private readonly o: { readonly live: LiveSource; readonly limits: SiteLimits }) {}

  of(definition: PointDefinition | undefined): { readonly hard: Interval; readonly envelope: Interval } {
    if (definition?.unit !== 'W') return { hard: EVERYTHING, envelope: EVERYTHING };
    const { limits } = this.o;
    return { hard: { min: -(limits.export ?? Infinity), max: limits.import ?? Infinity }, envelope: EVERYTHING };
  }

  close(): void {
    // holds nothing yet
  }
}
