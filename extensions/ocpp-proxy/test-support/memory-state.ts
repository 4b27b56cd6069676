import type { InstanceState } from '@smx-edge/extension-api';

/** Durable state as the host keeps it, for tests: values are copied, as over IPC. */
export class MemoryState implements InstanceState {
  readonly kept = new Map<string, string>();
  /** Bytes of values from which on nothing more is taken. */
  limit = Infinity;

  async get<T>(key: string): Promise<T | undefined> {
    await Promise.resolve();
    const text = this.kept.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  async set(key: string, value: unknown): Promise<void> {
    await Promise.resolve();
    if (value === undefined || value === null) {
      this.kept.delete(key);
      return;
    }
    const text = JSON.stringify(value);
    const size = [...this.kept.values()].reduce((sum, { length }) => sum + length, text.length);
    if (size > this.limit) throw new Error('SMX_EXTENSION_LIMIT');
    this.kept.set(key, text);
  }
}
