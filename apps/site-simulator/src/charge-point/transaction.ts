/** One charge, from its start by token or remote to its end. Times are ms UTC by the station's clock, energies Wh. */
export interface Transaction {
  /** Of this station, from 1. */
  readonly number: number;
  readonly tag: string;
  readonly began: number;
  readonly meterStart: number;
  readonly isOffline: boolean;
  readonly remoteStartId?: number;
  /** 1.6: what the back end issued, undefined until then; 2.0.1: the station's own. */
  id?: string;
  /** 2.0.1: number of the next message. */
  seqNo: number;
  /** 2.0.1: the charging state that was told last. */
  told?: ChargingState;
}

export type ChargingState = 'Charging' | 'EVConnected' | 'SuspendedEV' | 'SuspendedEVSE' | 'Idle';

/** State of the outlet in words of 1.6 (ed.2 chapter 7 ChargePointStatus). */
export type OutletStatus = 'Available' | 'Preparing' | 'Charging' | 'SuspendedEV' | 'SuspendedEVSE' | 'Finishing' | 'Unavailable'; // prettier-ignore

/** Reasons to stop, in words that both versions have. */
export type StopReason = 'EVDisconnected' | 'Local' | 'Remote' | 'DeAuthorized' | 'HardReset' | 'SoftReset' | 'UnlockCommand' | 'Other'; // prettier-ignore
