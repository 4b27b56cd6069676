import type { InstanceState } from '@smx-edge/extension-api';
import type { Log } from '@smx-edge/model';
import { Island } from '../island/island.js';
import type { CircuitListener } from '../relay/circuit.js';
import type { Dial } from '../relay/far-side.js';
import type { AwayKind, RelaySettings } from '../settings.js';
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
  /** Given where any charge point is served while its back end is away. */
  readonly island?: IslandParts | undefined;
}

export interface IslandParts {
  readonly state: InstanceState;
  /** ms UTC. */
  readonly now: () => number;
  readonly tags: readonly string[];
  readonly acceptsUnknown: boolean;
  readonly answerWithin?: number;
}

/** How back ends are dialled, what is done while they are away, and what is learnt for that while they are there. */
export interface Away {
  readonly dial: Dial;
  readonly policy: AwayPolicy;
  readonly listeners: readonly CircuitListener[];
}

export async function awayOf({ settings, dial, log, random = Math.random, island: parts }: AwayParts): Promise<Away> {
  const now = (): number => performance.now();
  const backEndOf = (identity: string): string => originOf(settings.stationOf(identity)?.backend);
  const breaker = new Breaker({ dial, backEndOf: ({ identity }) => backEndOf(identity), now, random });
  const kindOf = (identity: string): AwayKind => settings.stationOf(identity)?.away ?? 'mirror';
  const graceOf = (identity: string): number => settings.stationOf(identity)?.grace ?? 0;
  const isFor = (identity: string): boolean => kindOf(identity) === 'island';
  const mirror = new Mirror();
  const hold = new Hold({ breaker, graceOf, log, now, random });
  const island = parts && (await Island.open({ ...parts, breaker, isFor, log, random }));
  const policies = { mirror, hold, island: island ?? mirror };
  return {
    dial: island?.dial ?? breaker.dial,
    policy: new ByStation((identity) => policies[kindOf(identity)]),
    listeners: island ? [island] : [],
  };
}

const originOf = (backEnd: string | undefined): string => (backEnd === undefined ? '' : new URL(backEnd).host);
