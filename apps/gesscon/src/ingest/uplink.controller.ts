import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { isSmxError, SmxError } from '@smx-edge/model';
import { MESSAGES } from '@smx-edge/northbound/messages';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { Store } from '../store/store.js';
import type { CatBody, StateBody } from '../store/sites.js';
import type { Stored } from '../transport/acks.js';
import { OnBatches, OnUplink } from '../transport/patterns.js';
import { Smx1Strategy } from '../transport/smx1.strategy.js';
import type { Uplink } from '../transport/uplink.js';
import { Alarms } from '../watch/alarms.js';
import { readBatch, type Batch } from './batch.js';

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
    const batches = uplinks.flatMap((uplink) => this.read(uplink, () => readBatch(uplink)));
    const stored = await this.commit(batches);
    for (const batch of stored) this.store.streams.note(batch);
    return stored;
  }

  @OnUplink('state')
  async takeStates(@Payload() uplinks: readonly Uplink[]): Promise<void> {
    for (const uplink of uplinks) {
      const [state] = this.read(uplink, () => checked(uplink, isState));
      if (state === undefined) continue;
      const { site, received } = uplink;
      const before = await this.store.sites.putState(site, state.body, received);
      if (before !== undefined) await this.alarms.epochChanged(site, [before, state.body!.epoch], received);
      // the box waits for this before it sends anything again
      if (state.body?.s !== 'online') continue;
      this.boxes.acknowledge(await this.store.streams.held(site, state.body.epoch));
      await this.dispatcher.woke(site);
    }
  }

  @OnUplink('cat')
  async takeCatalogues(@Payload() uplinks: readonly Uplink[]): Promise<void> {
    for (const uplink of uplinks) {
      const [cat] = this.read(uplink, () => checked(uplink, isCat));
      if (cat?.body !== undefined) await this.store.sites.putCatalogue(uplink.site, cat.body, uplink.received);
    }
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

  private read<T>(uplink: Uplink, how: () => T): T[] {
    try {
      return [how()];
    } catch (error) {
      if (!isSmxError(error)) throw error;
      this.boxes.refuse(uplink, error);
      return [];
    }
  }
}

function checked<T>({ body }: Uplink, fits: ValidateFunction<T>): { readonly body: T | undefined } {
  if (body === undefined) return { body };
  if (fits(body)) return { body };
  throw new SmxError('SMX_MESSAGE_MALFORMED', ajv.errorsText(fits.errors));
}

/** Whether the database is well and refuses the data: SQLSTATE 22 (data) or 23 (constraint), as SQLite's constraint and range. */
function isRefusal(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as { readonly code?: unknown } | undefined) : undefined;
  return /^(22|23)...$|^SQLITE_(CONSTRAINT|MISMATCH|RANGE|TOOBIG)/.test(String(cause?.code));
}
