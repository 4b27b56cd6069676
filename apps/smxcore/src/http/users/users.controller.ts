import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import type { TokenRow } from '../answers.js';
import { textsOf } from '../common/body.js';
import { Manage } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';
import { tokenRow } from '../tokens/token-answers.js';

@Controller('api/v1/users')
export class UsersController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get()
  @Manage('users')
  list(): TokenRow[] {
    return this.doors.principals
      .list()
      .filter(({ kind }) => kind === 'user')
      .map(tokenRow);
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
