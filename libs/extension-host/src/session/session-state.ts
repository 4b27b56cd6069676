import { SmxError } from '@smx-edge/model';
import type { HostStore } from './host-parts.js';
import { InTurn } from './in-turn.js';

const LONGEST_KEY = 200;

const bytes = (value: unknown): number =>
  value === undefined || value === null ? 0 : Buffer.byteLength(JSON.stringify(value));

/** Durable state of an instance, one request at a time, within its limit. */
export class SessionState {
  private readonly turn = new InTurn();

  constructor(private readonly o: { store: HostStore; instance: string; limit: number }) {}

  get(key: string): Promise<unknown> {
    return this.turn.run(() => this.o.store.stateGet(this.o.instance, key));
  }

  /** Rejects SMX_EXTENSION_LIMIT where the instance's state would grow past its limit. */
  set(key: string, value: unknown): Promise<void> {
    return this.turn.run(() => this.write(key, value));
  }

  private async write(key: string, value: unknown): Promise<void> {
    const { store, instance, limit } = this.o;
    if (key === '' || key.length > LONGEST_KEY)
      throw new SmxError('SMX_EXTENSION_LIMIT', `A key of state has 1 to ${LONGEST_KEY} characters`);
    if (value !== null && value !== undefined) {
      const before = await store.stateGet(instance, key);
      const size = (await store.stateSize(instance)) - bytes(before) + bytes(value) + Buffer.byteLength(key);
      if (size > limit)
        throw new SmxError(
          'SMX_EXTENSION_LIMIT',
          `State would be ${size} bytes, its limit is ${limit}; keep less or raise limits.state`,
        );
    }
    await store.stateSet(instance, key, value ?? undefined);
  }
}
