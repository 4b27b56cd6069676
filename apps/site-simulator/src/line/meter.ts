import type { Fault, FaultRules } from './fault-book.js';
import type { Address } from './listen.js';

/** A meter of the site as whoever runs the site meets it, whatever it speaks. */
export interface Meter {
  readonly address: Address;
  readonly ptyPath: string | undefined;
  /** Readers connected over TCP now. */
  readonly clients: number;
  readonly faultRules: FaultRules;
  readonly activeFaults: readonly Fault[];
  /** Throws SMX_SIMULATOR_SETPOINT. */
  setFault(fault: Fault): void;
  clearFault(kind?: string): void;
  close(): Promise<void>;
}
