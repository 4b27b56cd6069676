import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SmxError, type PrincipalRecord } from '@smx-edge/model';
import { AREAS, type View } from '@smx-edge/access';
import type { SessionAnswer } from '../answers.js';
import { textsOf } from '../common/body.js';
import { RateLimit } from '../common/rate.js';
import { TooMany } from '../common/too-many.js';
import { sessionOf, Viewer } from '../common/viewer.js';
import { VERSION } from '../../version.js';
import { DOORS, type Doors } from '../doors.js';
import { sessionCookie, setSessionCookie } from './cookie.js';
import { refuseCrossSite } from './same-site.js';

/** Log-ins per second from one address, whatever the names. */
const LOGINS_PER_SECOND = 2;

@Controller('api/v1/session')
export class SessionController {
  private readonly addresses: RateLimit;

  constructor(@Inject(DOORS) private readonly doors: Doors) {
    this.addresses = new RateLimit(doors.clock, LOGINS_PER_SECOND);
  }

  @Get()
  who(@Viewer() view: View, @Req() request: FastifyRequest): SessionAnswer {
    return this.answer(view, sessionOf(request)?.expires ?? view.principal.expires);
  }

  @Post()
  @HttpCode(200)
  async login(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionAnswer> {
    const { gate, sessions, clock, ledger } = this.doors;
    const user = await this.prove(body, request, reply);
    // a browser that logs in again leaves its old session
    const old = sessions.find(sessionCookie(request) ?? '');
    if (old !== undefined) sessions.end(old);
    const view = gate.require(user.name);
    const { id, session } = sessions.begin(user.name);
    ledger.append({ t: clock.now(), kind: 'login', principal: user.name, data: { via: 'page', count: 1 } });
    void reply.header('set-cookie', setSessionCookie(request, id));
    return this.answer(view, session.expires);
  }

  @Delete()
  @HttpCode(204)
  logout(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): void {
    const session = sessionOf(request);
    if (session === undefined)
      throw new SmxError('SMX_HTTP_BAD_REQUEST', 'a token has no session to end; revoke the token instead');
    this.doors.sessions.end(session);
    void reply.header('set-cookie', setSessionCookie(request, undefined));
  }

  private async prove(body: unknown, request: FastifyRequest, reply: FastifyReply): Promise<PrincipalRecord> {
    const { gate, logins, setup } = this.doors;
    try {
      refuseCrossSite(request);
    } catch (error) {
      gate.deny('unknown', 'cross-site login');
      throw error;
    }
    const seconds = this.addresses.take(request.ip);
    if (seconds > 0) {
      gate.deny('unknown', 'too many logins from one address');
      throw new TooMany(seconds, 'logins');
    }
    const { name, password, setup: code } = textsOf(body, { required: ['name', 'password'], optional: ['setup'] });
    if (code !== undefined) return setup.makeOwner({ code, name, password });
    try {
      return await logins.login(name, password, request.ip);
    } catch (error) {
      if (error instanceof SmxError && error.code === 'SMX_HTTP_RATE')
        void reply.header('retry-after', String(logins.retryAfter(name) || 5));
      throw error;
    }
  }

  private answer(view: View, expires: number | undefined): SessionAnswer {
    const { name, kind, role, alias } = view.principal;
    return {
      principal: name,
      kind,
      role,
      expires: expires ?? null,
      manages: AREAS.filter((area) => view.canManage(area)),
      // two parties must not find out that they look at the same site
      site: alias ?? this.doors.site,
      timezone: this.doors.zone.name,
      version: VERSION,
    };
  }
}
