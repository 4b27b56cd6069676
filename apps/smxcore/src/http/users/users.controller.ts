import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TokenRow } from '../answers.js';
import { textsOf } from '../common/body.js';
import { listed } from '../common/page.js';
import { Manage } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import { tokenRow } from '../tokens/token-answers.js';

@Controller('api/v1/users')
export class UsersController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get()
  @Manage('users')
  list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): TokenRow[] {
    const rows = this.doors.principals
      .list()
      .filter(({ kind }) => kind === 'user')
      .map(tokenRow);
    return listed(rows, ({ principal }) => principal, { request, reply });
  }

  @Post()
  @Manage('users')
  async create(@Body() body: unknown): Promise<TokenRow> {
    return tokenRow(await this.doors.principals.createUser(textsOf(body, { required: ['name', 'role', 'password'] })));
  }

  @Post(':name/password')
  @HttpCode(204)
  @Manage('users')
  async setPassword(@Param('name') name: string, @Body() body: unknown): Promise<void> {
    await this.doors.principals.setPassword(name, textsOf(body, { required: ['password'] }).password);
  }

  @Delete(':name')
  @HttpCode(204)
  @Manage('users')
  async remove(@Param('name') name: string): Promise<void> {
    await this.doors.principals.revoke(name, 'user');
  }
}
