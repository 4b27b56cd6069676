import { createHmac } from 'node:crypto';
import type { EventInit } from '@smx-edge/extension-api';
import type { IdTag, Session } from '@smx-edge/protocols/ocpp-j';

const DIGITS = 16;

/** A tag as it may be told: the same driver has the same one on this box, and nobody finds the tag from it. */
export const tagHash = (tag: IdTag, key: Buffer): string =>
  createHmac('sha256', key).update(tag.hashInput()).digest('hex').slice(0, DIGITS);

/** The event of a session that began (`session.start`) or ended (`session.stop`), kept once however often it is told. */
export function sessionEvent(session: Session, { key, t }: { key: Buffer; t: number | undefined }): EventInit {
  const { transactionId, startedAt, endedAt, meterStart, meterStop, energy, reason, idTag } = session;
  const hasEnded = endedAt !== undefined || reason !== undefined || meterStop !== undefined;
  const charged = energy === undefined ? 'an energy that is not known' : `${Math.round(energy) / 1000} kWh`;
  return {
    severity: 'info',
    text: hasEnded ? `charging session ${transactionId} ended: ${charged}` : `charging session ${transactionId} began`,
    data: {
      transaction: transactionId,
      ...(startedAt !== undefined && { startedAt }),
      ...(endedAt !== undefined && { endedAt }),
      ...(meterStart !== undefined && { meterStart }),
      ...(meterStop !== undefined && { meterStop }),
      ...(energy !== undefined && { energy }),
      ...(reason !== undefined && { reason }),
      ...(idTag !== undefined && { tag: tagHash(idTag, key) }),
    },
    ...(t !== undefined && { t, unique: true }),
  };
}
