import type { Log } from '@smx-edge/model';
import type { Dial } from '../relay/far-side.js';
import type { RelaySettings } from '../settings.js';
import type { AwayPolicy } from './away.js';
import { Breaker } from './breaker.js';
import { ByStation } from './by-station.js';
import { Hold } from './hold.js';
import { Mirror } from './mirror.js';

export interface AwayParts {
  readonly settings: Pick<RelaySettings, 'stationOf'>;
  readonly dial: Dial;
  readonly log: Log;
  /** 0 … 1. */
  readonly random?: () => number;
}

/** How back ends are dialled, and what is done while they are away. */
export interface Away {
  readonly dial: Dial;
  readonly policy: AwayPolicy;
}

export function awayOf({ settings, dial, log, random = Math.random }: AwayParts): Away {
  const now = (): number => performance.now();
  const backEndOf = (identity: string): string => originOf(settings.stationOf(identity)?.backend);
  const breaker = new Breaker({ dial, backEndOf: ({ identity }) => backEndOf(identity), now, random });
  const mirror = new Mirror();
  const graceOf = (identity: string): number => settings.stationOf(identity)?.grace ?? 0;
  const hold = new Hold({ breaker, graceOf, log, now, random });
  const policies = { mirror, hold, island: mirror };
  const policyOf = (identity: string): AwayPolicy => policies[settings.stationOf(identity)?.away ?? 'mirror'];
  return { dial: breaker.dial, policy: new ByStation(policyOf) };
}

const originOf = (backEnd: string | undefined): string => (backEnd === undefined ? '' : new URL(backEnd).host);
