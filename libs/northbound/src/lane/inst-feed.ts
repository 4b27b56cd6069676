import type { LaneHead } from '@smx-edge/model';
import type { PartyView } from '../doors.js';
import { asGranted, batchText, gapOf } from './batch-message.js';
import type { LaneFeed, LaneHouse, MadeBatch } from './lane-options.js';
import { PlanKeeper } from './plan-keeper.js';

/** Batches of committed samples and windows. */
export class InstFeed implements LaneFeed {
  private readonly keeper: PlanKeeper;

  constructor(
    private readonly o: {
      readonly principal: string;
      readonly view: PartyView;
      readonly house: LaneHouse;
      readonly batch: number;
      readonly onHead: (head: LaneHead) => void;
    },
  ) {
    this.keeper = new PlanKeeper({ ...o, name: this.name });
  }

  get fault(): LaneFeed['fault'] {
    return this.keeper.fault;
  }

  get ready(): Promise<void> {
    return this.keeper.ready;
  }

  fit(limit: number): void {
    this.keeper.fit(limit);
  }

  async read(from: number, count: number): Promise<MadeBatch[]> {
    const { house, view } = this.o;
    const { store, zone } = house;
    const batches = await store.lane.readLane(this.name, from, count);
    return batches.map((batch) => ({
      seq: batch.seq,
      cut: batch.cut,
      message: (isBacklog) => {
        const granted = asGranted(batch, view, zone);
        if (granted === undefined) return undefined;
        const envelope = { epoch: store.lane.epoch, isBacklog };
        return {
          payload: batchText(granted, envelope),
          gap: () => batchText(gapOf(granted), envelope),
          gave: () => {
            if ('id' in granted) view.gave(granted.id);
          },
        };
      },
    }));
  }

  close(): Promise<void> {
    return this.keeper.close();
  }

  private get name(): { principal: string; stream: string } {
    return { principal: this.o.principal, stream: 'inst' };
  }
}
