import type { Quality } from '@smx-edge/model';
import type { P1Telegram } from '@smx-edge/protocols/p1';

/** When a telegram is of, and how far it can be trusted as a whole. */
export interface Stamp {
  /** ms UTC by the meter; undefined where it prints no valid time. */
  readonly t: number | undefined;
  /** Receive time, ms UTC. */
  readonly received: number;
  readonly quality: Quality;
  readonly reason: string | undefined;
}

export function stampOf(telegram: P1Telegram, received: number): Stamp {
  const { time } = telegram;
  const unproven = telegram.verdict === 'absent' && telegram.crcExpected && telegram.protection !== 'verified';
  return {
    t: Number.isNaN(time) ? undefined : time,
    received,
    quality: unproven ? 'uncertain' : 'good',
    reason: unproven ? 'telegram without the CRC its version has' : undefined,
  };
}

/** Time for intervals and quarters: the meter's, or the box's where the meter has none. */
export function timeOf({ t, received }: Stamp): number {
  return t ?? received;
}
