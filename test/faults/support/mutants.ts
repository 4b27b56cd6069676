/** Bytes as a bad line, a bad device or a bad neighbour makes them of good ones. */
export function mutant(good: Uint8Array, random: () => number): Uint8Array {
  const below = (n: number): number => Math.floor(random() * n);
  const bytes = Buffer.from(good);
  const at = below(bytes.length);
  switch (below(8)) {
    case 0:
      for (let i = below(4); i >= 0; i--) bytes[below(bytes.length)]! ^= 1 << below(8);
      return bytes;
    case 1:
      bytes[at] = below(256);
      return bytes;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), noise(1 + below(8), below), bytes.subarray(at)]);
    case 5:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(below(bytes.length))]);
    case 6:
      // lengths and counts are where a decoder would run away
      bytes[at] = [0x00, 0x7e, 0x7f, 0x80, 0x82, 0x84, 0xff][below(7)]!;
      return bytes;
    default:
      return noise(below(64), below);
  }
}

function noise(length: number, below: (n: number) => number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(256)));
}
