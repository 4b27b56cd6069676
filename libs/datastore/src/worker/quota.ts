import type { NewEvent } from '@smx-edge/model';
import { statfsSync } from 'node:fs';
import { readMeta, writeMeta, type Sqlite } from '../database/database.js';

/** Part of the whole disk that samples and windows take at most, whatever the budget says. */
const OF_DISK = 0.8;
/** Parts of the quota from which on it is near, and below which it is so no more. */
const NEAR = 0.8;
const FAR = 0.75;
/** Where it is kept whether it is near, so that a restart tells nothing twice. */
const KEY = 'quota-near';

const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);

/** Bytes that samples and windows may take: the budget, or what the disk has for them where that is less. */
export function quotaOf(folder: string, budget: number): number {
  const { blocks, bsize } = statfsSync(folder);
  return Math.min(budget, Math.floor(OF_DISK * blocks * bsize));
}

/** Bytes that samples and windows take, and that they may take. */
export interface Usage {
  readonly used: number;
  readonly quota: number;
}

/** Tells when samples and windows come near their quota. */
export class QuotaWatch {
  private isNear: boolean;
  private used: number | undefined;
  private told: number | undefined;

  constructor(
    private readonly db: Sqlite,
    private readonly quota: number,
  ) {
    this.isNear = readMeta(db, KEY) === 'yes';
  }

  /** Takes what is used now; gives it where it is another percentage than before. */
  look(used: number): Usage | undefined {
    this.used = used;
    const percent = Math.floor((100 * used) / this.quota);
    if (percent === this.told) return undefined;
    this.told = percent;
    return { used, quota: this.quota };
  }

  /** Whether there is an event to tell. */
  get isNews(): boolean {
    const { used, quota } = this;
    if (used === undefined) return false;
    return this.isNear ? used < FAR * quota : used >= NEAR * quota;
  }

  /** The event that there is; within the caller's transaction. */
  event(now: number): NewEvent {
    const { used = 0 } = this;
    const state = this.isNear ? 'cleared' : 'raised';
    writeMeta(this.db, KEY, this.isNear ? 'no' : 'yes');
    return {
      ...{ t: now, path: 'box', code: 'SMX_STORE_QUOTA', severity: 'warning', state },
      text: `Samples and windows take ${mib(used)} of the ${mib(this.quota)} MiB that they may.`,
      data: { used: Math.round(used), quota: this.quota },
    };
  }

  /** The transaction is committed, or came to nothing. */
  settle(): void {
    this.isNear = readMeta(this.db, KEY) === 'yes';
  }
}
