import type { BatchRange } from '@smx-edge/model';

/** Most ranges one ack may bring. */
const MOST_RANGES = 1000;

export interface Ack {
  readonly epoch: number;
  readonly ranges: readonly BatchRange[];
}

/** Reads `ack/{stream}`: `{"e":epoch,"s":[[from,to],…],"hw"?}` (contracts §5); undefined where it is not one. */
export function parseAck(body: Readonly<Record<string, unknown>>): Ack | undefined {
  const { e: epoch, s = [], hw } = body;
  if (typeof epoch !== 'number' || !Array.isArray(s) || s.length > MOST_RANGES) return undefined;
  if (body['s'] === undefined && hw === undefined) return undefined;
  if (hw !== undefined && !isNumber(hw, 0)) return undefined;
  const ranges: BatchRange[] = isNumber(hw, 1) ? [[1, hw]] : [];
  for (const range of s as readonly unknown[]) {
    if (!Array.isArray(range) || range.length !== 2) return undefined;
    const [from, to] = range as readonly unknown[];
    if (!isNumber(from, 1) || !isNumber(to, from)) return undefined;
    ranges.push([from, to]);
  }
  return { epoch, ranges };
}

function isNumber(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}
