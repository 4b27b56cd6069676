import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AGGREGATES, describeError, parseTime } from '@smx-edge/model';
import type { GrantedHistoryQuery, View } from '@smx-edge/access';
import { Query } from '../common/query.js';
import { Viewer } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import { historyStream } from './history-stream.js';

const TIME = 'ms UTC, ISO 8601, or a duration before now like 1h';

@Controller('api/v1')
export class HistoryController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get('history')
  async read(@Viewer() view: View, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const points = await view.history(this.asked(request));
    const csv = prefersCsv(request.headers.accept ?? '');
    const stream = historyStream(points, csv ? 'csv' : 'json');
    stream.on('error', (error) => this.doors.log.warn('a history answer broke off', { error: describeError(error) }));
    void reply.header('content-type', csv ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8').send(stream);
  }

  private asked(request: FastifyRequest): GrantedHistoryQuery {
    const query = new Query(request.query, ['match', 'from', 'to', 'every', 'as']);
    const now = this.doors.clock.now();
    const time = (name: string, byDefault: number): number => {
      const text = query.text(name);
      const t = text === undefined ? byDefault : parseTime(text, { zone: this.doors.zone, now });
      if (t === undefined) query.fault(name, TIME);
      return t ?? byDefault;
    };
    const match = query.filter('match');
    const to = time('to', now);
    const from = time('from', to - 3_600_000);
    if (from > to) query.fault('from', 'a time that is not after `to`');
    const every = query.duration('every');
    const as = query.oneOf('as', AGGREGATES);
    query.done();
    return {
      match: match ?? '#',
      from,
      to,
      ...(every === undefined ? {} : { every }),
      ...(as === undefined ? {} : { as }),
    };
  }
}

/** Whether CSV is named and JSON is not preferred to it. */
function prefersCsv(accept: string): boolean {
  const weight = (type: string): number => {
    for (const part of accept.split(',')) {
      const [name, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      if (name !== type) continue;
      const q = parameters.find((parameter) => parameter.startsWith('q='));
      return q === undefined ? 1 : Number(q.slice(2)) || 0;
    }
    return 0;
  };
  const csv = weight('text/csv');
  return csv > 0 && csv >= weight('application/json');
}
