import type { Clock, Disposable, Log } from '@smx-edge/model';
import { MeterPort, type AnswerFault, type Fault, type FaultBook, type FaultRules, type MeterPlaces, type WireEnd } from '../line/index.js'; // prettier-ignore
import type { MeterMemory } from './memory.js';
import type { MeterSource } from './source.js';

/** What a billing meter looks at. */
export interface MeterTools {
  readonly source: MeterSource;
  readonly clock: Clock;
  readonly log: Log;
}

interface BillingPortTools<K extends string> extends MeterTools {
  readonly faults: FaultBook<K | AnswerFault>;
  readonly rules: FaultRules<K | AnswerFault>;
}

/** A meter that is asked and remembers, whose power may fail. */
export abstract class BillingPort<K extends string, E extends WireEnd> extends MeterPort<K | AnswerFault, E> {
  private back: Disposable | undefined;

  protected constructor(
    places: MeterPlaces,
    protected override readonly tools: BillingPortTools<K>,
  ) {
    super(places, tools);
  }

  /** What the meter keeps by itself. */
  get memory(): MeterMemory {
    return this.tools.source.memory;
  }

  /** Begins a fault; a restart is made at once and not kept. Throws SMX_SIMULATOR_SETPOINT. */
  override setFault(fault: Fault<K | AnswerFault>): void {
    super.setFault(fault);
    if (fault.kind !== 'restart') return;
    const ms = this.tools.faults.by('restart');
    this.clearFault('restart');
    this.fail(ms);
  }

  override async close(): Promise<void> {
    this.back?.dispose();
    await super.close();
  }

  /** The meter is without power for so many ms: it forgets whoever read it, and says nothing. */
  protected fail(ms: number): void {
    if (this.isOff) return;
    const { source, clock } = this.tools;
    source.memory.powerDown(source.now());
    this.isOff = true;
    this.back = clock.after(ms, () => {
      this.isOff = false;
      source.memory.powerUp(source.now());
    });
    this.dropAll();
  }
}
