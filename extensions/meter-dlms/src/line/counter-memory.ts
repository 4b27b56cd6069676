import { createHash } from 'node:crypto';
import type { InstanceState } from '@smx-edge/extension-api';
import type { MeterSettings } from '../settings.js';

/** Who sent under these keys, and how far its counter was. */
interface Heard {
  readonly title: Uint8Array;
  readonly counter: number;
}

/** JSON. */
interface Kept {
  readonly keys: string;
  readonly title: string;
  readonly counter: number;
}

export interface CounterMemoryOptions {
  readonly state: InstanceState;
  readonly key: string;
  /** Of the keys, and of the reader's own title: with others nothing that was counted holds. */
  readonly meter: Pick<MeterSettings, 'security' | 'title'>;
  /** ms between two writes of a counter that rises: each is an fsync. */
  readonly every: number;
}

/** The highest counter of a meter that was seen, kept over restarts, so that nothing recorded is taken again. */
export class CounterMemory {
  private newest: Heard | undefined;
  private isLoaded = false;
  private saved: number | undefined;
  private savedAt = -Infinity;

  constructor(private readonly o: CounterMemoryOptions) {}

  async load(): Promise<Heard | undefined> {
    const { state, key } = this.o;
    if (this.isLoaded) return this.newest;
    const kept = await state.get<Kept>(key);
    this.isLoaded = true;
    if (kept?.keys === this.print()) {
      this.saved = kept.counter;
      this.newest = { title: Buffer.from(kept.title, 'hex'), counter: kept.counter };
    }
    return this.newest;
  }

  /** Before what came under this counter is used. `now`: ms. */
  async heard(heard: Heard, now: number): Promise<void> {
    this.newest = heard;
    if (heard.counter === this.saved || Math.abs(now - this.savedAt) < this.o.every) return;
    this.savedAt = now;
    await this.save();
  }

  /** Writes down what was not written yet. */
  async save(): Promise<void> {
    const { newest } = this;
    if (newest === undefined || newest.counter === this.saved) return;
    const { title, counter } = newest;
    const kept: Kept = { keys: this.print(), title: Buffer.from(title).toString('hex'), counter };
    await this.o.state.set(this.o.key, kept);
    this.saved = counter;
  }

  /** Tells keys apart and tells nothing of them: they are random, so nothing can be guessed from a part of a hash. */
  private print(): string {
    const { security, title } = this.o.meter;
    const hash = createHash('sha256').update('counter').update(title);
    if (security !== undefined) {
      const { suite, block, authentication } = security.keys;
      hash.update(String(suite)).update(block).update(authentication);
    }
    return hash.digest('hex').slice(0, 16);
  }
}
