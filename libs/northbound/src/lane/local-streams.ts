import type { Party } from '../party.js';
import type { Outgoing, Session } from '../session.js';
import type { LaneExit } from './lane-options.js';
import type { Lanes } from './lanes.js';
import { STREAMS } from './streams.js';

/** The certain lane on the local broker: a stream begins with the first subscription that matches its topic. */
export class LocalStreams {
  private readonly attached = new Map<Party, Set<string>>();

  constructor(
    private readonly o: {
      readonly lanes: Lanes | undefined;
      readonly give: (party: Party, message: Outgoing) => void;
    },
  ) {}

  /** Subscriptions or clients of a party changed. */
  look(party: Party): void {
    const before = this.attached.get(party) ?? new Set<string>();
    const wanted = new Set<string>(STREAMS.filter((stream) => this.readers(party, stream).length > 0));
    for (const stream of before) if (!wanted.has(stream)) this.o.lanes?.known(party.name)?.detach(stream);
    if (wanted.size === 0) this.attached.delete(party);
    else this.attached.set(party, wanted);
    const begun = [...wanted].filter((stream) => !before.has(stream));
    if (begun.length === 0) return;
    this.o.lanes?.of(party.name)?.attach((stream) => (begun.includes(stream) ? this.exit(party, stream) : undefined));
  }

  /** A client of the party has room again. */
  pump(party: Party): void {
    if (this.attached.has(party)) this.o.lanes?.known(party.name)?.pump();
  }

  private exit(party: Party, stream: string): LaneExit {
    const topic = party.tree.topic(`t/${stream}`);
    const readers = (): boolean => this.readers(party, stream).some(({ isFull }) => isFull);
    return {
      get full() {
        return readers();
      },
      limit: Infinity,
      send: (payload, taken) => {
        this.o.give(party, { topic, payload, qos: 1, retain: false });
        taken();
        return true;
      },
    };
  }

  private readers(party: Party, stream: string): Session[] {
    const topic = party.tree.topic(`t/${stream}`);
    return [...party.sessions].filter((session) => !session.ended && session.qosOf(topic) >= 0);
  }
}
