import { describeError, type Log } from '@smx-edge/model';
import type { InstanceState } from '@smx-edge/extension-api';
import type { PeakState } from './peak/peak-engine.js';

const KEY = 'reader';

/** What the reader must know after a restart. JSON. */
export interface Remembered {
  version: 1;
  /** Equipment id of the meter it is about. */
  serial?: string | undefined;
  peak?: PeakState;
  /** Last good value and time of each guarded register. */
  registers?: Record<string, [value: number, t: number]>;
  /** Device name by equipment id of sub-meters. */
  names?: Record<string, string>;
  /** Equipment ids of sub-meters that were replaced. */
  ended?: string[];
  /** End of the newest power failure told, ms UTC. */
  failure?: number;
  /** Newest message, breaker and valve states told. */
  message?: string;
  states?: Record<string, string>;
  /** Raised and not cleared yet. */
  alarms?: string[];
  /** Month whose differing peak was told, by its closing time. */
  differed?: number;
}

/**
 * The state of the reader in the box's store. Written where something is worth it (a quarter ended, an event was told,
 * the instance stops), never per telegram: each write is an fsync on an SD card.
 */
export class Memory {
  private writing: Promise<void> | undefined;
  private again = false;

  private constructor(
    readonly kept: Remembered,
    private readonly state: InstanceState,
    private readonly log: Log,
  ) {}

  static async load(state: InstanceState, log: Log): Promise<Memory> {
    const kept = await state.get<Remembered>(KEY);
    return new Memory(kept?.version === 1 ? kept : { version: 1 }, state, log);
  }

  /** Writes what is kept; calls while a write is under way end in one more. */
  save(): Promise<void> {
    this.again = true;
    this.writing ??= this.write();
    return this.writing;
  }

  private async write(): Promise<void> {
    while (this.again) {
      this.again = false;
      try {
        await this.state.set(KEY, this.kept);
      } catch (error) {
        this.log.warn('state of the reader could not be kept', { error: describeError(error) });
      }
    }
    this.writing = undefined;
  }
}
