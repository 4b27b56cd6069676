import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { filterMatches, parseTime, type EventRecord } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import { linkNext, MOST_PER_PAGE } from '../common/page.js';
import { Query } from '../common/query.js';
import { refuseTooMany } from '../common/too-many.js';
import { Viewer } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';

const AT_ONCE = 500;

interface Asked {
  readonly match: string | undefined;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly limit: number | undefined;
  readonly after: number | undefined;
}

@Controller('api/v1')
export class EventsController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get('events')
  async list(
    @Viewer() view: View,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventRecord[]> {
    const asked = this.asked(request);
    refuseTooMany(view.ask('events', asked.match ?? '#'), 'requests for events');
    const found: EventRecord[] = [];
    for await (const event of this.visible(view, asked)) {
      if (found.length === asked.limit) {
        linkNext(request, reply, String(found[found.length - 1]!.id));
        break;
      }
      found.push(event);
    }
    return found;
  }

  private asked(request: FastifyRequest): Asked {
    const query = new Query(request.query, ['match', 'from', 'to', 'limit', 'after']);
    const time = (name: string): number | undefined => {
      const text = query.text(name);
      if (text === undefined) return undefined;
      const t = parseTime(text, { zone: this.doors.zone, now: this.doors.clock.now() });
      if (t === undefined) query.fault(name, 'ms UTC, ISO 8601, or a duration before now like 1h');
      return t;
    };
    const asked = {
      match: query.filter('match'),
      from: time('from'),
      to: time('to'),
      limit: query.whole('limit', { least: 1, most: MOST_PER_PAGE }),
      after: query.whole('after', { least: 0, most: Number.MAX_SAFE_INTEGER }),
    };
    query.done();
    return asked;
  }

  private async *visible(view: View, asked: Asked): AsyncGenerator<EventRecord> {
    let after = asked.after;
    for (;;) {
      const page = await this.doors.events.events({
        limit: AT_ONCE,
        ...(asked.from === undefined ? {} : { from: asked.from }),
        ...(asked.to === undefined ? {} : { to: asked.to }),
        ...(after === undefined ? {} : { after }),
      });
      for (const event of page)
        if (
          view.seesEvent(event.path, event.t) &&
          (asked.match === undefined || filterMatches(asked.match, event.path))
        )
          yield event;
      if (page.length < AT_ONCE) return;
      after = page[page.length - 1]!.id;
    }
  }
}
