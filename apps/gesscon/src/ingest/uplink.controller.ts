import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { SmxError } from '@smx-edge/model';
import { MESSAGES } from '@smx-edge/northbound/messages';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { Store } from '../store/store.js';
import type { CatBody, StateBody } from '../store/sites.js';
import type { Stored } from '../transport/acks.js';
import { OnBatches, OnUplink } from '../transport/patterns.js';
import { Smx1Strategy } from '../transport/smx1.strategy.js';
import type { Uplink } from '../transport/uplink.js';
import { Intake } from './intake.js';
import { oneByOne } from './one-by-one.js';

const ajv = new Ajv2020({ strict: false });
const isState = ajv.compile<StateBody>(MESSAGES['state']!.schema);
const isCat = ajv.compile<CatBody>(MESSAGES['cat']!.schema);

/** Takes what boxes send: batches, which are committed before they are acknowledged, states and catalogues. */
@Controller()
export class UplinkController {
  @Inject(Dispatcher) private readonly dispatcher!: Dispatcher;
  @Inject(Intake) private readonly intake!: Intake;

  constructor(
    @Inject(Store) private readonly store: Store,
    @Inject(Smx1Strategy) private readonly boxes: Smx1Strategy,
  ) {}

  @OnBatches('t/+')
  async takeBatches(@Payload() uplinks: readonly Uplink[]): Promise<readonly Stored[]> {
    return this.intake.take(uplinks);
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
    await this.store.sites.putState(site, state, received);
    // the box waits for this before it sends anything again
    if (state?.s !== 'online') return;
    this.boxes.acknowledge(await this.store.streams.held(site, state.epoch));
    await this.dispatcher.woke(site);
  }

  private async takeCatalogue(uplink: Uplink): Promise<void> {
    const cat = checked(uplink, isCat);
    if (cat !== undefined) await this.store.sites.putCatalogue(uplink.site, cat, uplink.received);
  }
}

/** The body of a message, undefined where it is empty. Throws SMX_MESSAGE_MALFORMED. */
function checked<T>({ body }: Uplink, fits: ValidateFunction<T>): T | undefined {
  if (body === undefined || fits(body)) return body;
  throw new SmxError('SMX_MESSAGE_MALFORMED', ajv.errorsText(fits.errors));
}
