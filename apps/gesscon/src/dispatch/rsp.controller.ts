import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { MESSAGES } from '@smx-edge/northbound/messages';
import { SmxError } from '@smx-edge/model';
import Ajv2020 from 'ajv/dist/2020.js';
import { oneByOne } from '../ingest/one-by-one.js';
import { OnUplink } from '../transport/patterns.js';
import { Smx1Strategy } from '../transport/smx1.strategy.js';
import type { Uplink } from '../transport/uplink.js';
import { Dispatcher, type RspBody } from './dispatcher.js';

const ajv = new Ajv2020({ strict: false });
const isRsp = ajv.compile<RspBody>(MESSAGES['rsp']!.schema);

/** Takes what boxes answer to orders. Every worker hears it, and notes what none noted before. */
@Controller()
export class RspController {
  constructor(
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @Inject(Smx1Strategy) private readonly boxes: Smx1Strategy,
  ) {}

  @OnUplink('rsp')
  async take(@Payload() uplinks: readonly Uplink[]): Promise<void> {
    await oneByOne(uplinks, {
      boxes: this.boxes,
      take: async ({ site, body }) => {
        if (!isRsp(body)) throw new SmxError('SMX_MESSAGE_MALFORMED', ajv.errorsText(isRsp.errors));
        await this.dispatcher.heard(site, body);
      },
    });
  }
}
