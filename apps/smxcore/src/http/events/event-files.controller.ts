import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { SmxError, type EventRecord } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import { refuseTooMany } from '../common/too-many.js';
import { Viewer } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';

@Controller('api/v1')
export class EventFilesController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get('events/:id/files/:name')
  async read(
    @Param() { id, name }: { id: string; name: string },
    @Viewer() view: View,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const event = await this.event(id);
    const isSeen = event !== undefined && view.seesEvent(event.path, event.t);
    if (isSeen) refuseTooMany(view.ask('events', event.path), 'requests for events');
    const file = isSeen ? await this.doors.events.eventFile(event.id, name) : undefined;
    // unknown and not granted are one answer, so that it tells nothing
    if (file === undefined)
      throw new SmxError('SMX_HTTP_NOT_FOUND', 'there is no such file of an event, or none that you may see');
    void reply
      .header('content-type', file.type)
      // whatever it is, it is kept and never run: not shown in this origin, and nothing in it loads or scripts
      .header('content-disposition', `attachment; filename="${name}"`)
      .header('content-security-policy', "default-src 'none'; sandbox")
      .send(Buffer.from(file.bytes));
  }

  private async event(id: string): Promise<EventRecord | undefined> {
    if (!/^\d{1,15}$/.test(id)) return undefined;
    const [event] = await this.doors.events.events({ after: Number(id) - 1, limit: 1 });
    return event?.id === Number(id) ? event : undefined;
  }
}
