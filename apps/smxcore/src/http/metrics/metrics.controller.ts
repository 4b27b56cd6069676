import { Controller, Get, Header, Inject } from '@nestjs/common';
import { Manage } from '../common/viewer.js';
import { DOORS, type Doors } from '../doors.js';

@Controller('api/v1/metrics')
export class MetricsController {
  constructor(@Inject(DOORS) private readonly doors: Doors) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Manage('metrics')
  read(): string {
    return this.doors.metrics.text();
  }
}
