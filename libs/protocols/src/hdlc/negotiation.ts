/** What the two ends of a link may send each other (IEC 62056-46 §6.4.4.4.3.2). */
export interface LinkLimits {
  /** Bytes of the information field, window in frames; of the one who writes this. */
  readonly infoTransmit: number;
  readonly infoReceive: number;
  readonly windowTransmit: number;
  readonly windowReceive: number;
}

/** Where nothing is said. */
export const DEFAULT_LIMITS: LinkLimits = {
  infoTransmit: 128,
  infoReceive: 128,
  windowTransmit: 1,
  windowReceive: 1,
};

const FORMAT_ID = 0x81;
const GROUP_ID = 0x80;
const FIELDS: readonly (readonly [id: number, field: keyof LinkLimits, smallest: number, largest: number])[] = [
  [5, 'infoTransmit', 1, 2030],
  [6, 'infoReceive', 1, 2030],
  [7, 'windowTransmit', 1, 7],
  [8, 'windowReceive', 1, 7],
];

/** Information field of an SNRM or UA. Sizes take one byte up to 128 and two above, windows four. */
export function encodeLimits(limits: LinkLimits): Uint8Array {
  const group = FIELDS.flatMap(([id, field]) => {
    const value = limits[field];
    if (field.startsWith('window')) return [id, 4, 0, 0, 0, value];
    return value <= 128 ? [id, 1, value] : [id, 2, value >> 8, value & 0xff];
  });
  return Uint8Array.of(FORMAT_ID, GROUP_ID, group.length, ...group);
}

/**
 * Limits in an SNRM or UA, as its sender means them: what is absent is at its default, numbers of one to four bytes are
 * taken, and unknown parameters skipped. Undefined where the field is not well formed or a number is out of range.
 */
export function decodeLimits(info: Uint8Array): LinkLimits | undefined {
  const limits = { ...DEFAULT_LIMITS };
  if (info.length === 0) return limits;
  if (info.length < 3 || info[0] !== FORMAT_ID || info[1] !== GROUP_ID || info[2]! + 3 > info.length) return undefined;
  const end = 3 + info[2]!;
  for (let at = 3; at < end;) {
    const [id, size] = [info[at]!, info[at + 1]];
    if (size === undefined || at + 2 + size > end) return undefined;
    const known = FIELDS.find(([own]) => own === id);
    if (known !== undefined) {
      const [, field, smallest, largest] = known;
      let value = 0;
      for (const byte of info.subarray(at + 2, at + 2 + size)) value = value * 256 + byte;
      if (value < smallest || value > largest) return undefined;
      limits[field] = value;
    }
    at += 2 + size;
  }
  return limits;
}

/** What the one who asked for `own` may do after the other answered `other`: the smaller of both, crosswise. */
export function agree(own: LinkLimits, other: LinkLimits): LinkLimits {
  return {
    infoTransmit: Math.min(own.infoTransmit, other.infoReceive),
    infoReceive: Math.min(own.infoReceive, other.infoTransmit),
    windowTransmit: Math.min(own.windowTransmit, other.windowReceive),
    windowReceive: Math.min(own.windowReceive, other.windowTransmit),
  };
}
