import type { Fault, FaultRules } from './fault-book.js';
import type { Address } from './listen.js';

/** What can be wrong with a device of the site, for whoever runs it. */
export interface Faulty {
  readonly faultRules: FaultRules;
  readonly activeFaults: readonly Fault[];
  /** Throws SMX_SIMULATOR_SETPOINT. */
  setFault(fault: Fault): void;
  clearFault(kind?: string): void;
}

/** A meter of the site as whoever runs the site meets it, whatever it speaks. */
export interface Meter extends Faulty {
  readonly address: Address;
  readonly ptyPath: string | undefined;
  /** Readers connected over TCP now. */
  readonly clients: number;
  close(): Promise<void>;
}

/** Another device of the site. */
export interface SiteDevice extends Faulty {
  /** Where an SMX finds it, as the `source` of an extension says it. */
  readonly source: string;
  /** Each second of the house has passed; of those in one second of the wall clock, at most the site's `rate`. */
  tick?(): void;
  close(): Promise<void>;
}
