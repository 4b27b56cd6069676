import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { parseObis, SmxError } from '@smx-edge/model';
import {
  ByteWriter,
  conformanceBits,
  decodeApdu,
  decodeDateTime,
  encodeAare,
  encodeDateTime,
  encodeLnResponse,
  encodeName,
  encodeReadResponse,
  encodeRelease,
  encodeWrapper,
  utcTime,
  WrapperFramer,
  writeInitiateResponse,
  type Aarq,
  type Apdu,
  type Data,
  type GetResult,
  type Selection,
} from '@smx-edge/protocols/cosem';
import { HdlcFramer, ServerLink } from '@smx-edge/protocols/hdlc';
import { decodeRequest, encodeIdentification, withEvenParity, withoutParity } from '@smx-edge/protocols/iec62056-21';

/** An object of the meter: values of its attributes from 1 on, or what gives them. */
export interface TestObject {
  readonly classId: number;
  readonly obis: string;
  readonly base: number;
  readonly attributes: readonly (Data | ((selection?: Selection) => Data))[];
}

export interface TestMeterOptions {
  /** `mode-e`: an optical head, at 300 baud until it is signed on to. */
  readonly framing: 'hdlc' | 'mode-e' | 'wrapper';
  readonly referencing: 'LN' | 'SN';
  readonly password?: string;
  readonly objects: readonly TestObject[];
}

const LN = conformanceBits(['get', 'multiple-references', 'selective-access']);
const SN = conformanceBits(['read', 'multiple-references', 'parameterized-access']);
const u16 = (value: number): Data => ({ type: 'long-unsigned', value });
const name = (obis: string): Data => ({ type: 'octet-string', value: encodeName(parseObis(obis)!) });
export const structure = (...value: Data[]): Data => ({ type: 'structure', value });

/** Register with value, scaler and unit. */
export function register(obis: string, base: number, raw: () => number, scale: readonly [number, number]): TestObject {
  const [scaler, unit] = scale;
  const scalerUnit = structure({ type: 'integer', value: scaler }, { type: 'enum', value: unit });
  const value = (): Data => ({ type: 'double-long', value: raw() });
  return { classId: 3, obis, base, attributes: [name(obis), value, scalerUnit] };
}

export function text(obis: string, base: number, value: string): TestObject {
  return { classId: 1, obis, base, attributes: [name(obis), { type: 'visible-string', value }] };
}

export function clock(base: number, now: () => number): TestObject {
  const time = (): Data => ({ type: 'octet-string', value: encodeDateTime(now(), { deviation: 0 }) });
  return { classId: 8, obis: '0-0:1.0.0', base, attributes: [name('0-0:1.0.0'), time] };
}

export interface TestRow {
  readonly t: number;
  readonly raw: number;
}

/** A load profile of one register with clock and status; rows as they are when asked. */
export function profile(base: number, period: number, rows: () => readonly TestRow[]): TestObject {
  const capture = (classId: number, obis: string): Data => structure(u16(classId), name(obis), { type: 'integer', value: 2 }, u16(0)); // prettier-ignore
  const columns: Data = {
    type: 'array',
    value: [capture(8, '0-0:1.0.0'), capture(1, '0-0:96.10.1'), capture(3, '1-0:1.8.0')],
  };
  const buffer = (selection?: Selection): Data => {
    const [from, to] = bounds(selection);
    const chosen = rows().filter(({ t }) => t >= from && t <= to);
    return {
      type: 'array',
      value: chosen.map(
        ({ t, raw }) =>
        structure({ type: 'octet-string', value: encodeDateTime(t, { deviation: 0 }) }, { type: 'unsigned', value: 8 }, { type: 'double-long-unsigned', value: raw }), // prettier-ignore
      ),
    };
  };
  return {
    classId: 7,
    obis: '1-0:99.1.0',
    base,
    attributes: [name('1-0:99.1.0'), buffer, columns, u16(period / 1000)],
  };
}

function bounds(selection: Selection | undefined): [number, number] {
  if (selection === undefined) return [-Infinity, Infinity];
  const parts = selection.parameters.type === 'structure' ? selection.parameters.value : [];
  return [parts[1], parts[2]].map((part) => utcTime(decodeDateTime((part as { value: Uint8Array }).value)!)!) as [number, number]; // prettier-ignore
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
    line += Buffer.from(withoutParity(chunk).characters).toString('latin1');
    const [whole, rest] = line.split('\r\n');
    if (rest === undefined) return;
    line = rest;
    if (whole === '\u0006252') isSignedOn = true;
    else if (decodeRequest(whole!) !== undefined)
      socket.write(withEvenParity(encodeIdentification({ manufacturer: 'LGZ', speed: '5', escapes: ['2'], text: 'ZMD310' }))); // prettier-ignore
  };
}

/** A meter on real TCP: what it is asked is counted, and it can be told to misbehave. */
export class TestMeter {
  readonly asked: Apdu[] = [];
  /** Says nothing more to whatever is asked. */
  isMute = false;
  connections = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly o: TestMeterOptions) {
    this.server = createServer((socket) => this.serve(socket));
  }

  async open(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `tcp://127.0.0.1:${this.port}`;
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
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    const { framing } = this.o;
    const receive = framing === 'wrapper' ? this.wrapper(socket) : this.hdlc(socket);
    socket.on('data', framing === 'mode-e' ? optical(socket, receive) : receive);
  }

  private wrapper(socket: Socket): (chunk: Uint8Array) => void {
    const framer = new WrapperFramer(({ source, destination, apdu }) => {
      const answer = this.answer(apdu);
      if (answer !== undefined) socket.write(encodeWrapper({ source: destination, destination: source, apdu: answer }));
    });
    return (chunk) => framer.push(chunk);
  }

  private hdlc(socket: Socket): (chunk: Uint8Array) => void {
    const link = new ServerLink({ server: { upper: 1 } });
    const framer = new HdlcFramer((frame) => {
      if (this.isMute) return;
      for (const step of link.receive(frame)) {
        if (step.kind === 'send') socket.write(step.frame);
        if (step.kind !== 'apdu') continue;
        const answer = this.answer(step.apdu);
        if (answer !== undefined) for (const out of link.answer(answer)) socket.write(out);
      }
    });
    return (chunk) => framer.push(chunk);
  }

  private answer(bytes: Uint8Array): Uint8Array | undefined {
    const apdu = decodeApdu(bytes);
    this.asked.push(apdu);
    if (this.isMute) return undefined;
    switch (apdu.apdu) {
      case 'aarq':
        return this.associate(apdu);
      case 'rlrq':
        return encodeRelease({ apdu: 'rlre', reason: 0 });
      case 'get-request': {
        const { invoke } = apdu;
        const of = (one: { name: Uint8Array; attribute: number; selection?: Selection }): GetResult =>
          this.value((object) => Buffer.from(encodeName(parseObis(object.obis)!)).equals(one.name), one);
        if (apdu.type === 'normal') return encodeLnResponse({ apdu: 'get-response', invoke, type: 'normal', result: of(apdu.attribute) }); // prettier-ignore
        if (apdu.type === 'with-list') return encodeLnResponse({ apdu: 'get-response', invoke, type: 'with-list', list: apdu.list.map(of) }); // prettier-ignore
        return undefined;
      }
      case 'read-request':
        return encodeReadResponse({
          apdu: 'read-response',
          list: apdu.list.map((one) => {
            if ('block' in one) return { error: 14 };
            const object = this.all().find(({ base, attributes }) => one.name >= base && one.name < base + 8 * attributes.length); // prettier-ignore
            const attribute = object === undefined ? 0 : (one.name - object.base) / 8 + 1;
            return this.value((other) => other === object, { attribute, ...(one.selection && { selection: one.selection }) }); // prettier-ignore
          }),
        });
      default:
        return undefined;
    }
  }

  private associate({ context, authentication }: Aarq): Uint8Array {
    const { referencing, password } = this.o;
    const isRight = password === undefined || Buffer.from(authentication ?? []).toString('latin1') === password;
    const head = { apdu: 'aare', context: referencing, source: 'user' } as const;
    if (context !== referencing) return encodeAare({ ...head, result: 1, diagnostic: 2 });
    if (!isRight) return encodeAare({ ...head, result: 1, diagnostic: 13 });
    const writer = new ByteWriter();
    const isLn = referencing === 'LN';
    writeInitiateResponse(writer, { conformance: isLn ? LN : SN, maxPdu: 0xffff, vaaName: isLn ? 7 : 0xfa00 });
    return encodeAare({ ...head, result: 0, diagnostic: 0, userInformation: writer.done() });
  }

  private all(): readonly TestObject[] {
    if (this.list === undefined) {
      const isLn = this.o.referencing === 'LN';
      const entries = this.o.objects.map(
        ({ classId, obis, base }) =>
        isLn
          ? structure(u16(classId), { type: 'unsigned', value: 0 }, name(obis), structure())
          : structure({ type: 'long', value: base > 0x7fff ? base - 0x10000 : base }, u16(classId), { type: 'unsigned', value: 0 }, name(obis)), // prettier-ignore
      );
      const list: TestObject = { classId: isLn ? 15 : 12, obis: '0-0:40.0.0', base: 0xfa00, attributes: [name('0-0:40.0.0'), { type: 'array', value: entries }] }; // prettier-ignore
      this.list = [...this.o.objects, list];
    }
    return this.list;
  }

  private list: readonly TestObject[] | undefined;

  private value(
    is: (object: TestObject) => boolean,
    { attribute, selection }: { attribute: number; selection?: Selection },
  ): GetResult {
    const found = this.all().find(is)?.attributes[attribute - 1];
    if (found === undefined) return { error: 4 };
    return { data: typeof found === 'function' ? found(selection) : found };
  }
}
