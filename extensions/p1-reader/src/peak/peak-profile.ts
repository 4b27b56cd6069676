import type { Device, Profile } from '@smx-edge/extension-api';
import type { P1Telegram } from '@smx-edge/protocols/p1';
import { describeError, isSmxError, type Log, type ProfileRow } from '@smx-edge/model';

/** Telegrams in a row that must agree where no CRC proves them: a row once kept never changes. */
const AGREE = 3;
const RETRY = 60_000;

export interface PeakProfileOptions {
  readonly device: Device;
  readonly log: Log;
  now(): number;
}

/**
 * The month peaks that the meter keeps itself (eMUCS-P1 1.7.1, object 0-0:98.1.0) as load profile `peaks`: a row per
 * closed month with the highest quarter-hour demand, W, and the end of that quarter, seconds since 1970 UTC.
 */
export class PeakProfile {
  private profile: Profile | undefined;
  private seen: P1Telegram['peaks'] = null;
  private times = 0;
  private kept: P1Telegram['peaks'] = null;
  private retryAt = -Infinity;

  constructor(private readonly o: PeakProfileOptions) {}

  take(telegram: P1Telegram): void {
    const { peaks, verdict, protection } = telegram;
    this.times = peaks === this.seen ? this.times + 1 : 1;
    this.seen = peaks;
    if (peaks === null || peaks === this.kept || this.o.now() < this.retryAt) return;
    const isProven = verdict !== 'absent' || protection !== 'plain';
    if (!isProven && this.times < AGREE) return;
    this.kept = peaks;
    void this.append(peaks, telegram.bytes());
  }

  /** Another meter: what it holds is looked at anew. */
  forget(): void {
    this.kept = null;
  }

  private async append(peaks: NonNullable<P1Telegram['peaks']>, source: Uint8Array): Promise<void> {
    const rows = peaks.flatMap(({ closed, at, power }): ProfileRow[] =>
      // a month in which nothing was counted is none yet
      power === null ? [] : [[closed, 0, String(power), at === null ? null : String(at / 1000)]],
    );
    try {
      await this.open().append(rows, { source });
    } catch (error) {
      this.o.log.warn('month peaks of the meter could not be kept', { error: describeError(error) });
      // kept rows stay as they are however often the meter tells it otherwise
      if (isSmxError(error) && error.code === 'SMX_PROFILE_CONFLICT') return;
      this.kept = null;
      this.retryAt = this.o.now() + RETRY;
    }
  }

  private open(): Profile {
    return (this.profile ??= this.o.device.profile('peaks', {
      period: 'month',
      columns: [
        { obis: '1-0:1.6.0', unit: 'W', scaler: 0 },
        { obis: '0-0:1.0.0', unit: 's' },
      ],
    }));
  }
}
