import type { FrameHead } from '@smx-edge/protocols/ocpp-j';
import type { Circuit } from '../relay/circuit.js';
import type { DialFailure, FarSide } from '../relay/far-side.js';
import type { Handshake, LinkEnd, WireFrame } from '../relay/wire.js';
import type { AwayPolicy } from './away.js';

/** The policy of each charge point. */
export class ByStation implements AwayPolicy {
  constructor(private readonly policyOf: (identity: string) => AwayPolicy) {}

  lost(circuit: Circuit, end: LinkEnd): void {
    this.of(circuit).lost(circuit, end);
  }

  frame(circuit: Circuit, frame: WireFrame, head: FrameHead | undefined): void {
    this.of(circuit).frame(circuit, frame, head);
  }

  closed(circuit: Circuit): void {
    this.of(circuit).closed(circuit);
  }

  unreachable(handshake: Handshake, failure: DialFailure): FarSide | undefined {
    return this.policyOf(handshake.identity).unreachable(handshake, failure);
  }

  private of({ handshake }: Circuit): AwayPolicy {
    return this.policyOf(handshake.identity);
  }
}
