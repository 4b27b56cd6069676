/** What devices take (Fronius Modbus TCP & RTU, InOutWRte_RvrtTms); in less than a minute a busy line may not come round to refresh it. ms. */
const [LEAST, MOST] = [60_000, 28_800_000];

/** Whether a device may be asked to end by itself, after so many ms, what nobody refreshes; 0 = it is not asked to. */
export const isRevert = (ms: number): boolean => ms === 0 || (ms >= LEAST && ms <= MOST);

/** As it is said to people. */
export const REVERT_EXPECTED = '60s to 8h, or 0s';

/** s until a device ends by itself what one command asked: `fixed` where it is set, else two heartbeats (ms) of the controller. */
export function revertOf(fixed: number | undefined, heartbeat = 0): number {
  return fixed ?? Math.ceil(Math.min(MOST, Math.max(LEAST, 2 * heartbeat)) / 1000);
}

/** s between turns in which times are looked at: half of the shortest that may be set; 0 = none is. */
export const beatOf = (fixed: number | undefined): number => revertOf(fixed) / 2;
