import type { InstanceState } from '@smx-edge/extension-api';
import { describeError, type Log } from '@smx-edge/model';
import type { EventKind } from '@smx-edge/protocols/power-quality';
import type { DirectionMemory } from './points/direction.js';

const KEY = 'reader';

/** What the reader must know after a restart. JSON. */
export interface Remembered extends DirectionMemory {
  version: 1;
  /** Events since the box knows the port. */
  events: Record<EventKind, number>;
}

const NOTHING: Remembered = { version: 1, events: { dip: 0, swell: 0, interruption: 0, 'rapid-change': 0 } };

/** The state of the reader in the box's store; written where an event or a finding is worth an fsync. */
export class Memory {
  private writing = Promise.resolve();
  /** A write that has not begun takes along what comes meanwhile. */
  private isWaiting = false;

  private constructor(
    readonly kept: Remembered,
    private readonly state: InstanceState,
    private readonly log: Log,
  ) {}

  static async load(state: InstanceState, log: Log): Promise<Memory> {
    const kept = await state.get<Remembered>(KEY);
    return new Memory(kept?.version === 1 && isSound(kept) ? kept : structuredClone(NOTHING), state, log);
  }

  save(): void {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.writing = this.writing.then(async () => {
      this.isWaiting = false;
      try {
        await this.state.set(KEY, this.kept);
      } catch (error) {
        this.log.warn('state of the reader could not be kept', { error: describeError(error) });
      }
    });
  }
}

function isSound({ inverted, events }: Partial<Record<keyof Remembered, unknown>>): boolean {
  if (inverted !== undefined && typeof inverted !== 'boolean') return false;
  if (typeof events !== 'object' || events === null) return false;
  return Object.keys(NOTHING.events).every((kind) => Number.isSafeInteger((events as Record<string, unknown>)[kind]));
}
