import type { Circuit } from '../relay/circuit.js';
import type { FarSide } from '../relay/far-side.js';
import type { LinkEnd } from '../relay/wire.js';
import type { AwayPolicy } from './away.js';

/** The charge point is closed the way its back end went, and refused until it is back (2.1 part 4 §6.3): it goes on by its own rules. */
export class Mirror implements AwayPolicy {
  lost(circuit: Circuit, end: LinkEnd): void {
    circuit.close(end);
  }

  frame(): void {
    // none is kept: the circuit is about to end
  }

  closed(): void {
    // nothing is kept for it
  }

  unreachable(): FarSide | undefined {
    return undefined;
  }
}
