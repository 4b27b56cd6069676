import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SmxError } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import type { InstanceAnswer } from '../answers.js';
import { listed } from '../common/page.js';
import { refuseTooMany } from '../common/too-many.js';
import { Manage, Viewer } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import { CallBook, type CallName } from './call-book.js';

@Controller('api/v1/extensions')
export class ExtensionsController {
  constructor(
    @Inject(DOORS) private readonly doors: Doors,
    private readonly book: CallBook,
  ) {}

  @Get()
  @Manage('extensions')
  list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): InstanceAnswer[] {
    return listed(this.doors.instances.list(), ({ id }) => id, { request, reply });
  }

  @Post(':id/restart')
  @HttpCode(202)
  @Manage('extensions')
  async restart(@Param('id') id: string): Promise<{ id: string }> {
    await this.doors.instances.restart(id);
    return { id };
  }

  @Post(':id/calls/:name')
  @HttpCode(200)
  @Header('content-type', 'application/json; charset=utf-8')
  async call(
    @Viewer() view: View,
    @Param() { id, name }: { id: string; name: string },
    @Body() args: unknown,
  ): Promise<string> {
    const { gate, instances } = this.doors;
    // the gate narrows by a part of the call that only the instance names
    await instances.settled(id);
    const detail = instances.callDetail(id, name, args);
    const what = `${id}/${name}${detail === undefined ? '' : `/${detail}`}`;
    // unknown and not granted alike, so that a refusal tells nothing about what is installed
    const granted = this.granted(view, { id, name, detail });
    if (granted === undefined) {
      gate.deny(view.principal.name, `call ${what}`);
      throw new SmxError('SMX_ACCESS_DENIED', `the role "${view.principal.role}" grants no call ${what}`);
    }
    refuseTooMany(view.ask('call', granted, instances.isPersonalCall(id, name)), `calls of ${granted}`);
    // names that nothing answers to do not fill the ledger
    const offered = instances.list().some((one) => one.id === id && one.calls.includes(name));
    const noted = offered ? this.book.begin(view, { id, name, detail }) : undefined;
    try {
      const result = await instances.call(id, name, args);
      return JSON.stringify(result ?? null);
    } catch (error) {
      noted?.failed();
      throw error;
    }
  }

  /** What of the gate gives a call: its own name, or for what is plain the one without the detail. */
  private granted(view: View, { id, name, detail }: CallName): string | undefined {
    const { instances } = this.doors;
    const isPersonal = instances.isPersonalCall(id, name);
    if (view.canCall(id, name, { detail, isPersonal }))
      return detail === undefined ? `${id}/${name}` : `${id}/${name}/${detail}`;
    const isPlain = detail !== undefined && instances.isPlainCall(id, name, detail);
    return isPlain && view.canCall(id, name, { isPersonal }) ? `${id}/${name}` : undefined;
  }
}
