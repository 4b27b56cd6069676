import type { CommandOutcome, PointValue } from '@smx-edge/model';
import type { Verdict } from './read-back.js';

/** An outcome with what is told of it. */
export interface Judgement {
  readonly state: CommandOutcome;
  readonly value?: PointValue;
  readonly measured?: PointValue;
  readonly code?: string;
  readonly reason?: string;
}

export interface Evidence {
  /** What the device said it took. */
  readonly taken: PointValue;
  /** Whether that is what was asked. */
  readonly asAsked: boolean;
  readonly clampedByDevice: boolean;
  /** There is a point that proves the set-point. */
  readonly proven: boolean;
}

/** The outcome of a write that the device did not refuse. */
export function judged(verdict: Verdict, { taken, asAsked, clampedByDevice, proven }: Evidence): Judgement {
  switch (verdict.kind) {
    case 'fits':
      return {
        state: asAsked ? 'verified' : 'clamped',
        value: taken,
        measured: verdict.measured,
        ...(asAsked ? {} : { reason: clampedByDevice ? 'the device took this instead' : 'a limit bounds it' }),
      };
    case 'unmoved':
      return {
        state: 'ignored',
        value: taken,
        measured: verdict.measured,
        reason: 'the device took it and did not follow',
      };
    case 'elsewhere':
      return {
        state: 'clamped',
        value: verdict.measured,
        measured: verdict.measured,
        reason: 'the device went elsewhere',
      };
    case 'unknown':
      if (!asAsked && !proven)
        return {
          state: 'clamped',
          value: taken,
          reason: clampedByDevice ? 'so the device says' : 'a limit bounds it; nothing proves it',
        };
      return {
        state: 'unverified',
        value: taken,
        reason: proven ? 'the point that proves it gave no good value' : 'no point proves this set-point',
      };
  }
}
