import * as http from 'node:http';
import * as https from 'node:https';
import { SmxError, type Disposable } from '@smx-edge/model';
import type { Connection, Connector, ConnectorOptions, Sink } from '../connector.js';
import { LineFault } from '../fault.js';
import type { HttpSource, Source } from '../source.js';
import { tlsOptions } from './tls-options.js';

const LARGEST_BODY = 1024 * 1024;
const TIMEOUT = 10_000;

interface Ask {
  readonly source: HttpSource & Source;
  readonly options: ConnectorOptions;
  readonly signal: AbortSignal;
}

/** One GET: the whole body, or a fault. Redirects are not followed: the source should name the real place. */
function get({ source, options, signal }: Ask): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const secure = source.url.startsWith('https:');
    const request = (secure ? https : http).get(source.url, {
      agent: false,
      signal,
      ...(secure ? tlsOptions(source, options.tls) : {}),
    });
    const timer = options.clock.after(TIMEOUT, () =>
      request.destroy(new LineFault('timeout', `${source.label}: no whole answer within ${TIMEOUT / 1000} s`)),
    );
    const fail = (error: Error): void => {
      timer.dispose();
      reject(error);
    };
    request.on('error', fail);
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) {
        const text = `${source.label}: the server answered ${status}; check the URL${status === 401 || status === 403 ? ' and the credentials' : ''}`;
        request.destroy(new LineFault('http-status', text));
        return;
      }
      const parts: Buffer[] = [];
      let size = 0;
      response.on('error', fail);
      response.on('close', () => {
        if (!response.complete) fail(new LineFault('closed', `${source.label}: the answer broke off`));
      });
      response.on('data', (part: Buffer) => {
        size += part.length;
        parts.push(part);
        if (size > LARGEST_BODY)
          request.destroy(
            new LineFault('protocol', `${source.label}: the answer is larger than ${LARGEST_BODY} bytes`),
          );
      });
      response.on('end', () => {
        timer.dispose();
        if (response.complete) resolve(Buffer.concat(parts, size));
      });
    });
  });
}

/** Polls on a fixed grid; a poll that is due while the reader is slow waits for it. */
class Polling implements Connection {
  private timer: Disposable | undefined;
  private readonly controller = new AbortController();
  private dueAt: number;
  private paused = false;
  private missed = false;

  constructor(
    private readonly ask: Ask,
    private readonly sink: Sink,
    private readonly first: Uint8Array,
  ) {
    this.dueAt = ask.options.clock.monotonic();
  }

  start(): void {
    if (this.first.length > 0) this.sink.data(this.first);
    this.arm();
  }

  write(): Promise<void> {
    return Promise.reject(
      new SmxError('SMX_TRANSPORT_UNSUPPORTED', `${this.ask.source.label} is polled; nothing can be written to it`),
    );
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    if (!this.missed) return;
    this.missed = false;
    this.poll();
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.timer?.dispose();
    this.controller.abort();
  }

  private arm(): void {
    const { clock } = this.ask.options;
    const now = clock.monotonic();
    const every = this.ask.source.every;
    this.dueAt += every * Math.max(1, Math.ceil((now - this.dueAt) / every));
    this.timer = clock.after(this.dueAt - now, () => {
      if (this.paused) this.missed = true;
      else this.poll();
    });
  }

  private poll(): void {
    get({ ...this.ask, signal: this.controller.signal }).then(
      (body) => {
        if (this.controller.signal.aborted) return;
        if (body.length > 0) this.sink.data(body);
        this.arm();
      },
      (error: unknown) => this.sink.end(error),
    );
  }
}

export function httpConnector(source: HttpSource & Source, options: ConnectorOptions): Connector {
  return {
    label: source.label,
    insecure: source.insecure,
    leastIdle: source.every * 3 + TIMEOUT,
    async connect(sink, signal) {
      const ask = { source, options, signal };
      return new Polling(ask, sink, await get(ask));
    },
  };
}
