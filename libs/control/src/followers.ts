import type { CommandStage } from '@smx-edge/model';
import { keyOf, stageOf, type CommandRecord } from './record.js';

/** Hears the stages of one command, or of all commands of one schedule. */
export type Follower = (record: CommandRecord, stage: CommandStage) => void;

/** Who hears of which command; forgotten with its last stage. */
export class Followers {
  private readonly all = new Map<string, Follower>();

  /** From now on `follower` hears of it, instead of who did before. */
  set(key: string, follower: Follower | undefined): void {
    if (follower !== undefined) this.all.set(key, follower);
  }

  delete(key: string): void {
    this.all.delete(key);
  }

  /** `follower` hears of it besides who does already. */
  add(key: string, follower: Follower): void {
    const before = this.all.get(key);
    this.all.set(key, (record, stage) => {
      before?.(record, stage);
      follower(record, stage);
    });
  }

  tell(record: CommandRecord, stage: CommandStage): void {
    const own = keyOf(record.principal, record.id);
    const key = record.series === undefined ? own : keyOf(record.principal, record.series);
    this.all.get(key)?.(record, stage);
    if (record.over === true && stage === stageOf(record)) this.all.delete(own);
  }
}
