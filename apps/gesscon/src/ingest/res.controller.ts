import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { MESSAGES } from '@smx-edge/northbound/messages';
import { SmxError } from '@smx-edge/model';
import Ajv2020 from 'ajv/dist/2020.js';
import { OnUplink } from '../transport/patterns.js';
import { Smx1Strategy } from '../transport/smx1.strategy.js';
import type { Uplink } from '../transport/uplink.js';
import { oneByOne } from './one-by-one.js';
import { Recall, type ResBody } from './recall.js';

const ajv = new Ajv2020({ strict: false });
const isRes = ajv.compile<ResBody>(MESSAGES['res']!.schema);

/** Takes what boxes answer to requests. Every worker hears it; the one that asked takes it. */
@Controller()
export class ResController {
  constructor(
    @Inject(Recall) private readonly recall: Recall,
    @Inject(Smx1Strategy) private readonly boxes: Smx1Strategy,
  ) {}

  @OnUplink('res')
  async take(@Payload() uplinks: readonly Uplink[]): Promise<void> {
    await oneByOne(uplinks, {
      boxes: this.boxes,
      take: async (uplink) => {
        const { body } = uplink;
        if (!isRes(body)) throw new SmxError('SMX_MESSAGE_MALFORMED', ajv.errorsText(isRes.errors));
        await this.recall.answered(uplink, body);
      },
    });
  }
}
