import { randomBytes } from 'node:crypto';
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { parseObis, SmxError } from '@smx-edge/model';
import { decodeApdu, encodeDateTime, encodeName, WrapperFramer, type Apdu, type Data } from '@smx-edge/protocols/cosem';
import {
  captureData,
  clockObject,
  dataObject,
  DlmsServer,
  profileObject,
  pushSetupObject,
  registerObject,
  type MeterAssociation,
  type MeterObject,
  type ObjectName,
} from '@smx-edge/protocols/dlms';
import { decodeRequest, encodeIdentification, withEvenParity, withoutParity } from '@smx-edge/protocols/iec62056-21';

export interface TestMeterOptions {
  /** `mode-e`: an optical head, at 300 baud until it is signed on to. */
  readonly framing: 'hdlc' | 'mode-e' | 'wrapper';
  readonly referencing: 'LN' | 'SN';
  readonly password?: string;
  /** A further meter on the same line, by its physical device, with objects of its own. Both have addresses of two bytes then. */
  readonly beside?: { readonly physical: number; readonly objects: readonly MeterObject[] };
  /** Ciphered, and without a password authenticated by GMAC, under these, 16 bytes each. */
  readonly keys?: { readonly encryption: Uint8Array; readonly authentication: Uint8Array };
  /** Highest counter of a client under these keys, with them. */
  readonly clientCounter?: number;
  readonly objects: readonly MeterObject[];
}

/** Clients this meter knows: the public one, and the one of Landis+Gyr. */
const CLIENTS = [16, 32];
/** Physical device of the first of two meters. */
export const FIRST_PHYSICAL = 17;
const CONFORMANCE = {
  LN: ['get', 'block-transfer-get-read', 'multiple-references', 'selective-access'],
  // as of a ZMD: no blocks, one APDU however long
  SN: ['read', 'multiple-references', 'parameterized-access'],
} as const;
/** What a ZMD sends and takes, bytes. */
const LIMITS = { infoTransmit: 128, infoReceive: 62, windowTransmit: 1, windowReceive: 1 };

const at = (obis: string, baseName: number): ObjectName => ({ name: encodeName(parseObis(obis)!), baseName });
const time = (t: number): Data => ({ type: 'octet-string', value: encodeDateTime(t, { deviation: 0 }) });

export function register(obis: string, base: number, raw: () => number, scale: readonly [number, number]): MeterObject {
  const [scaler, unit] = scale;
  return registerObject(at(obis, base), { scaler, unit, value: () => ({ type: 'double-long', value: raw() }) });
}

export function text(obis: string, base: number, value: string): MeterObject {
  return dataObject(at(obis, base), { type: 'visible-string', value });
}

export function data(obis: string, value: Data): MeterObject {
  return dataObject(at(obis, 0), value);
}

export function clock(base: number, now: () => number): MeterObject {
  const none = time(0);
  return clockObject(at('0-0:1.0.0', base), { time: () => time(now()), zone: 0, status: { type: 'unsigned', value: 0 }, dstBegin: none, dstEnd: none, dstDeviation: 0 }); // prettier-ignore
}

export interface TestRow {
  readonly t: number;
  readonly raw: number;
}

/** A load profile of 1.8.0 with clock and status; rows as they are when asked, without what is as in the row before. */
export function profile(base: number, period: number, rows: () => readonly TestRow[]): MeterObject {
  const column = (classId: number, obis: string) => ({ classId, name: encodeName(parseObis(obis)!), attribute: 2 });
  return profileObject(at('1-0:99.1.0', base), {
    columns: [column(8, '0-0:1.0.0'), column(1, '0-0:96.10.1'), column(3, '1-0:1.8.0')],
    period: period / 1000,
    capacity: 10_000,
    compressed: true,
    rows: () => rows().map(({ t, raw }) => [time(t), { type: 'unsigned', value: 8 }, { type: 'double-long-unsigned', value: raw }]), // prettier-ignore
  });
}

/** What is pushed of registers: their values. */
export function pushSetup(codes: readonly string[]): MeterObject {
  const list = codes.map((obis) => captureData({ classId: 3, name: encodeName(parseObis(obis)!), attribute: 2 }));
  const none: Data = { type: 'array', value: [] };
  return pushSetupObject(at('0-0:25.9.0', 0x7800), { list: { type: 'array', value: list }, destination: none, window: none, randomisation: 0, retries: 0, delay: 0 }); // prettier-ignore
}

export interface TestEntry {
  readonly t: number;
  readonly number: number;
}

/** An event log by the clock, with the number of the event and a register; entries as they are when asked. */
export function eventLog(base: number, entries: () => readonly TestEntry[]): MeterObject {
  const column = (classId: number, obis: string) => ({ classId, name: encodeName(parseObis(obis)!), attribute: 2 });
  return profileObject(at('0-0:99.98.0', base), {
    columns: [column(8, '0-0:1.0.0'), column(1, '0-0:96.11.0'), column(3, '1-0:1.8.0')],
    period: 0,
    capacity: 500,
    rows: () => entries().map(({ t, number }) => [time(t), { type: 'unsigned', value: number }, { type: 'double-long-unsigned', value: 7 }]), // prettier-ignore
  });
}

/** A meter on real TCP: the server of the codec over a tree of objects. */
export class TestMeter {
  /** What it was asked, over the wrapper. */
  readonly asked: Apdu[] = [];
  private readonly server: Server;
  private datagrams: DatagramSocket | undefined;
  private readonly sockets = new Set<Socket>();
  /** Of a meter, over all its associations. */
  private readonly counter = { at: 1, next: (): number => this.counter.at++ };

  constructor(private readonly o: TestMeterOptions) {
    this.server = createServer((socket) => this.serve(socket));
  }

  /** Its source. */
  async open(port = 0): Promise<string> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    return `tcp://127.0.0.1:${this.port}`;
  }

  /** Its source by UDP. `copies`: how often the next datagram comes, either way. */
  async openUdp(copies: () => number): Promise<string> {
    await this.open();
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    this.datagrams = socket;
    const meter = this.meter(this.o.objects);
    const pass = (deliver: () => void): void => {
      for (let left = copies(); left > 0; left--) deliver();
    };
    socket.on('message', (datagram, { port, address }) =>
      pass(() => {
        for (const bytes of meter.receive(datagram)) pass(() => socket.send(bytes, port, address));
      }),
    );
    return `udp://127.0.0.1:${socket.address().port}`;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new SmxError('SMX_TRANSPORT_CONNECT', 'no port');
    return address.port;
  }

  /** As a cable that is pulled and put in again. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.datagrams?.close();
    this.datagrams = undefined;
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    const { framing, objects, beside } = this.o;
    const meters =
      beside === undefined
        ? [this.meter(objects)]
        : [this.meter(objects, FIRST_PHYSICAL), this.meter(beside.objects, beside.physical)];
    const tap = new WrapperFramer(({ apdu }) => this.asked.push(decodeApdu(apdu)));
    const take = (chunk: Uint8Array): void => {
      if (framing === 'wrapper') tap.push(chunk);
      for (const meter of meters) for (const bytes of meter.receive(chunk)) socket.write(bytes);
    };
    socket.on('data', framing === 'mode-e' ? optical(socket, take) : take);
  }

  private meter(objects: readonly MeterObject[], physical?: number): DlmsServer {
    const { framing, referencing, password, keys, clientCounter = 0 } = this.o;
    const terms: MeterAssociation = {
      ...(keys !== undefined && secured(keys, { counter: this.counter, clientCounter })),
      referencing,
      objects,
      authentication:
        password !== undefined
          ? { mechanism: 1, password: Buffer.from(password) }
          : { mechanism: keys === undefined ? 0 : 5 },
      conformance: CONFORMANCE[referencing],
      maxPdu: 2400,
    };
    const server = { upper: 1, ...(physical !== undefined && { lower: physical }) };
    return new DlmsServer({
      transport: framing === 'wrapper' ? { framing, server: 1 } : { framing: 'hdlc', server, limits: LIMITS },
      associations: new Map(CLIENTS.map((client) => [client, terms])),
    });
  }
}

type Secured = Pick<MeterAssociation, 'security' | 'title' | 'challenge'>;

function secured(
  { encryption, authentication }: NonNullable<TestMeterOptions['keys']>,
  { counter, clientCounter }: { counter: { next(): number }; clientCounter: number },
): Secured {
  return {
    title: Buffer.from('LGZ53078'),
    challenge: () => randomBytes(16),
    security: {
      keys: { suite: 0, block: encryption, authentication },
      protection: { authenticated: true, encrypted: true },
      ...{ counter, clientCounter },
    },
  };
}

/** Echoes as optical heads do, and lets HDLC through once the reader has acknowledged it. */
function optical(socket: Socket, hdlc: (chunk: Uint8Array) => void): (chunk: Uint8Array) => void {
  let line = '';
  let isSignedOn = false;
  return (chunk) => {
    if (isSignedOn) {
      hdlc(chunk);
      return;
    }
    socket.write(chunk);
    line += Buffer.from(withoutParity(chunk)).toString('latin1');
    const [whole, rest] = line.split('\r\n');
    if (rest === undefined) return;
    line = rest;
    if (whole === '\u0006252') isSignedOn = true;
    else if (decodeRequest(whole!) !== undefined)
      socket.write(withEvenParity(encodeIdentification({ manufacturer: 'LGZ', speed: '5', escapes: ['2'], text: 'ZMD310' }))); // prettier-ignore
  };
}
