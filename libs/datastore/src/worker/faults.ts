import type { WireError } from './protocol.js';

export type FaultSource = 'database' | 'journal' | 'history' | 'space';

/** What is wrong with the store right now; tells only what changed. */
export class Faults {
  private readonly present = new Map<FaultSource, WireError>();
  private told: string | undefined;

  constructor(private readonly tell: (error: WireError | undefined) => void) {}

  raise(source: FaultSource, error: WireError): void {
    this.present.set(source, error);
    this.update();
  }

  clear(source: FaultSource): void {
    if (this.present.delete(source)) this.update();
  }

  has(source: FaultSource): boolean {
    return this.present.has(source);
  }

  private update(): void {
    const first = this.present.values().next().value;
    if (first?.message === this.told) return;
    this.told = first?.message;
    this.tell(first);
  }
}
