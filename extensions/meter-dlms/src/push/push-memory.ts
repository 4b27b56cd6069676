import { createHash } from 'node:crypto';
import type { InstanceState } from '@smx-edge/extension-api';
import type { CipherKeys } from '@smx-edge/protocols/cosem';

/** Who pushed under these keys, and how far its counter was. JSON. */
interface Kept {
  readonly keys: string;
  readonly title: string;
  readonly counter: number;
}

/** Between two writes of a counter that rises, ms: each is an fsync. */
const EVERY = 60_000;

/** Keeps a meter's title and highest counter over restarts, so that nothing recorded is taken again. New keys begin anew. */
export class PushMemory {
  private savedAt = -Infinity;
  private saved: number | undefined;

  constructor(
    private readonly state: InstanceState,
    private readonly key: string,
    private readonly keys: CipherKeys,
  ) {}

  async load(): Promise<{ readonly title?: Uint8Array; readonly counter?: number }> {
    const kept = await this.state.get<Kept>(this.key);
    if (kept?.keys !== printOf(this.keys)) return {};
    this.saved = kept.counter;
    return { title: Buffer.from(kept.title, 'hex'), counter: kept.counter };
  }

  /** Before what came under this counter is used. `now`: ms. */
  async save({ title, counter, now }: { title: Uint8Array; counter: number; now: number }): Promise<void> {
    if (counter === this.saved || Math.abs(now - this.savedAt) < EVERY) return;
    await this.write(title, counter);
    this.savedAt = now;
  }

  async write(title: Uint8Array, counter: number): Promise<void> {
    if (counter === this.saved) return;
    const kept: Kept = { keys: printOf(this.keys), title: Buffer.from(title).toString('hex'), counter };
    await this.state.set(this.key, kept);
    this.saved = counter;
  }
}

/** Tells keys apart and tells nothing of them: they are random, so nothing can be guessed from a part of a hash. */
function printOf({ suite, block, authentication }: CipherKeys): string {
  const hash = createHash('sha256').update(`push ${suite} `).update(block).update(authentication);
  return hash.digest('hex').slice(0, 16);
}
