import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SmxError, type ErrorDetail } from '@smx-edge/model';
import type { NewToken } from '@smx-edge/access';
import type { TokenAnswer, TokenRow } from '../answers.js';
import { listed } from '../common/page.js';
import { Manage } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import { tokenAnswer, tokenRow } from './token-answers.js';

@Controller('api/v1/tokens')
export class TokensController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get()
  @Manage('tokens')
  list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): TokenRow[] {
    const rows = this.doors.principals
      .list()
      .filter(({ kind }) => kind === 'token')
      .map(tokenRow);
    return listed(rows, ({ principal }) => principal, { request, reply });
  }

  @Post()
  @Manage('tokens')
  async create(@Body() body: unknown): Promise<TokenAnswer> {
    return tokenAnswer(await this.doors.principals.createToken(wishOf(body)));
  }

  @Delete(':name')
  @HttpCode(204)
  @Manage('tokens')
  async revoke(@Param('name') name: string): Promise<void> {
    await this.doors.principals.revoke(name, 'token');
  }
}

/** Throws SMX_HTTP_BAD_REQUEST naming each member that does not fit. */
function wishOf(body: unknown): NewToken {
  const faults: ErrorDetail[] = [];
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new SmxError('SMX_HTTP_BAD_REQUEST', 'the body must be an object with `role`');
  const { role, name, alias, expires, ...rest } = body as Record<string, unknown>;
  for (const key of Object.keys(rest)) faults.push({ path: key, expected: 'one of role, name, alias, expires' });
  if (typeof role !== 'string') faults.push({ path: 'role', expected: 'the name of a role' });
  for (const [key, value] of Object.entries({ name, alias }))
    if (value !== undefined && typeof value !== 'string') faults.push({ path: key, expected: 'a text' });
  if (expires !== undefined && !Number.isSafeInteger(expires)) faults.push({ path: 'expires', expected: 'ms UTC' });
  if (faults.length > 0)
    throw new SmxError(
      'SMX_HTTP_BAD_REQUEST',
      faults.map(({ path, expected }) => `${path}: expected ${expected}`).join('; '),
      {
        details: faults,
      },
    );
  return {
    role: role as string,
    ...(name === undefined ? {} : { name: name as string }),
    ...(alias === undefined ? {} : { alias: alias as string }),
    ...(expires === undefined ? {} : { expires: expires as number }),
  };
}
