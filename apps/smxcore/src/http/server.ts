import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SmxError, describeError, type ErrorCode } from '@smx-edge/model';
import type { DoorConfig } from '../config/index.js';
import { AppModule } from './app.module.js';
import { Entry } from './common/entry.js';
import { LARGEST_BODY, useJsonBodies } from './common/json-body.js';
import { ProblemFilter, problemOf } from './common/problem.filter.js';
import { Refusals } from './common/refusals.js';
import { WaitingRoom } from './common/waiting-room.js';
import type { Doors } from './doors.js';
import { STYLE_HASH } from './docs/docs-page.js';
import { NestLog } from './nest-log.js';
import { isPublic } from './operations.js';

const MOST_CONNECTIONS = 400;
/** Connections that have not asked anything yet. */
const MOST_WAITING = 100;
/** A request must have come whole within this, ms. */
const REQUEST_TIME = 20_000;
/** How often Node looks for requests past their time, ms; its own 30 s would let them hold their place that much longer. */
const LOOK = 1000;
/** A connection on which nothing moves for this long is cut, ms; streams move at least every 15 s. */
const IDLE_TIME = 60_000;

const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    `default-src 'none'; script-src 'self'; style-src 'self' '${STYLE_HASH}'; img-src 'self' data:; connect-src 'self'; ` +
    `manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

export interface HttpServer {
  /** `http://127.0.0.1:8080` with the port it really has. */
  readonly url: string;
  stop(): Promise<void>;
}

function pem(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new SmxError('SMX_HTTP_ADDRESS', `the TLS ${what} ${file} of http cannot be read (${describeError(error)})`, {
      cause: error,
    });
  }
}

const UNPARSED: Readonly<Record<string, readonly [status: number, code: ErrorCode, text: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'SMX_HTTP_BAD_REQUEST', 'the request did not come whole in time'],
  HPE_HEADER_OVERFLOW: [431, 'SMX_HTTP_TOO_LARGE', 'the header fields are longer than 16 KiB'],
};

/** What cannot even be parsed as HTTP gets one answer and no more. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, text] = UNPARSED[error.code ?? ''] ?? [400, 'SMX_HTTP_BAD_REQUEST', 'this is no HTTP request'];
  const body = JSON.stringify(problemOf(new SmxError(code, text), status));
  const type = 'content-type: application/problem+json';
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]!}\r\nconnection: close\r\n${type}`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

type Framework = (error: Error, request: FastifyRequest, reply: FastifyReply) => void;

function adapterFor(door: DoorConfig, frameworkErrors: Framework): FastifyAdapter {
  const options = {
    http: { connectionsCheckingInterval: LOOK },
    frameworkErrors,
    bodyLimit: LARGEST_BODY,
    requestTimeout: REQUEST_TIME,
    keepAliveTimeout: 10_000,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    clientErrorHandler: refuse,
    routerOptions: { maxParamLength: 300 },
    logger: false,
  } as const;
  const https =
    door.tls === null
      ? undefined
      : {
          key: pem(door.tls.key, 'key'),
          cert: pem(door.tls.cert, 'certificate'),
          connectionsCheckingInterval: LOOK,
        };
  // the adapter's overloads tell plain and TLS servers apart at compile time, the config only at run time
  return new FastifyAdapter({ ...options, ...(https === undefined ? {} : { https }) } as typeof options);
}

/** Starts the API. Throws SMX_HTTP_ADDRESS where it cannot listen. */
export async function startHttp(door: DoorConfig, doors: Doors): Promise<HttpServer> {
  const { log } = doors;
  const refusals = new Refusals(doors);
  const filter = new ProblemFilter(log, (error, request) => refusals.add(error, request));
  const entry = new Entry(doors);
  // an address that cannot be decoded is refused before any hook runs, but says no more to strangers than any other
  const undecodable: Framework = (_error, request, reply) => {
    void reply.headers(SECURITY_HEADERS);
    try {
      entry.check(request, reply);
      throw new SmxError('SMX_HTTP_NOT_FOUND', 'there is nothing at this address');
    } catch (error) {
      filter.answer(error, request, reply);
    }
  };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const options: NestApplicationOptions = { bodyParser: false, logger: new NestLog(log), abortOnError: false };
  const adapter = adapterFor(door, undecodable);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(doors), adapter, options);
  app.useGlobalFilters(filter);
  const fastify = app.getHttpAdapter().getInstance();
  useJsonBodies(fastify);
  // monitors ask by HEAD; of the rest no HEAD, whose answers may be streams without an end
  fastify.addHook('onRoute', (route) => {
    if (route.method === 'GET' && isPublic('GET', route.url)) fastify.route({ ...route, method: 'HEAD' });
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers(SECURITY_HEADERS);
    try {
      entry.check(request, reply);
      done();
    } catch (error) {
      filter.answer(error, request, reply);
    }
  });
  const { server } = fastify;
  server.maxConnections = MOST_CONNECTIONS;
  new WaitingRoom(server, { most: MOST_WAITING, event: door.tls === null ? 'connection' : 'secureConnection' });
  server.headersTimeout = REQUEST_TIME / 2;
  server.setTimeout(IDLE_TIME);
  try {
    await app.listen(door.port, door.host);
  } catch (error) {
    await app.close();
    throw new SmxError(
      'SMX_HTTP_ADDRESS',
      `the HTTP API cannot listen at ${door.host}:${door.port} (${describeError(error)}); is the port taken? See \`http:\` in the config`,
      { cause: error },
    );
  }
  const { port } = server.address() as AddressInfo;
  const host = door.host.includes(':') ? `[${door.host}]` : door.host;
  return { url: `${door.tls === null ? 'http' : 'https'}://${host}:${port}`, stop: () => app.close() };
}
