import type { ProfileRules, ProfileStore } from './profile-store.js';
import type { CompositePeriod } from './effective-limit.js';
import type { RateUnit } from './charging-profile.js';
import type { Settings } from './settings.js';
import type { Transaction } from './transaction.js';

/** What a CALL of the back end may do to a station. */
export interface StationDoor {
  /** ms UTC by the station's clock. */
  readonly now: number;
  readonly settings: Settings;
  readonly profiles: ProfileStore;
  readonly rules: ProfileRules;
  readonly transaction: Transaction | undefined;
  /** False where no car could begin. */
  remoteStart(tag: string, remoteStartId?: number): boolean;
  /** False where there is no such transaction. */
  remoteStop(transactionId: string): boolean;
  unlock(): void;
  restart(isHard: boolean): void;
  /** Whether it was so at once; else it comes with the end of the transaction. */
  available(isAvailable: boolean): boolean;
  /** False for what it does not know. */
  trigger(message: string): boolean;
  composite(range: { readonly connector: number; readonly duration: number; readonly unit: RateUnit }): readonly CompositePeriod[]; // prettier-ignore
}
