import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { isSmxError, SmxError } from '@smx-edge/model';
import { MESSAGES } from '@smx-edge/northbound/messages';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { isRefusal } from '../store/refusal.js';
import { Store } from '../store/store.js';
import type { CatBody, StateBody } from '../store/sites.js';
import type { Stored } from '../transport/acks.js';
import { OnBatches, OnUplink } from '../transport/patterns.js';
import { Smx1Strategy } from '../transport/smx1.strategy.js';
import type { Uplink } from '../transport/uplink.js';
import { Alarms } from '../watch/alarms.js';
import { readBatch, type Batch } from './batch.js';
import { oneByOne } from './one-by-one.js';

const ajv = new Ajv2020({ strict: false });
const isState = ajv.compile<StateBody>(MESSAGES['state']!.schema);
const isCat = ajv.compile<CatBody>(MESSAGES['cat']!.schema);

/** Takes what boxes send: batches, which are committed before they are acknowledged, states and catalogues. */
@Controller()
export class UplinkController {
  @Inject(Dispatcher) private readonly dispatcher!: Dispatcher;

  constructor(
    @Inject(Store) private readonly store: Store,
    @Inject(Smx1Strategy) private readonly boxes: Smx1Strategy,
    @Inject(Alarms) private readonly alarms: Alarms,
  ) {}

  @OnBatches('t/+')
  async takeBatches(@Payload() uplinks: readonly Uplink[]): Promise<readonly Stored[]> {
    const batches = uplinks.flatMap((uplink) => this.read(uplink));
    const stored = await this.commit(batches);
    for (const batch of stored) this.store.streams.note(batch);
    return stored;
  }

  @OnUplink('state')
  async takeStates(@Payload() uplinks: readonly Uplink[]): Promise<void> {
    await oneByOne(uplinks, { boxes: this.boxes, take: (uplink) => this.takeState(uplink) });
  }

  @OnUplink('cat')
  async takeCatalogues(@Payload() uplinks: readonly Uplink[]): Promise<void> {
    await oneByOne(uplinks, { boxes: this.boxes, take: (uplink) => this.takeCatalogue(uplink) });
    // orders may have waited for it
    await this.dispatcher.send();
  }

  private async takeState(uplink: Uplink): Promise<void> {
    const { site, received } = uplink;
    const state = checked(uplink, isState);
    const before = await this.store.sites.putState(site, state, received);
    if (before !== undefined) await this.alarms.epochChanged(site, [before, state!.epoch], received);
    // the box waits for this before it sends anything again
    if (state?.s !== 'online') return;
    this.boxes.acknowledge(await this.store.streams.held(site, state.epoch));
    await this.dispatcher.woke(site);
  }

  private async takeCatalogue(uplink: Uplink): Promise<void> {
    const cat = checked(uplink, isCat);
    if (cat !== undefined) await this.store.sites.putCatalogue(uplink.site, cat, uplink.received);
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

/** The body of a message, undefined where it is empty. Throws SMX_MESSAGE_MALFORMED. */
function checked<T>({ body }: Uplink, fits: ValidateFunction<T>): T | undefined {
  if (body === undefined || fits(body)) return body;
  throw new SmxError('SMX_MESSAGE_MALFORMED', ajv.errorsText(fits.errors));
}
