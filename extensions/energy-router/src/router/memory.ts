import type { InstanceState } from '@smx-edge/extension-api';

/** What is known of a set-point that holds a value other than its own. */
interface Kept {
  /** What is put back, where that is not the same at all times. */
  readonly rest?: string;
}

const KEY = 'held';

/** Which set-points may hold a value of ours, durable before it is written: a router keeps what it was told last for ever. */
export class HeldMemory {
  private constructor(
    private readonly state: InstanceState,
    private readonly held: Map<string, Kept>,
  ) {}

  static async load(state: InstanceState): Promise<HeldMemory> {
    const kept = (await state.get<Record<string, Kept>>(KEY)) ?? {};
    return new HeldMemory(state, new Map(Object.entries(kept)));
  }

  get paths(): string[] {
    return [...this.held.keys()];
  }

  has(path: string): boolean {
    return this.held.has(path);
  }

  restOf(path: string): string | undefined {
    return this.held.get(path)?.rest;
  }

  /** Resolves once a restart would know it. */
  async mark(path: string, kept: Kept): Promise<void> {
    if (this.held.has(path)) return;
    this.held.set(path, kept);
    try {
      await this.save();
    } catch (error) {
      // what is not on disk must not pass for known at the next command
      this.held.delete(path);
      throw error;
    }
  }

  async clear(path: string): Promise<void> {
    if (this.held.delete(path)) await this.save();
  }

  private save(): Promise<void> {
    return this.state.set(KEY, this.held.size === 0 ? null : Object.fromEntries(this.held));
  }
}
