import { randomUUID } from 'node:crypto';
import { describeError, type Clock, type Log } from '@smx-edge/model';
import { acksOf } from '../transport/acks.js';
import type { Smx1Strategy } from '../transport/smx1.strategy.js';
import type { Uplink } from '../transport/uplink.js';
import type { Hole } from '../watch/holes.js';
import type { Intake } from './intake.js';

/** A box sends what was not acknowledged again by itself after 5, 10 and 20 s; then it is asked, ms. */
const ASK_AFTER = 20_000;
/** A box that gives no page for this long gives none any more, ms. */
const PATIENCE = 30_000;
/** Pause before a box is asked once more that did not give the first of what is missing, and one that was busy, ms. */
const RETRY = 5 * 60_000;
const BUSY = 15_000;

/** `res` to a request for batches (contracts §5), as far as it is used. */
export interface ResBody {
  readonly id: string;
  readonly last: boolean;
  readonly batches?: readonly object[];
  /** In the last page: what comes behind it was asked for too, from here on. */
  readonly next?: number;
  readonly error?: { readonly code: string; readonly reason: string };
}

interface Request extends Pick<Hole, 'site' | 'stream' | 'epoch' | 'from' | 'to'> {
  /** The first of it came: there is progress. */
  came: boolean;
  /** When it was asked, or gave its last page, ms UTC. */
  heard: number;
}

export interface RecallOptions {
  readonly intake: Intake;
  readonly boxes: Pick<Smx1Strategy, 'publish' | 'acknowledge'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Asks boxes for batches that are missing, one request per box at a time, and takes in what they give. */
export class Recall {
  /** Under way, by id. */
  private readonly requests = new Map<string, Request>();
  /** When a stream whose box gave nothing may be asked for again, ms UTC. */
  private readonly rests = new Map<string, number>();

  constructor(private readonly o: RecallOptions) {}

  /** Asks for what has been missing long enough. */
  async ask(holes: readonly Hole[]): Promise<void> {
    const now = this.o.clock.now();
    this.giveUp(now);
    const busy = new Set([...this.requests.values()].map(({ site }) => site));
    for (const hole of holes) {
      const { site, stream, since, state } = hole;
      if (state !== 'online' || now - since < ASK_AFTER || busy.has(site)) continue;
      if ((this.rests.get(`${site}/${stream}`) ?? 0) > now) continue;
      busy.add(site);
      await this.send(hole);
    }
  }

  /** Takes a page; one that this worker did not ask for is another's. Rejects with SMX_CLOUD_DATABASE. */
  async answered({ site, received }: Uplink, { id, last, batches = [], next, error }: ResBody): Promise<void> {
    const request = this.requests.get(id);
    if (request?.site !== site) return;
    const { stream } = request;
    request.heard = this.o.clock.now();
    const stored = await this.o.intake.take(batches.map((body) => ({ site, topic: `t/${stream}`, body, received })));
    this.o.boxes.acknowledge(acksOf(stored));
    request.came ||= stored.some(({ seq }) => seq === request.from);
    if (!last) return;
    this.requests.delete(id);
    if (!request.came) {
      this.rest(request, error?.code === 'SMX_HTTP_RATE' ? BUSY : RETRY);
      this.o.log.warn('a box did not give what is missing', { site, stream, ...error });
    } else if (next !== undefined && next > request.from && next <= request.to)
      await this.send({ ...request, from: next });
  }

  private async send({ site, stream, epoch, from, to }: Omit<Request, 'came' | 'heard'>): Promise<void> {
    const id = randomUUID();
    this.requests.set(id, { site, stream, epoch, from, to, came: false, heard: this.o.clock.now() });
    try {
      await this.o.boxes.publish({ site, topic: 'req' }, { id, get: 'batch', stream, e: epoch, s: [from, to] });
    } catch (error) {
      this.requests.delete(id);
      this.o.log.debug('a request did not go out', { site, stream, error: describeError(error) });
    }
  }

  private giveUp(now: number): void {
    for (const [id, request] of this.requests)
      if (now - request.heard >= PATIENCE) {
        this.requests.delete(id);
        this.rest(request);
      }
  }

  private rest({ site, stream }: Request, ms = RETRY): void {
    this.rests.set(`${site}/${stream}`, this.o.clock.now() + ms);
  }
}
