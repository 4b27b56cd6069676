import { decodeFrame } from '@smx-edge/protocols/ocpp-j';
import type { ChargePoint, Csms } from '@smx-edge/site-simulator';

/** What became of the messages of one charge point at its back end. */
export interface Verdict {
  /** Transaction messages that the charge point has an answer to, and more than were there. */
  readonly answered: number;
  /** Sessions, ends or values that the back end should have and does not. */
  readonly lost: number;
  /** CALLs that came twice under one id, and messages that came more often than the charge point sent them. */
  readonly doubled: number;
  /** Messages that came before an earlier one. */
  readonly disordered: number;
}

/** Once nothing waits any more: `begun` is how many transactions the charge point began. */
export function judge(station: ChargePoint, csms: Csms, begun: number): Verdict {
  const { counts } = station.state;
  const { sessions, repeats, bill } = csms;
  const kept = sessions.reduce((sum, { values, endedAt }) => sum + 1 + values + (endedAt === undefined ? 0 : 1), 0);
  const ids: string[] = [];
  const times: string[] = [];
  for (const { direction, bytes } of csms.frames()) {
    const frame = direction === 'in' ? decodeFrame(bytes) : undefined;
    if (frame?.kind !== 'call') continue;
    ids.push(frame.id);
    const { action, payload } = frame;
    if (action === 'StartTransaction' || action === 'StopTransaction') times.push(String(payload['timestamp']));
    // of two that happened in one moment the number says which was first
    if (action === 'TransactionEvent')
      times.push(`${String(payload['timestamp'])} ${String(payload['seqNo']).padStart(9, '0')}`);
    if (action === 'MeterValues') times.push((payload['meterValue'] as { timestamp: string }[])[0]!.timestamp);
  }
  const first = times.filter((time, i) => times.indexOf(time) === i);
  const again = repeats.start + repeats.stop + repeats.values;
  return {
    answered: counts.answered,
    lost: Math.abs(begun - sessions.length) + Math.abs(counts.answered - kept) + bill.orphans + counts.dropped,
    doubled: ids.length - new Set(ids).size + Math.max(0, again - counts.resent),
    disordered: first.filter((time, i) => i > 0 && time < first[i - 1]!).length,
  };
}
