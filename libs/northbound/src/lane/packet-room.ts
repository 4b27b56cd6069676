/** A batch of rows cut as usual is within this, bytes: the least that brokers of clouds take. */
const USUAL = 128 * 1024;
/** Part of a payload that rows as they are estimated may take: numbers may have 17 digits. */
const ROOM = 0.4;
/** Bytes of a batch around its rows. */
const AROUND = 256;
const LEAST = 256;

/** Bytes of rows, as they are estimated, that a batch may have where payloads have at most `limit`; undefined = as usual. */
export function rowBytes(limit: number): number | undefined {
  return limit >= USUAL ? undefined : Math.max(LEAST, Math.floor(ROOM * limit) - AROUND);
}
