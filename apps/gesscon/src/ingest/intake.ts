import { isSmxError } from '@smx-edge/model';
import { isRefusal } from '../store/refusal.js';
import type { Store } from '../store/store.js';
import type { Smx1Strategy } from '../transport/smx1.strategy.js';
import type { Uplink } from '../transport/uplink.js';
import { readBatch, type Batch } from './batch.js';

/** The one way of batches into the database, whether a box sent them by itself or was asked for them. */
export class Intake {
  constructor(
    private readonly store: Store,
    private readonly boxes: Pick<Smx1Strategy, 'refuse'>,
  ) {}

  /** Commits batches; gives those that are stored, which are to be acknowledged. Rejects with SMX_CLOUD_DATABASE. */
  async take(uplinks: readonly Uplink[]): Promise<readonly Batch[]> {
    const stored = await this.commit(uplinks.flatMap((uplink) => this.read(uplink)));
    for (const batch of stored) this.store.streams.note(batch);
    return stored;
  }

  /** Commits together; what the database refuses is looked for one by one, so that it holds back nobody else. */
  private async commit(batches: readonly Batch[]): Promise<readonly Batch[]> {
    if (batches.length === 0) return [];
    try {
      await this.store.batches.commit(batches);
      return batches;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (batches.length > 1) {
        const half = batches.length >> 1;
        return [...(await this.commit(batches.slice(0, half))), ...(await this.commit(batches.slice(half)))];
      }
      this.boxes.refuse({ site: batches[0]!.site, topic: `t/${batches[0]!.stream}` }, error);
      return [];
    }
  }

  private read(uplink: Uplink): Batch[] {
    try {
      return [readBatch(uplink)];
    } catch (error) {
      if (!isSmxError(error)) throw error;
      this.boxes.refuse(uplink, error);
      return [];
    }
  }
}
