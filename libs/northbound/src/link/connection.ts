import type { IClientOptions, IClientPublishOptions, MqttClient } from 'mqtt';
import type { Clock, SmxError } from '@smx-edge/model';
import { FrameScanner } from '../frame-scanner.js';
import type { Dialled } from './dial.js';
import { linkFault, reasonFault, streamFault, timeoutFault } from './fault.js';

export type Mqtt = Pick<typeof import('mqtt'), 'MqttClient'>;

/** How long a broker may take to accept, from the first packet to its CONNACK, ms. */
const CONNECT_TIME = 10_000;
const KEEP_ALIVE = 30;
/** With 5.0: how long the broker waits before it tells `lost`, so that a short cut stays unseen, s. */
const WILL_DELAY = 30;
/** Largest packet that is taken, bytes. */
const LARGEST = 256 * 1024;

export interface Incoming {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retained: boolean;
  readonly responseTopic?: string;
  readonly correlationData?: Buffer;
}

export interface ConnectionOptions {
  readonly mqtt: Mqtt;
  readonly dialled: Dialled;
  readonly version: 4 | 5;
  readonly clientId: string;
  readonly user?: string;
  readonly password?: string;
  readonly will: { readonly topic: string; readonly payload: Buffer };
  readonly clock: Clock;
  readonly connectTime?: number;
  /** s; default 30. */
  readonly keepAlive?: number;
  readonly onUp: (connection: Connection) => void;
  readonly onMessage: (message: Incoming) => void;
  /** The socket has room again. */
  readonly onDrain: () => void;
  /** Once, at the end; `beforeConnack` where it was never up. */
  readonly onEnd: (fault: SmxError, beforeConnack: boolean) => void;
}

/** One MQTT connection, from dialling to its end; it is not used again. */
export class Connection {
  /** Largest packet the broker takes, where it says so (5.0). */
  limit = Infinity;
  private readonly client: MqttClient;
  private fault: SmxError | undefined;
  private up = false;
  private over = false;

  constructor(private readonly o: ConnectionOptions) {
    const { stream } = o.dialled;
    stream.on('error', (error: Error) => this.blame(streamFault(error, o.dialled.phase())));
    const wait = o.connectTime ?? CONNECT_TIME;
    const late = o.clock.after(wait, () => {
      this.blame(timeoutFault(o.dialled.phase(), wait));
      stream.destroy();
    });
    const scanner = new FrameScanner();
    stream.on('data', (bytes: Buffer) => {
      const wrong = scanner.scan(bytes, LARGEST);
      if (wrong === undefined) return;
      this.blame(linkFault('SMX_LINK_PROTOCOL', `the broker sent ${wrong}`));
      stream.destroy();
    });
    stream.on('drain', o.onDrain);
    const client = (this.client = new o.mqtt.MqttClient(() => stream, this.settings(wait)));
    client.on('error', (error) => this.onError(error));
    client.on('disconnect', ({ reasonCode }) => this.blame(reasonFault(reasonCode ?? 0x80)));
    client.on('connect', ({ properties }) => {
      late.dispose();
      this.up = true;
      this.limit = properties?.maximumPacketSize ?? Infinity;
      o.onUp(this);
    });
    client.on('message', (topic, payload, { retain, properties }) => {
      const { responseTopic, correlationData } = properties ?? {};
      o.onMessage({
        topic,
        payload,
        retained: retain,
        ...(responseTopic === undefined ? {} : { responseTopic }),
        ...(correlationData === undefined ? {} : { correlationData }),
      });
    });
    client.once('close', () => {
      late.dispose();
      this.finish();
    });
  }

  get version(): 4 | 5 {
    return this.o.version;
  }

  /** Whether the socket holds unsent bytes past its mark. */
  get full(): boolean {
    return this.o.dialled.stream.writableNeedDrain;
  }

  /** Sends; `done` once the broker took it (QoS 1) or the socket did, never after the end. */
  publish(
    message: { readonly topic: string; readonly payload: Buffer; readonly options: IClientPublishOptions },
    done: (error?: Error) => void,
  ): void {
    const { topic, payload, options } = message;
    this.client.publish(topic, payload, options, (error) => {
      if (!this.over) done(error ?? undefined);
    });
  }

  subscribe(topics: Readonly<Record<string, 0 | 1>>, done: (error?: Error) => void): void {
    // rh 2: nothing that somebody left retained on a down topic is wanted
    const wanted = Object.fromEntries(Object.entries(topics).map(([topic, qos]) => [topic, { qos, rh: 2 }]));
    this.client.subscribe(wanted, (error) => {
      if (!this.over) done(error ?? undefined);
    });
  }

  /** Takes leave, so that the will is not sent. */
  close(): void {
    this.blame(linkFault('SMX_LINK_ENDED', 'the link was closed'));
    if (!this.up) return void this.o.dialled.stream.destroy();
    const leave = this.o.version === 5 ? { reasonCode: 0, properties: { sessionExpiryInterval: 0 } } : {};
    // messages without answer are not waited for
    this.client.end(false, leave);
    this.o.clock.after(1000, () => this.o.dialled.stream.destroy());
  }

  /** Drops the connection for `fault`, without a word. */
  drop(fault: SmxError): void {
    this.blame(fault);
    this.o.dialled.stream.destroy();
  }

  private get keepAlive(): number {
    return this.o.keepAlive ?? KEEP_ALIVE;
  }

  private settings(connectTime: number): IClientOptions {
    const { version, clientId, user, password, will } = this.o;
    const five = version === 5;
    return {
      protocolVersion: version,
      protocolId: 'MQTT',
      clientId,
      // with 5.0 the session outlives a short cut, and with it the delay of the will
      clean: !five,
      keepalive: this.keepAlive,
      reconnectPeriod: 0,
      // ours is earlier and knows how far it came
      connectTimeout: connectTime * 2,
      resubscribe: false,
      queueQoSZero: false,
      // otherwise a buffer for each of 65,536 numbers is kept: 15 MB
      writeCache: false,
      ...(user === undefined ? {} : { username: user }),
      ...(password === undefined ? {} : { password }),
      ...(five ? { properties: { sessionExpiryInterval: WILL_DELAY, maximumPacketSize: LARGEST } } : {}),
      will: {
        ...will,
        qos: 1,
        retain: true,
        ...(five ? { properties: { willDelayInterval: WILL_DELAY } } : {}),
      },
    };
  }

  private onError(error: Error): void {
    const code = 'code' in error ? error.code : undefined;
    if (typeof code === 'number') this.blame(reasonFault(code));
    else if (typeof code === 'string') this.blame(streamFault(error, this.o.dialled.phase()));
    else if (/timeout/i.test(error.message)) {
      this.blame(linkFault('SMX_LINK_SILENT', `the broker said nothing for ${this.keepAlive * 1.5} s`));
    } else this.blame(linkFault('SMX_LINK_PROTOCOL', error.message, error));
    this.o.dialled.stream.destroy();
  }

  /** The first that went wrong is the reason. */
  private blame(fault: SmxError): void {
    this.fault ??= fault;
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    this.client.end(true);
    const { phase } = this.o.dialled;
    const word = this.up
      ? linkFault('SMX_LINK_ENDED', 'the broker closed the connection')
      : phase() === 'mqtt'
        ? linkFault('SMX_LINK_ENDED', 'the broker closed the connection without an answer to CONNECT')
        : streamFault(undefined, phase());
    this.o.onEnd(this.fault ?? word, !this.up);
  }
}
