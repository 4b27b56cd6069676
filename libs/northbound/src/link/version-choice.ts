import type { SmxError } from '@smx-edge/model';
import { linkFault } from './fault.js';

/** How a connection ended. */
export interface Ending {
  readonly fault: SmxError;
  /** Before the broker had accepted it. */
  readonly beforeConnack: boolean;
  /** The largest message that had no PUBACK yet. */
  readonly largest: { readonly kind: string; readonly bytes: number } | undefined;
}

/** MQTT 5.0 where the broker speaks it, else 3.1.1; and the reason behind an end that came without one. */
export class Protocol {
  version: 4 | 5 = 5;
  /** Whether the version is known: 5.0 was spoken, or was refused in words. */
  private known = false;
  private suspect = 0;

  get text(): '5.0' | '3.1.1' {
    return this.version === 5 ? '5.0' : '3.1.1';
  }

  accepted(): void {
    this.known ||= this.version === 5;
  }

  /** Sets the version to try next; gives the fault to show. */
  weigh({ fault, beforeConnack, largest }: Ending): SmxError {
    if (fault.code === 'SMX_LINK_VERSION') {
      this.known = this.version === 5;
      this.turn();
      return fault;
    }
    // some brokers close the socket on a CONNECT of 5.0 without a word, others call it malformed
    if (beforeConnack && !this.known && (fault.code === 'SMX_LINK_ENDED' || fault.code === 'SMX_LINK_PROTOCOL')) {
      this.turn();
      return fault;
    }
    this.suspect = fault.code === 'SMX_LINK_ENDED' && largest !== undefined ? this.suspect + 1 : 0;
    if (this.suspect < 2 || largest === undefined) return fault;
    const what = `the broker closes the connection whenever \`${largest.kind}\` of ${largest.bytes} bytes comes`;
    return linkFault('SMX_LINK_PACKET', what);
  }

  private turn(): void {
    this.version = this.version === 5 ? 4 : 5;
  }
}
