import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common';
import type { Clock } from '@smx-edge/model';
import { Dispatcher } from '../dispatch/dispatcher.js';
import type { Order } from '../dispatch/order.js';
import { commandAsk, scheduleAsk } from '../dispatch/request.js';
import { Store } from '../store/store.js';
import { TokenGuard } from './token.guard.js';

/** Most orders of one answer. */
const MOST = 1000;

/** The clock by which orders are issued. */
export const CLOCK = Symbol('clock');

/** Commands and schedules, for a person or a planner: kept when answered, then sent and followed. */
@Controller('api/v1/sites/:site')
@UseGuards(TokenGuard)
export class OrdersController {
  constructor(
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @Inject(Store) private readonly store: Store,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('commands')
  @HttpCode(202)
  command(@Param('site') site: string, @Body() body: unknown): Promise<Order> {
    return this.dispatcher.order(site, commandAsk(body, this.clock.now()));
  }

  @Post('schedules')
  @HttpCode(202)
  schedule(@Param('site') site: string, @Body() body: unknown): Promise<Order> {
    return this.dispatcher.order(site, scheduleAsk(body));
  }

  /** Commands and schedules, the newest first. */
  @Get('commands')
  list(@Param('site') site: string): Promise<Order[]> {
    return this.store.orders.list(site, MOST, this.clock.now());
  }

  @Get('commands/:id')
  one(@Param('site') site: string, @Param('id') id: string): Promise<Order> {
    return this.dispatcher.find(site, id);
  }

  @Delete('commands/:id')
  @HttpCode(202)
  cancel(@Param('site') site: string, @Param('id') id: string): Promise<Order> {
    return this.dispatcher.cancel(site, id);
  }
}
