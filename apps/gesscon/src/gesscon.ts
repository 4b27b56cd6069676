import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { describeError, SmxError, type Clock, type Log } from '@smx-edge/model';
import { AppModule } from './app.module.js';
import type { Config } from './config/config.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { Intake } from './ingest/intake.js';
import { Recall } from './ingest/recall.js';
import { ProblemFilter } from './http/problem.filter.js';
import { Opening } from './store/opening.js';
import { Store } from './store/store.js';
import { Smx1Strategy } from './transport/smx1.strategy.js';
import { Alarms } from './watch/alarms.js';
import { Pruning } from './watch/pruning.js';
import { Watch } from './watch/watch.js';

export interface GessconOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}

/** A worker of the cloud controller, running. */
export interface Gesscon {
  /** `http://127.0.0.1:8090` with the port it really has. */
  readonly url: string;
  readonly store: Store;
  readonly boxes: Smx1Strategy;
  readonly alarms: Alarms;
  readonly watch: Watch;
  /** Takes no more, commits and acknowledges what came, then ends. */
  stop(): Promise<void>;
}

/**
 * Starts a worker; resolves once HTTP answers. Throws SMX_HTTP_ADDRESS; a database or a broker that is away shows in
 * `/health/ready` and is tried again, the broker once the database is there: what cannot be kept is not taken.
 */
export async function startGesscon({ config, clock, log }: GessconOptions): Promise<Gesscon> {
  const { party, broker, database, silence, keep, http } = config;
  const store = new Store(database, log);
  const boxes = new Smx1Strategy({ party, ...broker, clock, log });
  const alarms = new Alarms(store, clock, log);
  const dispatcher = new Dispatcher({ store, boxes, alarms, clock, log });
  const intake = new Intake(store, boxes);
  const recall = new Recall({ intake, boxes, clock, log });
  const watch = new Watch({ store, alarms, boxes, dispatcher, recall, clock, log, silence });
  const pruning = new Pruning({ retention: store.retention, watch, clock, log, keep });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const options: NestApplicationOptions = { logger: false, abortOnError: false };
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of({ store, boxes, alarms, dispatcher, intake, recall, clock, token: http.token }),
    new FastifyAdapter({ forceCloseConnections: true }),
    options,
  );
  app.useGlobalFilters(new ProblemFilter(log));
  app.connectMicroservice({ strategy: boxes }, { inheritAppConfig: true });
  const open = async (): Promise<void> => {
    await store.open();
    // a batch that comes once more is known for what it is from the first message on
    await store.knowledge.learn(clock.now());
  };
  const opened = async (): Promise<void> => {
    await app.startAllMicroservices();
    watch.start();
    pruning.start();
  };
  const opening = new Opening({ open, clock, log, opened });
  const stop = async (): Promise<void> => {
    await opening.stop();
    await pruning.stop();
    await watch.stop();
    await app.close();
    await dispatcher.stop();
    await watch.stop();
    await store.knowledge
      .leave()
      .catch((error: unknown) => log.warn('others wait for this worker', { error: describeError(error) }));
    await store.db.close();
  };
  try {
    await app.listen(http.port, http.host);
  } catch (error) {
    await stop();
    throw new SmxError('SMX_HTTP_ADDRESS', `cannot listen at ${http.host}:${http.port} (${describeError(error)})`, {
      cause: error,
    });
  }
  opening.start();
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { url: `http://${http.host}:${port}`, ...{ store, boxes, alarms, watch, stop } };
}
