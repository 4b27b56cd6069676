import type { Clock, LedgerSink } from '@smx-edge/model';
import { rmSync } from 'node:fs';
import { sendBackup } from '../backup/send.js';
import type { ThreadLink } from './thread-link.js';

/** What to erase, and who asks. */
interface Erasure {
  readonly match: string;
  /** Source time, ms UTC. */
  readonly before: number;
  readonly by: string;
}

interface Whole extends LedgerSink {
  readonly epoch: number;
  flush(): Promise<void>;
}

/** All that the store keeps, taken as a whole. */
export class Vault {
  constructor(
    private readonly store: Whole,
    private readonly o: { readonly link: ThreadLink; readonly clock: Clock },
  ) {}

  /**
   * A copy of the store as one archive, consistent while everything goes on; without `secrets` users, tokens and the
   * device key stay out. Ledgered. Rejects with SMX_STORE_FAILED where the disk has no room for it.
   */
  async *backup({ secrets, by }: { secrets: boolean; by: string }): AsyncGenerator<Uint8Array, void> {
    const { store } = this;
    await store.flush();
    const made = this.o.clock.now();
    store.append({ t: made, kind: 'system', principal: by, data: { backup: made, secrets } });
    const { folder, names } = await this.o.link.ask('stage', { secrets });
    try {
      yield* sendBackup(folder, names, { format: 1, made, epoch: store.epoch, secrets });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * Erases samples and 15-minute windows of points whose path matches `match`, of before `before`, also of points that
   * are gone, and every file that was set aside. Ledgered before and after.
   */
  async erase({ match, before, by }: Erasure): Promise<{ points: number; samples: number; windows: number }> {
    const note = (more: Readonly<Record<string, unknown>>): void => {
      const data = { erase: match, before, ...more };
      this.store.append({ t: this.o.clock.now(), kind: 'system', principal: by, data });
    };
    note({});
    await this.store.flush();
    const erased = await this.o.link.ask('erase', { match, before });
    note({ ...erased });
    return erased;
  }
}
