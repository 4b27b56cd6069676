import type { BatchRange } from '@smx-edge/model';
import type { PartyView } from '../doors.js';
import { InstFeed } from './inst-feed.js';
import { Lane } from './lane.js';
import type { LaneExit, LaneHouse, LaneOptions, LanePart, LaneStatus } from './lane-options.js';
import { RecordFeed } from './record-feed.js';
import type { RecordKinds } from './record-kinds.js';

/** Streams of the certain lane (contracts §5) that this version has. */
export const STREAMS = ['inst', 'profile', 'event'] as const;

/** All streams of one party. */
export class Streams {
  private readonly lanes: readonly Lane[];

  constructor(
    readonly principal: string,
    { view, options, house, kinds }: { view: PartyView; options: LaneOptions; house: LaneHouse; kinds: RecordKinds },
  ) {
    const { batch } = options;
    const common = { principal, view, house };
    const feeds: Record<(typeof STREAMS)[number], LanePart['feed']> = {
      inst: (onHead) => new InstFeed({ ...common, batch, onHead }),
      profile: (onHead) => new RecordFeed({ ...common, kind: kinds.profile, onHead }),
      event: (onHead) => new RecordFeed({ ...common, kind: kinds.event, onHead }),
    };
    this.lanes = STREAMS.map((stream) => new Lane({ principal, stream, feed: feeds[stream] }, options, house));
  }

  /** Resolves once it is known how far each is. */
  async ready(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.ready));
  }

  /** `head` of `state`: [oldest, next] by stream. */
  get head(): Record<string, BatchRange> {
    return Object.fromEntries(this.lanes.flatMap(({ stream, head }) => (head === undefined ? [] : [[stream, head]])));
  }

  status(): LaneStatus[] {
    return this.lanes.filter(({ head }) => head !== undefined).map((lane) => lane.status());
  }

  /** The party is here for these streams. */
  attach(exit: (stream: string) => LaneExit | undefined): void {
    for (const lane of this.lanes) {
      const own = exit(lane.stream);
      if (own !== undefined) lane.attach(own);
    }
  }

  detach(stream?: string): void {
    for (const lane of this.lanes) if (stream === undefined || lane.stream === stream) lane.detach();
  }

  /** There is room again. */
  pump(): void {
    for (const lane of this.lanes) lane.pump();
  }

  lane(stream: string | undefined): Lane | undefined {
    return this.lanes.find((lane) => lane.stream === stream);
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }
}
