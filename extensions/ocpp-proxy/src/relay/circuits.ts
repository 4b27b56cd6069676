import type { Circuit } from './circuit.js';

/** The charge points that are connected: of one identity the newest only. */
export class Circuits implements Iterable<Circuit> {
  private readonly byIdentity = new Map<string, Circuit>();

  get size(): number {
    return this.byIdentity.size;
  }

  get(identity: string): Circuit | undefined {
    return this.byIdentity.get(identity);
  }

  [Symbol.iterator](): Iterator<Circuit> {
    return this.byIdentity.values();
  }

  add(circuit: Circuit): void {
    this.byIdentity.set(circuit.handshake.identity, circuit);
  }

  /** Only where it is this one: another may have taken its place. */
  remove(circuit: Circuit): void {
    const { identity } = circuit.handshake;
    if (this.byIdentity.get(identity) === circuit) this.byIdentity.delete(identity);
  }
}
