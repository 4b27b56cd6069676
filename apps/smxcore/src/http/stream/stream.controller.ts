import { Controller, Get, Inject, Injectable, Req, Res, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SmxError, type Disposable } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import { Query } from '../common/query.js';
import { Viewer } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import { SampleStream } from './sample-stream.js';

const MOST = 200;
const MOST_OF_ONE = 20;

/** All open streams: bounded, ended with their principal and with the box. */
@Injectable()
export class StreamHall implements OnModuleDestroy {
  private readonly open = new Map<SampleStream, string>();
  private readonly watching: Disposable;

  constructor(@Inject(DOORS) private readonly doors: Doors) {
    this.watching = doors.principals.onChange((kind, { name }) => {
      if (kind === 'removed') this.endOf(name);
    });
  }

  /** Throws SMX_HTTP_RATE where there are too many. */
  admit(view: View, reply: FastifyReply, match: string | undefined): void {
    const { name } = view.principal;
    const own = [...this.open.values()].filter((other) => other === name).length;
    if (this.open.size >= MOST || own >= MOST_OF_ONE) {
      void reply.header('retry-after', '10');
      throw new SmxError(
        'SMX_HTTP_RATE',
        `there are too many open streams; close one (${MOST_OF_ONE} per principal, ${MOST} in all)`,
      );
    }
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    reply.raw.socket?.setNoDelay(true);
    const stream: SampleStream = new SampleStream(view, reply.raw, {
      match,
      clock: this.doors.clock,
      onClose: () => void this.open.delete(stream),
    });
    this.open.set(stream, name);
    stream.start();
  }

  onModuleDestroy(): void {
    this.watching.dispose();
    for (const stream of [...this.open.keys()])
      stream.end(new SmxError('SMX_HTTP_UNREACHABLE', 'the core is stopping'));
  }

  private endOf(principal: string): void {
    for (const [stream, name] of [...this.open])
      if (name === principal) stream.end(new SmxError('SMX_ACCESS_UNAUTHENTICATED', 'this token is no longer valid'));
  }
}

@Controller('api/v1')
export class StreamController {
  constructor(private readonly hall: StreamHall) {}

  @Get('stream')
  stream(@Viewer() view: View, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const query = new Query(request.query, ['match']);
    const match = query.filter('match');
    query.done();
    this.hall.admit(view, reply, match);
  }
}
