import type { InstanceState } from '@smx-edge/extension-api';
import { describeError, type Log } from '@smx-edge/model';
import type { EventKind } from '@smx-edge/protocols/power-quality';
import type { DirectionMemory } from './points/direction.js';

const KEY = 'reader';
/** ms between two writes: events come by the second where the mains are bad, and a card wears out. */
const PAUSE = 10_000;

/** What the reader must know after a restart. JSON. */
export interface Remembered extends DirectionMemory {
  version: 1;
  /** Events since the box knows the port. */
  events: Record<EventKind, number>;
}

const NOTHING: Remembered = { version: 1, events: { dip: 0, swell: 0, interruption: 0, 'rapid-change': 0 } };

export interface MemoryTools {
  readonly state: InstanceState;
  readonly log: Log;
  /** ms UTC. */
  now(): number;
}

/** The state of the reader in the box's store: written at once where that was not so for 10 s, else with what comes until then. */
export class Memory {
  private writing = Promise.resolve();
  private written = -Infinity;
  private isNew = false;

  private constructor(
    readonly kept: Remembered,
    private readonly tools: MemoryTools,
  ) {}

  static async load(tools: MemoryTools): Promise<Memory> {
    const kept = await tools.state.get<Remembered>(KEY);
    return new Memory(kept?.version === 1 && isSound(kept) ? kept : structuredClone(NOTHING), tools);
  }

  /** Something is worth to be kept. */
  save(): void {
    this.isNew = true;
    this.look();
  }

  /** To be called each second: writes what waited long enough. */
  look(): void {
    // either way, as clocks are set
    if (this.isNew && Math.abs(this.tools.now() - this.written) >= PAUSE) void this.flush();
  }

  /** Resolves when all of it is written. */
  flush(): Promise<void> {
    if (!this.isNew) return this.writing;
    this.isNew = false;
    this.written = this.tools.now();
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    const { state, log } = this.tools;
    try {
      await state.set(KEY, this.kept);
    } catch (error) {
      // with the next write
      this.isNew = true;
      log.warn('state of the reader could not be kept', { error: describeError(error) });
    }
  }
}

function isSound({ inverted, events }: Partial<Record<keyof Remembered, unknown>>): boolean {
  if (inverted !== undefined && typeof inverted !== 'boolean') return false;
  if (typeof events !== 'object' || events === null) return false;
  return Object.keys(NOTHING.events).every((kind) => Number.isSafeInteger((events as Record<string, unknown>)[kind]));
}
