import type { EvStatus } from './connector-status.js';
import type { IdTag } from './id-tag.js';
import type { Detachment } from './detachment.js';
import type { Reading } from './meter-values.js';

/** A charging session; its energy is what was charged in it, Wh, never negative. */
export interface Session {
  /** The outlet: connector of 1.6, EVSE of 2.x; undefined where its start was not seen. */
  readonly outlet?: number;
  /** As text in all versions; negative ones leak from some stations (lbbrhzn/ocpp#1000). */
  readonly transactionId: string;
  /** ms UTC by the station's clock. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Register at start and end, Wh. */
  readonly meterStart?: number;
  readonly meterStop?: number;
  /** Undefined where the register at the start is not known. */
  readonly energy?: number;
  /** The station's word for why it ended. */
  readonly reason?: string;
  /** Only for a keyed hash. */
  readonly idTag?: IdTag;
}

/** What a frame told of a site; `outlet` 0 is the station as a whole. */
export type Observation =
  | { readonly kind: 'station'; readonly vendor?: string; readonly model?: string; readonly serial?: string; readonly firmware?: string } // prettier-ignore
  | { readonly kind: 'status'; readonly outlet: number; readonly status: EvStatus; readonly t?: number; readonly error?: string; readonly info?: string } // prettier-ignore
  | {
      readonly kind: 'values';
      readonly outlet: number;
      readonly t?: number;
      readonly context: string;
      /** Of an earlier time: kept while the station was alone, or a summary of a session. Nothing of it is live. */
      readonly isLate: boolean;
      readonly readings: readonly Reading[];
    }
  | { readonly kind: 'session-started' | 'session-ended'; readonly session: Session }
  | { readonly kind: 'detachment'; readonly detachment: Detachment };
