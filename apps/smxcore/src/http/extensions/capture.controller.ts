import { Controller, Get, Inject, Injectable, Param, Req, Res, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CaptureWriter } from '@smx-edge/extension-api/transports';
import type { LineTap, Recorded, TappedChunk } from '@smx-edge/extension-host';
import type { Disposable } from '@smx-edge/model';
import { Query } from '../common/query.js';
import { Manage, viewOf } from '../common/viewer.js';
import type { View } from '@smx-edge/access';
import { DOORS, type Doors } from '../doors.js';

const MOST_LINE = 200;
/** What waits for a slow reader before chunks are lost, bytes. */
const BACKLOG = 1 << 20;
/** An empty line so often: a silent line is no dead connection, and a right that has ended is noticed. */
const SIGN_OF_LIFE = 10_000;
const NOTHING = new Uint8Array(0);

/** One capture on its way to its reader. */
class Recording implements LineTap {
  private readonly writer: CaptureWriter;
  private readonly recorded: Recorded;
  private timer: Disposable | undefined;
  private readonly since: number;
  private bytes = 0;
  private lost = 0;
  private lostInAll = 0;
  private over = false;

  constructor(
    private readonly reply: FastifyReply,
    private readonly o: {
      doors: Doors;
      view: View;
      id: string;
      line: number;
      allowed: () => boolean;
      onEnd: () => void;
    },
  ) {
    const { doors, id, line } = o;
    this.recorded = doors.workshop.record(id, line, this);
    this.since = doors.clock.now();
    this.writer = new CaptureWriter(this.since, this.recorded.source);
  }

  start(): void {
    const { reply } = this;
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/plain; charset=us-ascii',
    });
    reply.raw.on('close', () => this.finish());
    reply.raw.on('error', () => this.finish());
    reply.raw.write(this.writer.head());
    // at once: what is recorded stands in the ledger also where the box does not see the end of it
    this.enter({});
    this.live();
  }

  chunk({ direction, bytes, t, lost }: TappedChunk): void {
    const { raw } = this.reply;
    this.lost += lost;
    this.lostInAll += lost;
    if (raw.writableLength > BACKLOG) {
      this.lost += bytes.length;
      this.lostInAll += bytes.length;
      return;
    }
    this.bytes += bytes.length;
    if (this.lost > 0) {
      raw.write(
        `# ${this.lost} bytes were lost here: more than a recording takes\n${this.writer.line('gap', NOTHING, t)}`,
      );
      this.lost = 0;
    }
    raw.write(this.writer.line(direction, bytes, t));
  }

  end(reason: string): void {
    if (!this.over) this.reply.raw.end(`# the recording ended: ${reason.replace(/\s+/g, ' ')}\n`);
    this.finish();
  }

  private live(): void {
    this.timer = this.o.doors.clock.after(SIGN_OF_LIFE, () => {
      if (!this.o.allowed()) {
        this.end('this principal may not record any more');
        return;
      }
      this.reply.raw.write('\n');
      this.live();
    });
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    this.timer?.dispose();
    this.recorded.stop();
    this.enter({ until: this.o.doors.clock.now(), bytes: this.bytes, lost: this.lostInAll });
    this.o.onEnd();
  }

  private enter(end: { until?: number; bytes?: number; lost?: number }): void {
    const { doors, id, line, view } = this.o;
    const { name, role } = view.principal;
    doors.ledger.append({
      t: doors.clock.now(),
      kind: 'disclosure',
      principal: name,
      data: { role, recorded: id, line, source: this.recorded.source, since: this.since, ...end },
    });
  }
}

/** All recordings that run; they end with their principal and with the box. */
@Injectable()
export class Recordings implements OnModuleDestroy {
  private readonly open = new Map<Recording, string>();
  private readonly watching: Disposable;

  constructor(@Inject(DOORS) private readonly doors: Doors) {
    this.watching = doors.principals.onChange((kind, { name }) => {
      for (const [recording, other] of [...this.open])
        if (kind === 'removed' && other === name) recording.end('this token is no longer valid');
    });
  }

  admit(view: View, reply: FastifyReply, what: { id: string; line: number }): void {
    const { name } = view.principal;
    const recording: Recording = new Recording(reply, {
      ...what,
      view,
      doors: this.doors,
      allowed: () => this.doors.gate.view(name)?.canManage('extensions') === true,
      onEnd: () => void this.open.delete(recording),
    });
    this.open.set(recording, name);
    this.doors.log.info('a line is recorded', { instance: what.id, principal: name });
    recording.start();
  }

  onModuleDestroy(): void {
    this.watching.dispose();
    for (const recording of [...this.open.keys()]) recording.end('the core is stopping');
  }
}

@Controller('api/v1/extensions')
export class CaptureController {
  constructor(private readonly recordings: Recordings) {}

  @Get(':id/capture')
  @Manage('extensions')
  capture(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const query = new Query(request.query, ['line']);
    const line = query.whole('line', { least: 1, most: MOST_LINE }) ?? 1;
    query.done();
    this.recordings.admit(viewOf(request), reply, { id, line });
  }
}
