import type { OcppVersion } from '@smx-edge/protocols/ocpp-j';
import type { Circuit } from '../relay/circuit.js';
import type { Outlet } from './outlet.js';

/** What of a charge point concerns who limits it. */
export interface StationFollower {
  found(outlet: Outlet): void;
  /** `version` undefined: nothing is known of what it understands. */
  connected(circuit: Circuit, version: OcppVersion | undefined): void;
  disconnected(): void;
  /** It began anew and was accepted (BootNotification), with this firmware where it says so. */
  booted(firmware: string | undefined): void;
  /** Undefined where none runs at the outlet any more. */
  transaction(outlet: number, id: string | undefined): void;
  /** Something that the back end ordered and the charge point accepted. */
  ordered(action: string, payload: Readonly<Record<string, unknown>>): void;
}
