import type { DlmsClientOptions } from './options.js';
import type { Reading } from './reading.js';
import type { ClientStep } from './step.js';

export type ClientState = 'closed' | 'connecting' | 'associated' | 'reading' | 'releasing';

/**
 * The client's end of an association with one meter, read only: bytes of the line in, bytes and facts out. Knows no clock:
 * `timeout` tells what to do after silence. One read at a time. What a meter sends never throws.
 */
export interface MeterClient {
  readonly state: ClientState;
  /** Highest counter of the meter that was seen, to be kept for the next association; undefined where nothing was ciphered. */
  readonly meterCounter: number | undefined;
  /** Begins: link, AARQ and proofs follow by themselves until `associated` or `fault`. */
  connect(): ClientStep[];
  receive(chunk: Uint8Array): ClientStep[];
  /** The line was silent for as long as the meter may take. */
  timeout(): ClientStep[];
  /** Reads attributes, in lists and blocks as the meter can. Throws SMX_PROTOCOL_ENCODE unless `associated`. */
  read(readings: readonly Reading[]): ClientStep[];
  /** Ends the association and the link. */
  release(): ClientStep[];
}

export type MakeMeterClient = (options: DlmsClientOptions) => MeterClient;
