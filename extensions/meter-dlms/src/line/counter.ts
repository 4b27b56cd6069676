import { SmxError } from '@smx-edge/model';
import type { InstanceState } from '@smx-edge/extension-api';

/** Counters taken at once: at a few requests each second a write of some bytes each hour. */
const JUMP = 10_000;
/** Left when the next are taken. */
const LOW = 100;

/**
 * Invocation counters of this reader, each given once over all restarts: what may have been used is on disk before it is
 * (Green Book §9.2.3.3.7).
 */
export class StoredCounter {
  private constructor(
    private readonly state: InstanceState,
    private readonly key: string,
    private at: number,
  ) {
    this.reserved = at;
  }

  private reserved: number;

  /** `least`: where to begin, unless it went further already. */
  static async load(state: InstanceState, { key, least }: { key: string; least: number }): Promise<StoredCounter> {
    return new StoredCounter(state, key, Math.max(least, (await state.get<number>(key)) ?? 1));
  }

  /** Makes sure that some are there. Rejects what the state rejects. */
  async ready(): Promise<void> {
    if (this.reserved - this.at > LOW) return;
    const upTo = this.reserved + JUMP;
    await this.state.set(this.key, upTo);
    this.reserved = upTo;
  }

  /** Throws SMX_PROTOCOL_ENCODE where none is kept for use. */
  next(): number {
    if (this.at >= this.reserved)
      throw new SmxError('SMX_PROTOCOL_ENCODE', 'No invocation counter is reserved; one answer took too many requests');
    return this.at++;
  }
}
