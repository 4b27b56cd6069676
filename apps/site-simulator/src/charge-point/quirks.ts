import type { FaultRules } from '../line/index.js';

/**
 * What stations in the field do otherwise: they offer no subprotocol (`no-subprotocol`, at the next dial), answer no ping (`no-pong`), stay
 * away after a clean close (`no-return`), send broken JSON (`garbage`) or nothing at all (`silence`), answer late (`delay`), use
 * transaction ids of their own below 0 for what was begun offline (`negative`), refuse a charging profile of their highest level
 * (`max-level`) or for the whole station (`no-station-profile`), or all of them (`no-profiles`), or know no GetCompositeSchedule
 * (`no-composite`).
 */
export type StationQuirk = (typeof KINDS)[number];

const KINDS = [
  ...(['no-subprotocol', 'no-pong', 'no-return', 'garbage', 'silence', 'delay', 'negative'] as const),
  ...(['max-level', 'no-station-profile', 'no-profiles', 'no-composite'] as const),
] as const;

/** Those that strike single frames. */
export const FRAME_QUIRKS: readonly StationQuirk[] = ['garbage', 'silence'];

export const STATION_QUIRKS = {
  kinds: KINDS,
  counted: 'telegrams',
  times: { delay: 1000 },
  once: [],
} as const satisfies FaultRules<StationQuirk>;
