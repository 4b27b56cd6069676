import { Module, type DynamicModule } from '@nestjs/common';
import type { Clock } from '@smx-edge/model';
import { Dispatcher } from './dispatch/dispatcher.js';
import { RspController } from './dispatch/rsp.controller.js';
import { HealthController } from './http/health.controller.js';
import { CLOCK, OrdersController } from './http/orders.controller.js';
import { StatusController } from './http/status.controller.js';
import { HTTP_TOKEN } from './http/token.guard.js';
import { Intake } from './ingest/intake.js';
import { Recall } from './ingest/recall.js';
import { ResController } from './ingest/res.controller.js';
import { UplinkController } from './ingest/uplink.controller.js';
import { Store } from './store/store.js';
import { Smx1Strategy } from './transport/smx1.strategy.js';
import { Alarms } from './watch/alarms.js';

export interface Parts {
  readonly store: Store;
  readonly boxes: Smx1Strategy;
  readonly alarms: Alarms;
  readonly dispatcher: Dispatcher;
  readonly intake: Intake;
  readonly recall: Recall;
  readonly clock: Clock;
  readonly token: string | undefined;
}

@Module({})
export class AppModule {
  static of({ store, boxes, alarms, dispatcher, intake, recall, clock, token }: Parts): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        UplinkController,
        ResController,
        RspController,
        HealthController,
        StatusController,
        OrdersController,
      ],
      providers: [
        { provide: Store, useValue: store },
        { provide: Smx1Strategy, useValue: boxes },
        { provide: Alarms, useValue: alarms },
        { provide: Dispatcher, useValue: dispatcher },
        { provide: Intake, useValue: intake },
        { provide: Recall, useValue: recall },
        { provide: CLOCK, useValue: clock },
        { provide: HTTP_TOKEN, useValue: token },
      ],
    };
  }
}
