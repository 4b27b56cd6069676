import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SmxError, filterFault, hasWildcard, type DeviceRecord } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import type { PointAnswer } from '../answers.js';
import { linkNext, listed, MOST_PER_PAGE, pageOf } from '../common/page.js';
import { Query } from '../common/query.js';
import { Viewer } from '../common/viewer.js';
import { listPoints } from './point-answers.js';

const PREFIX = '/api/v1/points/';

@Controller('api/v1')
export class PointsController {
  @Get('points')
  list(
    @Viewer() view: View,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): PointAnswer[] {
    const query = new Query(request.query, ['match', 'limit', 'after']);
    const match = query.filter('match');
    const limit = query.whole('limit', { least: 1, most: MOST_PER_PAGE });
    const after = query.text('after');
    query.done();
    const { page, next } = pageOf(listPoints(view, match), { limit, after, key: ({ path }) => path });
    if (next !== undefined) linkNext(request, reply, next);
    return page;
  }

  @Get('points/*')
  one(@Viewer() view: View, @Req() request: FastifyRequest): PointAnswer {
    const path = pointPath(request.url);
    // unknown, not granted and not even a path: one answer, so that it tells nothing
    const found = path === undefined ? undefined : listPoints(view, path)[0];
    if (found === undefined)
      throw new SmxError('SMX_POINT_UNKNOWN', 'there is no such point, or none that you may see');
    return found;
  }

  @Get('devices')
  devices(
    @Viewer() view: View,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): DeviceRecord[] {
    return listed(view.devices(), ({ name }) => name, { request, reply });
  }
}

function pointPath(url: string): string | undefined {
  const raw = url.split('?', 1)[0]!.slice(PREFIX.length);
  try {
    const path = decodeURIComponent(raw);
    return hasWildcard(path) || filterFault(path) !== undefined ? undefined : path;
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
