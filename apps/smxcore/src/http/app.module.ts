import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CommandsController } from './commands/commands.controller.js';
import { SchedulesController } from './commands/schedules.controller.js';
import { ManageGuard } from './common/manage.guard.js';
import { DataController } from './data/data.controller.js';
import { DocsController } from './docs/docs.controller.js';
import { SchemasController } from './docs/schemas.controller.js';
import { DOORS, type Doors } from './doors.js';
import { EventFilesController } from './events/event-files.controller.js';
import { EventsController } from './events/events.controller.js';
import { CallBook } from './extensions/call-book.js';
import { CaptureController, Recordings } from './extensions/capture.controller.js';
import { DiscoverController } from './extensions/discover.controller.js';
import { ExtensionsController } from './extensions/extensions.controller.js';
import { GrantsController } from './grants/grants.controller.js';
import { HealthController } from './health/health.controller.js';
import { HistoryController } from './history/history.controller.js';
import { LinksController } from './links/links.controller.js';
import { LedgerController } from './ledger/ledger.controller.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { PageController } from './page/page.controller.js';
import { PointsController } from './points/points.controller.js';
import { ProfilesController } from './profiles/profiles.controller.js';
import { SessionController } from './session/session.controller.js';
import { StreamController, StreamHall } from './stream/stream.controller.js';
import { TokensController } from './tokens/tokens.controller.js';
import { UsersController } from './users/users.controller.js';

@Module({ controllers: [PointsController] })
class PointsModule {}

@Module({ controllers: [HistoryController] })
class HistoryModule {}

@Module({ controllers: [StreamController], providers: [StreamHall] })
class StreamModule {}

@Module({ controllers: [EventsController, EventFilesController] })
class EventsModule {}

@Module({ controllers: [ProfilesController] })
class ProfilesModule {}

@Module({ controllers: [CommandsController, SchedulesController] })
class CommandsModule {}

@Module({
  controllers: [ExtensionsController, CaptureController, DiscoverController],
  providers: [CallBook, Recordings],
})
class ExtensionsModule {}

@Module({ controllers: [DataController] })
class DataModule {}

@Module({ controllers: [LinksController] })
class LinksModule {}

@Module({ controllers: [TokensController] })
class TokensModule {}

@Module({ controllers: [SessionController, UsersController] })
class UsersModule {}

@Module({ controllers: [GrantsController, LedgerController, MetricsController] })
class OversightModule {}

@Module({ controllers: [HealthController] })
class HealthModule {}

@Module({ controllers: [DocsController, SchemasController] })
class DocsModule {}

@Module({ controllers: [PageController] })
class PageModule {}

/** The rooms of the house as Nest providers; they stay plain classes. */
@Global()
@Module({})
class DoorsModule {
  static of(doors: Doors): DynamicModule {
    return { module: DoorsModule, providers: [{ provide: DOORS, useValue: doors }], exports: [DOORS] };
  }
}

@Module({})
export class AppModule {
  static of(doors: Doors): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DoorsModule.of(doors),
        PointsModule,
        HistoryModule,
        StreamModule,
        EventsModule,
        ProfilesModule,
        CommandsModule,
        ExtensionsModule,
        LinksModule,
        DataModule,
        TokensModule,
        UsersModule,
        OversightModule,
        HealthModule,
        DocsModule,
        PageModule,
      ],
      providers: [{ provide: APP_GUARD, useClass: ManageGuard }],
    };
  }
}
