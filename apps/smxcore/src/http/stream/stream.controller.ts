import { Controller, Get, Inject, Injectable, Req, Res, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SmxError, type Disposable } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import { Query } from '../common/query.js';
import { sessionOf, Viewer } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import type { Session } from '../session/sessions.js';
import { SampleStream } from './sample-stream.js';

const MOST = 200;
const MOST_OF_ONE = 20;

/** All open streams: bounded, ended with their principal and with the box. */
@Injectable()
export class StreamHall implements OnModuleDestroy {
  private readonly open = new Map<
    SampleStream,
    { readonly principal: string; readonly session: Session | undefined }
  >();
  private readonly watching: readonly Disposable[];

  constructor(@Inject(DOORS) private readonly doors: Doors) {
    this.watching = [
      doors.principals.onChange((kind, { name }) => {
        if (kind === 'removed') this.endWhere(({ principal }) => principal === name);
      }),
      doors.sessions.onEnd((ended) => this.endWhere(({ session }) => session === ended)),
    ];
  }

  /** Throws SMX_HTTP_RATE where there are too many. */
  admit(view: View, reply: FastifyReply, asked: { match: string | undefined; session: Session | undefined }): void {
    const { match, session } = asked;
    const { name } = view.principal;
    const own = [...this.open.values()].filter(({ principal }) => principal === name).length;
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
    const held = session === undefined ? undefined : this.doors.sessions.hold(session);
    const stream: SampleStream = new SampleStream(view, reply.raw, {
      match,
      clock: this.doors.clock,
      onClose: () => {
        held?.dispose();
        this.open.delete(stream);
      },
    });
    this.open.set(stream, { principal: name, session });
    stream.start();
  }

  onModuleDestroy(): void {
    for (const watch of this.watching) watch.dispose();
    for (const stream of [...this.open.keys()])
      stream.end(new SmxError('SMX_HTTP_UNREACHABLE', 'the core is stopping'));
  }

  private endWhere(isMeant: (reader: { principal: string; session: Session | undefined }) => boolean): void {
    for (const [stream, reader] of [...this.open])
      if (isMeant(reader))
        stream.end(new SmxError('SMX_ACCESS_UNAUTHENTICATED', 'this token or session is no longer valid'));
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
    this.hall.admit(view, reply, { match, session: sessionOf(request) });
  }
}
