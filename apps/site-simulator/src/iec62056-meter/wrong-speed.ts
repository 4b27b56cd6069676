const DATA_BITS = 8;
/** Start bit, eight bits, stop bit. */
const BITS = 10;
/** Of a bit, between two looks for the edge of a start bit. */
const STEP = 0.25;

/**
 * Bytes of a line of 8N1 as a reader sees them who expects them `ratio` times as fast as they come: it samples each bit in the
 * middle of where it thinks it is, and takes what it finds for a byte, whatever its stop bit.
 */
export function misheard(bytes: Uint8Array, ratio: number): Uint8Array {
  const level = (t: number): number => {
    const bit = Math.floor(t / ratio);
    const byte = bytes[Math.floor(bit / BITS)];
    const place = bit % BITS;
    if (byte === undefined || place === BITS - 1) return 1;
    return place === 0 ? 0 : (byte >> (place - 1)) & 1;
  };
  const seen: number[] = [];
  const end = bytes.length * BITS * ratio;
  for (let t = 0; t < end; t += STEP) {
    if (level(t) === 1) continue;
    let byte = 0;
    for (let i = 0; i < DATA_BITS; i++) byte |= level(t + 1.5 + i) << i;
    seen.push(byte);
    t += BITS - 0.5;
  }
  return Uint8Array.from(seen);
}
