/** What devices take (Fronius Modbus TCP & RTU, InOutWRte_RvrtTms); in less than a minute a busy line may not come round to refresh it. ms. */
const [LEAST, MOST] = [60_000, 28_800_000];

/** Whether a device may be asked to end by itself, after so many ms, what nobody refreshes; 0 = it is not asked to. */
export const isRevert = (ms: number): boolean => ms === 0 || (ms >= LEAST && ms <= MOST);

/** As it is said to people. */
export const REVERT_EXPECTED = '60s to 8h, or 0s';
