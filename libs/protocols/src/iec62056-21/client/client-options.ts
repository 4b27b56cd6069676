import type { ReadCommand } from '../command.js';
import type { IdentificationMode } from '../identification.js';

export interface ClientOptions {
  /** Of one meter among several on the line. */
  readonly address?: string;
  /** The whole data block at once, or programming mode, in which addresses are read one by one. */
  readonly mode: 'readout' | 'programming';
  /** Given once, in answer to what the meter asks for it with; undefined: the meter wants none. */
  readonly password?: { readonly command: 'P1' | 'P2'; readonly text: string };
  /**
   * From the first byte of the acknowledgement to the new speed, ms. Default the 200 that it takes, and half of the time before which
   * the meter does not answer.
   */
  readonly baudDelay?: number;
  /** Baud of a line whose speed cannot be changed; the meter is asked to stay there. Default: it can be. */
  readonly fixedBaud?: number;
  /** Highest baud that the line carries: a meter that proposes more is asked to stay at the first. */
  readonly mostBaud?: number;
  /** Who leads the change of speed, for meters that do otherwise than their identification says. */
  readonly handshake?: IdentificationMode;
  /** How often the same is asked again, of silence, NAK or a wrong check; default 3. */
  readonly retries?: number;
  /** Longest answer, bytes, also of all its blocks together. */
  readonly longest?: number;
}

/** What can be asked in programming mode. */
export type Reading = Exclude<ReadCommand, 'P1' | 'P2' | 'B0'>;
