import { inflateSync } from 'node:zlib';

/** No message that is meant is longer, bytes: 2,000 points with their names take half of it. */
const LONGEST = 512 * 1024;
/** First byte of a deflated payload; JSON begins with `{` (contracts §5). */
const ZLIB = 0x78;

/** The text of a payload, inflated where it is zlib; undefined where it is longer than any that is meant, or damaged. */
export function textOf(payload: Uint8Array): string | undefined {
  if (payload.length > LONGEST) return undefined;
  if (payload[0] !== ZLIB) return Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8');
  try {
    return inflateSync(payload, { maxOutputLength: LONGEST }).toString('utf8');
  } catch {
    // told by the result: what a far side sends is no fault of this process
    return undefined;
  }
}
