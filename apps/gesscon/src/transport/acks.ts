import { BatchRanges, type BatchRange } from '@smx-edge/model';

/** The name of a batch, which is committed. */
export interface Stored {
  readonly site: string;
  readonly stream: string;
  readonly epoch: number;
  readonly seq: number;
}

/** A payload of `ack/{stream}` and where it goes. */
export interface Ack {
  readonly site: string;
  readonly stream: string;
  readonly body: { readonly e: number; readonly s: readonly BatchRange[]; readonly hw?: number };
}

/** One ack per site, stream and epoch. */
export function acksOf(stored: readonly Stored[]): Ack[] {
  const found = new Map<string, { readonly first: Stored; readonly ranges: BatchRanges }>();
  for (const batch of stored) {
    const { site, stream, epoch, seq } = batch;
    const name = `${site}/${stream}/${epoch}`;
    let one = found.get(name);
    if (one === undefined) found.set(name, (one = { first: batch, ranges: new BatchRanges() }));
    one.ranges.add([seq, seq]);
  }
  return [...found.values()].map(({ first: { site, stream, epoch: e }, ranges }) => ({
    ...{ site, stream },
    body: { e, s: ranges.list },
  }));
}
