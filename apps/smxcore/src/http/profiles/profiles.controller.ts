import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeError, profileHead, profilePath, parseTime, SmxError } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import { linkNext, MOST_PER_PAGE, pageOf } from '../common/page.js';
import { Query } from '../common/query.js';
import { refuseTooMany } from '../common/too-many.js';
import { Viewer } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import { profileStream } from './profile-stream.js';

const TIME = 'ms UTC, ISO 8601, or a duration before now like 1h';
/** The last instant of a date: rows end where the meter says, which may be ahead of the clock of the box. */
const EVER = 8.64e15;

@Controller('api/v1')
export class ProfilesController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get('profiles')
  list(
    @Viewer() view: View,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Record<string, unknown>[] {
    const query = new Query(request.query, ['match', 'limit', 'after']);
    const match = query.text('match');
    const limit = query.whole('limit', { least: 1, most: MOST_PER_PAGE });
    const after = query.text('after');
    query.done();
    refuseTooMany(view.ask('profiles', match ?? '#'), 'requests for profiles');
    const { page, next } = pageOf(view.profiles(match), { limit, after, key: profilePath });
    if (next !== undefined) linkNext(request, reply, next);
    return page.map(profileHead);
  }

  @Get('profiles/:device/:id')
  read(@Viewer() view: View, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { device, id } = request.params as { readonly device: string; readonly id: string };
    const profile = this.doors.profiles.find({ device, id });
    // unknown and not granted are one answer, so that it tells nothing
    if (profile === undefined || view.profile(profilePath(profile)) === undefined)
      throw new SmxError('SMX_HTTP_NOT_FOUND', 'there is no such load profile, or none that you may see');
    refuseTooMany(view.ask('profiles', profilePath(profile)), 'requests for profiles');
    const stream = profileStream(this.doors.profiles, view, { profile, ...this.span(request) });
    stream.on('error', (error) =>
      this.doors.log.warn('an answer of a load profile broke off', { error: describeError(error) }),
    );
    void reply.header('content-type', 'application/json; charset=utf-8').send(stream);
  }

  private span(request: FastifyRequest): { from: number; to: number } {
    const query = new Query(request.query, ['from', 'to']);
    const time = (name: string, byDefault: number): number => {
      const text = query.text(name);
      if (text === undefined) return byDefault;
      const t = parseTime(text, { zone: this.doors.zone, now: this.doors.clock.now() });
      if (t === undefined) query.fault(name, TIME);
      return t ?? byDefault;
    };
    const [from, to] = [time('from', -EVER), time('to', EVER)];
    if (from > to) query.fault('from', 'a time that is not after `to`');
    query.done();
    return { from, to };
  }
}
