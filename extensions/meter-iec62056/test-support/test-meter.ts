import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { SmxError } from '@smx-edge/model';
import {
  decodeStamp,
  encodeStamp,
  IecServer,
  withoutParity,
  type ServerOptions,
} from '@smx-edge/protocols/iec62056-21';

/** A meter as the spec describes it: `answer` may be the memories of below. */
export interface TestMeterOptions extends Partial<Omit<ServerOptions, 'readout'>> {
  readonly readout?: () => string;
  /** What the line does to a piece that comes from the meter. */
  readonly spoil?: (bytes: Uint8Array) => Uint8Array;
  /** A two-wire adapter gives back what is sent. */
  readonly echoes?: boolean;
  /** Further meters on the same line. */
  readonly beside?: readonly Partial<ServerOptions>[];
}

const READOUT = (): string => 'F.F(00000000)\r\n0.0.0(53078125)\r\n1.8.0(000102.28*kWh)\r\n32.7.0(230.7*V)\r\n!\r\n';

/** A meter on real TCP: the server of the codec, as behind a serial bridge. */
export class TestMeter {
  /** What it was asked, line by line and block by block. */
  readonly asked: string[] = [];
  /** Connections so far. */
  opened = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly o: TestMeterOptions = {}) {
    this.server = createServer((socket) => this.serve(socket));
  }

  /** Its source. */
  async open(port = 0): Promise<string> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    return `tcp://127.0.0.1:${this.port}`;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new SmxError('SMX_TRANSPORT_CONNECT', 'no port');
    return address.port;
  }

  get connections(): number {
    return this.sockets.size;
  }

  /** As a cable that is pulled and put in again. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Sends unasked. */
  push(bytes: Uint8Array): void {
    for (const socket of this.sockets) socket.write(bytes);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.opened++;
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    const { spoil = (bytes: Uint8Array) => bytes, echoes, beside = [] } = this.o;
    const meters = [this.o, ...beside].map((one) => new IecServer(optionsOf(one)));
    socket.on('data', (chunk: Uint8Array) => {
      this.asked.push(Buffer.from(withoutParity(chunk)).toString('latin1'));
      if (echoes === true) socket.write(chunk);
      for (const meter of meters)
        for (const step of meter.receive(chunk)) if (step.kind === 'send') socket.write(spoil(step.bytes));
    });
  }
}

export function optionsOf(given: Partial<ServerOptions>): ServerOptions {
  return {
    identification: { manufacturer: 'LGZ', speed: '5', escapes: [], text: 'ZMD3104100' },
    mode: 'C',
    baud: 9600,
    operand: '00000001',
    readout: READOUT,
    answer: () => ['(ERROR06)'],
    ...given,
  };
}

export interface TestRow {
  /** End of the interval, ms UTC. */
  readonly end: number;
  readonly status: string;
  readonly values: readonly string[];
}

export interface TestProfile {
  readonly rows: readonly TestRow[];
  /** Minutes. */
  readonly period: number;
  readonly channels: readonly (readonly [address: string, unit: string])[];
}

/** Whether a time lies within what `P.01(start;end)` asks for, by the meter's own local time. */
export function isAsked(data: string, local: number): boolean {
  const [start, end] = /\(([^;]*);([^)]*)\)/.exec(data)!.slice(1) as [string, string];
  const [from, to] = [start, end].map((text) => decodeStamp(text)?.local);
  return (from === undefined || local >= from) && (to === undefined || local <= to);
}

/** P.01 as a meter gives it that knows no zone but UTC: another heading at each gap and change of status. */
export function profileText(data: string, { rows, period, channels }: TestProfile): string {
  const heads = channels.map(([address, unit]) => `(${address})(${unit})`).join('');
  let text = '';
  let before: TestRow | undefined;
  for (const row of rows.filter(({ end }) => isAsked(data, end))) {
    const goesOn = before !== undefined && before.status === row.status && row.end - before.end === period * 60_000;
    if (!goesOn) text += `P.01(${encodeStamp({ local: row.end, season: 'standard' }, 13)})(${row.status})(${period})(${channels.length})${heads}\r\n`; // prettier-ignore
    text += `${row.values.map((value) => `(${value})`).join('')}\r\n`;
    before = row;
  }
  return text === '' ? 'P.01()\r\n' : text;
}

/** P.98 with the number of the event in a column. */
export function logText(data: string, entries: readonly { readonly t: number; readonly number: number }[]): string {
  const asked = entries.filter(({ t }) => isAsked(data, t));
  const text = asked.map(({ t, number }) => `P.98(${encodeStamp({ local: t, season: 'standard' }, 13)})(00)()(2)(0-0:C.11.0)()(1.8.0)(kWh)(${number})(12.5)\r\n`); // prettier-ignore
  return text.length === 0 ? 'P.98()\r\n' : text.join('');
}
