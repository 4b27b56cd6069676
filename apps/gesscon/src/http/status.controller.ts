import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { Store } from '../store/store.js';
import { Alarms, type AlarmRow } from '../watch/alarms.js';
import { TokenGuard } from './token.guard.js';

/** What stands in the database, for a person: the boxes and how far each stream is, and alarms. */
@Controller('api/v1')
@UseGuards(TokenGuard)
export class StatusController {
  constructor(
    @Inject(Store) private readonly store: Store,
    @Inject(Alarms) private readonly alarms: Alarms,
  ) {}

  /** `hw`: everything up to it is stored; `most`: the newest that is; `hole`: the first that is missing between. */
  @Get('sites')
  sites(): Promise<object[]> {
    return this.store.db.rows(
      `select site.name as site, state, since, stream.epoch, stream.name as stream, hw, most, last, hole
       from site left join stream on stream.site = site.key order by site.name, stream.epoch, stream.name`,
    );
  }

  @Get('alarms')
  list(@Query('which') which?: string): Promise<AlarmRow[]> {
    return this.alarms.list(which === 'all' ? 'all' : 'open');
  }
}
