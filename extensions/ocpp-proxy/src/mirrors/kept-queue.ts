import { describeError, type Log } from '@smx-edge/model';
import { peekFrame } from '@smx-edge/protocols/ocpp-j';
import type { InstanceState } from '@smx-edge/extension-api';
import { StateLog } from '../kept/state-log.js';
import { queued, type Queued } from './mirror-queue.js';

/** Bytes of all mirrors together in the state of the instance, which holds 256 KiB unless `limits.state` says more. */
const MOST_KEPT = 96 * 1024;

/** What all mirrors share of the state of the instance. */
export class KeptBudget {
  left = MOST_KEPT;
}

/** Frames as JSON has them: each byte is one character. */
type Kept = readonly [data: string, isBinary: 0 | 1];

/** Durable messages of one mirror over restarts. What does not find room is in memory only. */
export class KeptQueue {
  private readonly sizes = new Map<number, number>();

  private constructor(
    private readonly log: StateLog<Kept>,
    private readonly budget: KeptBudget,
    private readonly journal: Log,
  ) {}

  static async open(
    state: InstanceState,
    name: string,
    { budget, log: journal }: { readonly budget: KeptBudget; readonly log: Log },
  ): Promise<{ kept: KeptQueue; left: Queued[] }> {
    const { log, left } = await StateLog.open<Kept>(state, name);
    const kept = new KeptQueue(log, budget, journal);
    const items = left.flatMap(([n, [data, isBinary]]) => {
      const frame = { data: Buffer.from(data, 'latin1'), isBinary: isBinary === 1 };
      const head = peekFrame(frame.data);
      kept.took(n, data.length);
      return head === undefined ? [] : [{ ...queued(frame, head), kept: n }];
    });
    return { kept, left: items };
  }

  async keep(item: Queued): Promise<void> {
    const { data, isBinary } = item.frame;
    if (item.kept !== undefined || data.length > this.budget.left) return;
    this.budget.left -= data.length;
    try {
      item.kept = await this.log.append([data.toString('latin1'), isBinary ? 1 : 0]);
      this.sizes.set(item.kept, data.length);
    } catch (error) {
      this.budget.left += data.length;
      this.journal.warn('a message for a mirror is kept in memory only', { error: describeError(error) });
    }
  }

  forget({ kept }: Queued): void {
    if (kept === undefined) return;
    this.budget.left += this.sizes.get(kept) ?? 0;
    this.sizes.delete(kept);
    this.log.remove(kept).catch((error: unknown) => {
      this.journal.warn('a message that a mirror got is kept on', { error: describeError(error) });
    });
  }

  private took(n: number, bytes: number): void {
    this.sizes.set(n, bytes);
    this.budget.left -= bytes;
  }
}
