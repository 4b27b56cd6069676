import type { FrameHead } from '@smx-edge/protocols/ocpp-j';
import type { Circuit } from '../relay/circuit.js';
import type { DialFailure, FarSide } from '../relay/far-side.js';
import type { Handshake, LinkEnd, WireFrame } from '../relay/wire.js';

/** What is done with charge points while their back end is away. One object serves all circuits. */
export interface AwayPolicy {
  /** The back end of a circuit went: the policy closes the circuit, or attaches another far side sooner or later. */
  lost(circuit: Circuit, end: LinkEnd): void;
  /** A frame of a charge point without a far side. */
  frame(circuit: Circuit, frame: WireFrame, head: FrameHead | undefined): void;
  /** The charge point went while it had no far side. */
  closed(circuit: Circuit): void;
  /**
   * A charge point comes and no back end was reached: a far side in its place, or undefined where the charge point is refused as
   * the back end refused, 502 or 503 where it said nothing.
   */
  unreachable(handshake: Handshake, failure: DialFailure): FarSide | undefined;
}
