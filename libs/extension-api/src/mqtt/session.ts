/* eslint-disable @typescript-eslint/no-require-imports -- a child without MQTT must not load it */
import type { MqttClient } from 'mqtt';
import type { Disposable } from '@smx-edge/model';
import type { Connection, Connector } from '../transports/connector.js';
import { faultOf, LineFault } from '../transports/fault.js';
import { ConnectionStream } from './connection-stream.js';
import type { MqttLinkOptions, MqttPublish } from './types.js';

/** From the first packet to the CONNACK, ms. */
const CONNECT_TIME = 10_000;
/** s; a broker that is silent for one and a half of it is gone. */
const KEEP_ALIVE = 30;
/** Bytes that may come without making a packet. */
const LARGEST = 1024 * 1024;
const TOO_LONG = `more than ${LARGEST} bytes in one packet`;
/** Return code of a refused SUBSCRIBE (OASIS MQTT 3.1.1 §3.9.3). */
const REFUSED = 0x80;
/** CONNACK return codes (OASIS MQTT 3.1.1 §3.2.2.3). */
const UNAVAILABLE = 3;
const LOGIN_REFUSED = new Set([2, 4, 5]);

export interface SessionOptions extends Pick<MqttLinkOptions, 'clock' | 'user' | 'password' | 'connectTimeout'> {
  readonly connector: Connector;
  readonly onConnected: () => void;
  readonly onBytes: (direction: 'in' | 'out', bytes: Uint8Array) => void;
  /** The broker has accepted the login. */
  readonly onUp: () => void;
  readonly onMessage: (topic: string, payload: Uint8Array, retained: boolean) => void;
  /** Once, at the end, with the reason. */
  readonly onEnd: (fault: LineFault) => void;
}

/** One MQTT connection, from dialling to its end; it is not used again. */
export class MqttSession {
  private readonly controller = new AbortController();
  private readonly late: Disposable;
  private readonly pending = new Set<(error: Error) => void>();
  private client: MqttClient | undefined;
  private stream: ConnectionStream | undefined;
  private isOver = false;
  private isUp = false;
  private unparsed = 0;

  constructor(private readonly o: SessionOptions) {
    const { connector, clock, connectTimeout = CONNECT_TIME } = o;
    this.late = clock.after(connectTimeout, () => {
      const what = this.stream === undefined ? 'no connection' : 'no answer to the login';
      this.end(new LineFault('timeout', `${connector.label}: ${what} in time; check that an MQTT broker is there`));
    });
    const sink = {
      data: (chunk: Uint8Array) => this.received(chunk),
      end: (error: unknown) => this.end(error),
      gap: () => undefined,
    };
    connector.connect(sink, this.controller.signal).then(
      (connection) => this.begin(connection),
      (error: unknown) => this.end(error),
    );
  }

  get up(): boolean {
    return this.isUp && !this.isOver;
  }

  /** Subscribes with QoS 1; `done` once the broker granted it. A refusal ends the session: half of what is wanted looks like all. */
  subscribe(filters: readonly string[], done: () => void): void {
    this.client?.subscribe([...filters], { qos: 1 }, (error, granted, packet) => {
      if (this.isOver) return;
      const codes = packet?.granted ?? granted?.map(({ qos }) => qos) ?? [];
      const refused = filters.filter((_, i) => codes[i] === REFUSED);
      if (error === null && refused.length === 0) {
        done();
        return;
      }
      const { label } = this.o.connector;
      const text = `${label}: the broker refuses the subscription to ${(refused.length > 0 ? refused : filters).join(', ')}; let the role of this user subscribe to it`;
      this.end(new LineFault('permission', text, error));
    });
  }

  unsubscribe(filter: string): void {
    this.client?.unsubscribe(filter);
  }

  publish(topic: string, payload: string | Buffer, { qos = 1, retain = false }: MqttPublish): Promise<void> {
    return new Promise((resolve, reject) => {
      this.pending.add(reject);
      this.client?.publish(topic, payload, { qos, retain }, (error) => {
        // an error of the client means that the session ends, which knows why
        if (error == null && this.pending.delete(reject)) resolve();
      });
    });
  }

  /** Takes leave, so that a broker knows that this was meant. */
  close(): void {
    if (this.up) this.client?.end(false);
    this.end(new LineFault('closed', `${this.o.connector.label} is closed`), true);
  }

  private begin(connection: Connection): void {
    if (this.isOver) {
      connection.close();
      return;
    }
    this.o.onConnected();
    const stream = (this.stream = new ConnectionStream(connection, (bytes) => this.o.onBytes('out', bytes)));
    stream.on('error', (error) => this.end(error));
    const { MqttClient } = require('mqtt') as typeof import('mqtt');
    const { user, password } = this.o;
    const client = (this.client = new MqttClient(() => stream, {
      protocolVersion: 4,
      clean: true,
      keepalive: KEEP_ALIVE,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      // otherwise a buffer for each of 65,536 packet identifiers is kept: 10 MiB
      writeCache: false,
      ...(user === undefined ? {} : { username: user }),
      ...(password === undefined ? {} : { password }),
    }));
    client.on('connect', () => {
      this.late.dispose();
      this.isUp = true;
      this.o.onUp();
    });
    client.on('packetreceive', () => (this.unparsed = 0));
    client.on('message', (topic, payload, { retain }) => {
      if (!this.isOver) this.o.onMessage(topic, payload, retain);
    });
    client.on('error', (error) => this.end(this.clientFault(error)));
    client.on('close', () => this.end(undefined));
    connection.start?.();
  }

  private received(chunk: Uint8Array): void {
    if (this.isOver) return;
    this.o.onBytes('in', chunk);
    this.unparsed += chunk.length;
    if (this.unparsed > LARGEST) this.end(this.isUp ? this.tooLong() : this.protocolFault(TOO_LONG));
    else this.stream?.received(chunk);
  }

  private clientFault(error: Error): unknown {
    const code = 'code' in error ? error.code : undefined;
    const { label } = this.o.connector;
    if (typeof code === 'string') return error;
    if (typeof code === 'number' && LOGIN_REFUSED.has(code))
      return new LineFault('permission', `${label}: the broker refuses user name or password; check both`, error);
    if (code === UNAVAILABLE) return new LineFault('busy', `${label}: the broker says it is not available`, error);
    if (/timeout/i.test(error.message))
      return new LineFault('idle', `${label}: the broker was silent for ${1.5 * KEEP_ALIVE} s`, error);
    return this.protocolFault(error.message, error);
  }

  private tooLong(): LineFault {
    const { label } = this.o.connector;
    return new LineFault('protocol', `${label}: a message on what is subscribed there has ${TOO_LONG}; subscribe to less, or have its sender send less`); // prettier-ignore
  }

  private protocolFault(what: string, cause?: unknown): LineFault {
    const { label } = this.o.connector;
    return new LineFault('protocol', `${label}: what answers is no MQTT broker (${what}); check host and port`, cause);
  }

  private end(error: unknown, isLeaving = false): void {
    if (this.isOver) return;
    this.isOver = true;
    this.late.dispose();
    this.controller.abort();
    const { label } = this.o.connector;
    const fault =
      error === undefined
        ? new LineFault('closed', `${label}: the broker closed the connection`)
        : faultOf(error, label);
    if (!isLeaving || !this.isUp) {
      this.client?.end(true);
      this.stream?.destroy();
    }
    for (const reject of this.pending) reject(fault);
    this.pending.clear();
    this.o.onEnd(fault);
  }
}
