import type { WireError } from './protocol.js';

export type FaultSource = 'folder' | 'database' | 'journal' | 'history' | 'space';

/** What is wrong with the store right now; tells only what changed. */
export class Faults {
  private readonly present = new Map<FaultSource, WireError>();
  private told: string | undefined;

  constructor(
    private readonly o: {
      readonly tell: (error: WireError | undefined) => void;
      /** What an error is, seen closer. */
      readonly explain: (error: WireError) => WireError;
      /** Given each fault as it is raised, before anything else is tried of the disk. */
      readonly meet: (error: WireError, source: FaultSource) => void;
    },
  ) {}

  raise(source: FaultSource, error: WireError): void {
    const { explain, meet } = this.o;
    const explained = explain(error);
    this.present.set(source, explained);
    this.update();
    meet(explained, source);
  }

  clear(source: FaultSource): void {
    if (this.present.delete(source)) this.update();
  }

  has(source: FaultSource): boolean {
    return this.present.has(source);
  }

  /** The one that began first. */
  get first(): WireError | undefined {
    return this.present.values().next().value;
  }

  private update(): void {
    const { first } = this;
    if (first?.message === this.told) return;
    this.told = first?.message;
    this.o.tell(first);
  }
}
