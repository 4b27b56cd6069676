import type { World } from './world.js';

export const PARTIES = ['ctl', 'esco', 'owner', 'dso'] as const;
export type PartyName = (typeof PARTIES)[number];

/** Longest lease that is asked, ms. */
export const LONGEST = 120_000;

/** What the rules know of a command: what was sent, and when. */
export interface Sent {
  readonly id: string;
  readonly party: PartyName;
  readonly value: number | undefined;
  /** Where it has no value: W to both sides. */
  readonly limit: number;
  /** Monotonic end of its lease. */
  due: number;
  readonly until: number | undefined;
  readonly between: readonly [number, number];
  /** Sends it once more, as it was. */
  readonly again: () => void;
}

/** The reference: a list of facts, no machinery. */
export interface Facts {
  readonly sent: Map<string, Sent>;
  next: number;
  /** Monotonic time since which the device obeys and its world is quiet. */
  calm: number;
  /** Messages on their way, sent later or never. */
  readonly network: (() => void)[];
}

export function disturb(facts: Facts, world: World): void {
  facts.calm = world.clock.monotonic();
}
