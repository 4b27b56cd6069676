import { Controller, Get, Inject } from '@nestjs/common';
import type { LinkAnswer } from '../answers.js';
import { Manage } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';

@Controller('api/v1/links')
export class LinksController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get()
  @Manage('links')
  list(): LinkAnswer[] {
    return this.doors.links.list();
  }
}
