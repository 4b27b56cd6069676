import { AssertionError } from 'node:assert';
import { connect, type Socket } from 'node:net';
import { until } from './fixture.js';

/** An MQTT 3.1.1 packet as it came off the wire. */
export interface RawPacket {
  readonly type: number;
  readonly flags: number;
  readonly body: Buffer;
}

export interface RawPublish {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
}

const CONNACK = 2;
const PUBLISH = 3;
const PUBACK = 4;
const PUBREC = 5;
const SUBACK = 9;
const PINGRESP = 13;

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

/** A packet of header byte and body. */
export function frame(header: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  let left = body.length;
  do {
    const byte = left % 128;
    left = Math.floor(left / 128);
    length.push(left > 0 ? byte | 128 : byte);
  } while (left > 0);
  return Buffer.concat([Buffer.from([header, ...length]), body]);
}

export interface ConnectOptions {
  readonly name?: string;
  readonly token?: string;
  readonly clientId?: string;
  readonly clean?: boolean;
  readonly will?: { readonly topic: string; readonly payload: string; readonly retain?: boolean };
  readonly level?: number;
}

export function connectFrame(o: ConnectOptions): Buffer {
  const flags =
    (o.name === undefined ? 0 : 0x80) |
    (o.token === undefined ? 0 : 0x40) |
    (o.will === undefined ? 0 : 0x0c) |
    (o.will?.retain === true ? 0x20 : 0) |
    (o.clean === false ? 0 : 2);
  return frame(
    0x10,
    text('MQTT'),
    Buffer.from([o.level ?? 4, flags, 0, 0]),
    text(o.clientId ?? ''),
    ...(o.will === undefined ? [] : [text(o.will.topic), text(o.will.payload)]),
    ...(o.name === undefined ? [] : [text(o.name)]),
    ...(o.token === undefined ? [] : [text(o.token)]),
  );
}

export function subscribeFrame(id: number, filters: readonly (readonly [string, number])[]): Buffer {
  return frame(
    0x82,
    Buffer.from([id >> 8, id & 255]),
    ...filters.flatMap(([filter, qos]) => [text(filter), Buffer.from([qos])]),
  );
}

export function publishFrame(
  topic: string,
  payload: string | Buffer,
  { qos = 0, retain = false, id = 1 }: { qos?: number; retain?: boolean; id?: number } = {},
): Buffer {
  return frame(
    0x30 | (qos << 1) | (retain ? 1 : 0),
    text(topic),
    qos > 0 ? Buffer.from([id >> 8, id & 255]) : Buffer.alloc(0),
    Buffer.from(payload),
  );
}

/** A bare TCP client that shows each packet exactly as received. */
export class RawClient {
  readonly packets: RawPacket[] = [];
  closed = false;
  private rest = Buffer.alloc(0);
  private nextId = 1;

  private constructor(readonly socket: Socket) {
    socket.on('data', (data) => this.take(data));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const client = new RawClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** Connects and logs in; fails where the CONNACK refuses. */
  static async login(port: number, o: ConnectOptions): Promise<RawClient> {
    const client = await RawClient.open(port);
    const code = await client.connect(o);
    if (code !== 0) throw new AssertionError({ message: `CONNACK ${code}` });
    return client;
  }

  /** Sends CONNECT; gives the return code, -1 where the connection was closed instead. */
  async connect(o: ConnectOptions): Promise<number> {
    this.send(connectFrame(o));
    await until(() => this.closed || this.packets.some(({ type }) => type === CONNACK), 'a CONNACK');
    return this.packets.find(({ type }) => type === CONNACK)?.body[1] ?? -1;
  }

  /** Subscribes; gives the granted QoS of each filter. */
  async subscribe(...filters: readonly (readonly [string, number])[]): Promise<number[]> {
    const id = this.nextId++;
    this.send(subscribeFrame(id, filters));
    const ack = await this.await((packet) => packet.type === SUBACK && packet.body.readUInt16BE(0) === id, 'a SUBACK');
    return [...ack.body.subarray(2)];
  }

  /** Publishes; with QoS 1 or 2 waits for PUBACK or PUBREC. */
  async publish(topic: string, payload: string | Buffer, o: { qos?: number; retain?: boolean } = {}): Promise<void> {
    const id = this.nextId++;
    this.send(publishFrame(topic, payload, { ...o, id }));
    if (o.qos === undefined || o.qos === 0) return;
    const answer = o.qos === 1 ? PUBACK : PUBREC;
    await this.await((packet) => packet.type === answer && packet.body.readUInt16BE(0) === id, 'an answer to PUBLISH');
  }

  /** A round trip: what was sent before it has been handled. */
  async ping(): Promise<void> {
    const before = this.count(PINGRESP);
    this.send(frame(0xc0));
    await until(() => this.count(PINGRESP) > before || this.closed, 'a PINGRESP');
    if (this.closed) throw new AssertionError({ message: 'the connection was closed' });
  }

  get published(): RawPublish[] {
    return this.packets.filter(({ type }) => type === PUBLISH).map(readPublish);
  }

  on(topic: string): RawPublish[] {
    return this.published.filter((message) => message.topic === topic);
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  close(): void {
    this.socket.destroy();
  }

  private count(wanted: number): number {
    return this.packets.filter(({ type }) => type === wanted).length;
  }

  private async await(match: (packet: RawPacket) => boolean, what: string): Promise<RawPacket> {
    await until(() => this.closed || this.packets.some(match), what);
    const found = this.packets.find(match);
    if (found === undefined) throw new AssertionError({ message: `the connection was closed instead of ${what}` });
    return found;
  }

  private take(data: Buffer): void {
    this.rest = Buffer.concat([this.rest, data]);
    for (;;) {
      let length = 0;
      let at = 1;
      for (let shift = 0; ; shift += 7) {
        const byte = this.rest[at++];
        if (byte === undefined) return;
        length += (byte & 127) * 2 ** shift;
        if (byte < 128) break;
      }
      if (this.rest.length < at + length) return;
      const header = this.rest[0]!;
      this.packets.push({ type: header >> 4, flags: header & 15, body: this.rest.subarray(at, at + length) });
      this.rest = this.rest.subarray(at + length);
    }
  }
}

function readPublish({ flags, body }: RawPacket): RawPublish {
  const length = body.readUInt16BE(0);
  const qos = (flags >> 1) & 3;
  return {
    topic: body.toString('utf8', 2, 2 + length),
    payload: body.toString('utf8', 2 + length + (qos > 0 ? 2 : 0)),
    qos,
    retain: (flags & 1) === 1,
  };
}
