import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { FaultBook, listen, type Address, type Fault, type SiteDevice } from '../line/index.js';
import { Peer, type Answer, type JsonObject, type Reply } from '../ocpp/index.js';
import { answerTo } from './answers.js';
import { Bill, type BilledSession, type Repeats } from './bill.js';
import { CSMS_FAULTS, type CsmsFault } from './csms-faults.js';
import { FrameRecord, type RecordedFrame } from './frame-record.js';
import { admit, type Admission, type Handshake } from './handshake.js';
import type { CsmsOptions, CsmsTools } from './options.js';

interface Connected {
  readonly socket: WebSocket;
  readonly peer: Peer;
}

const PROTOCOLS = ['ocpp1.6', 'ocpp2.0.1'];
const MOST_HANDSHAKES = 1000;
const RECORDED = 4 << 20;
const TIMEOUT = 30_000;
const LONGEST_FRAME = 8 << 20;
const LOST: Answer = { kind: 'lost', payload: {} };

/**
 * A small back end that bills: it takes charge points of OCPP 1.6J and 2.0.1 by their path and Basic authentication, answers all they
 * say, and remembers what was on the wire, how often a message came again, and what each session cost. Money in its tariff's unit.
 */
export class Csms implements SiteDevice {
  readonly faultRules = CSMS_FAULTS;
  readonly bill: Bill;
  private readonly faults: FaultBook<CsmsFault>;
  private readonly record: FrameRecord;
  private readonly connected = new Map<string, Connected>();
  private readonly shakes: Handshake[] = [];
  private readonly sockets: WebSocketServer;
  private server: Server | undefined;
  private bound: Address;
  private refusal: number | null = null;
  private connections = 0;

  private constructor(
    private readonly o: CsmsOptions,
    private readonly tools: CsmsTools,
  ) {
    this.faults = new FaultBook(o.seed ?? 1, CSMS_FAULTS);
    this.record = new FrameRecord(o.recorded ?? RECORDED);
    this.bill = new Bill(o.tariff ?? 0.35, o.firstTransaction ?? 1000);
    this.bound = o.address;
    const protocols = o.protocols ?? PROTOCOLS;
    this.sockets = new WebSocketServer({
      ...{ noServer: true, perMessageDeflate: false, maxPayload: LONGEST_FRAME },
      handleProtocols: (offered) => protocols.find((each) => offered.has(each)) ?? false,
    });
  }

  /** Rejects SMX_SIMULATOR_ADDRESS, SMX_SIMULATOR_SETPOINT. */
  static async open(options: CsmsOptions, tools: CsmsTools): Promise<Csms> {
    const csms = new Csms(options, tools);
    for (const fault of options.faults ?? []) csms.setFault(fault);
    await csms.comeBack();
    return csms;
  }

  /** What a charge point dials, without its identity. */
  get source(): string {
    return `ws://${this.bound.host}:${this.bound.port}${this.path}`;
  }

  get activeFaults(): Fault<CsmsFault>[] {
    return this.faults.list;
  }

  /** Stations that are connected now. */
  get stations(): readonly string[] {
    return [...this.connected.keys()];
  }

  get sessions(): readonly BilledSession[] {
    return this.bill.sessions;
  }

  /** Messages about transactions that came more than once. */
  get repeats(): Readonly<Repeats> {
    return this.bill.repeats;
  }

  /** Every upgrade that was asked for, the newest thousand, and what was said to it. */
  get handshakes(): readonly Handshake[] {
    return this.shakes;
  }

  /** What was really on the wire, oldest first. */
  frames(station?: string): readonly RecordedFrame[] {
    return this.record.list(station);
  }

  forgetFrames(): void {
    this.record.clear();
  }

  /** Throws SMX_SIMULATOR_SETPOINT. */
  setFault(fault: Fault<CsmsFault>): void {
    this.faults.set(fault);
  }

  clearFault(kind?: CsmsFault): void {
    this.faults.clear(kind);
  }

  /** A CALL to a station, after those before it. Never rejects. */
  call(station: string, action: string, payload: JsonObject): Promise<Answer> {
    return this.connected.get(station)?.peer.call(action, payload) ?? Promise.resolve(LOST);
  }

  /** Any bytes to a station; false where it is not there. */
  send(station: string, frame: string | Uint8Array): boolean {
    const there = this.connected.get(station);
    if (there === undefined) return false;
    this.write(station, there.socket, frame);
    return true;
  }

  /** By a close frame with `code`, without one where it has none; null = as a cable that is pulled. */
  disconnect(station: string, code?: number | null, reason = ''): void {
    const socket = this.connected.get(station)?.socket;
    if (code === null) socket?.terminate();
    else if (code === undefined) socket?.close();
    else socket?.close(code, reason);
  }

  ping(station: string): void {
    this.connected.get(station)?.socket.ping();
  }

  /** Answers upgrades with this HTTP status from now on; null = takes them again. */
  refuse(status: number | null): void {
    this.refusal = status;
  }

  /** Nobody listens any more; connections end by a close frame with `code`, or without one. */
  async goAway(code?: number): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const station of this.stations) this.disconnect(station, code ?? null);
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    if (code !== undefined) return;
    server.closeAllConnections();
    await closed;
  }

  /** Listens again where it did. Rejects SMX_SIMULATOR_ADDRESS. */
  async comeBack(): Promise<void> {
    if (this.server !== undefined) return;
    const server = createServer((request, response) => this.page(request, response));
    this.server = server;
    server.on('error', (error) => this.tools.log.error('csms', { error: error.message }));
    server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    this.bound = await listen(server, this.bound);
  }

  async close(): Promise<void> {
    await this.goAway();
    this.sockets.close();
  }

  private get path(): string {
    return (this.o.path ?? '/ocpp').replace(/\/$/, '');
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', (error) => this.tools.log.debug('csms', { error: error.message }));
    const admission = admit(request, { path: this.path, stations: this.o.stations, refusal: this.refusal });
    this.shakes.push(admission.handshake);
    if (this.shakes.length > MOST_HANDSHAKES) this.shakes.shift();
    const { status } = admission.handshake;
    if (status === 101) {
      this.sockets.handleUpgrade(request, socket, head, (ws) => this.take(ws, admission));
      return;
    }
    const more = status === 401 ? 'WWW-Authenticate: Basic realm="csms"\r\n' : '';
    socket.end(`HTTP/1.1 ${status} ${status}\r\n${more}Connection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  private take(socket: WebSocket, { handshake: { station, protocols } }: Admission): void {
    // the newest connection of an identity is the one
    this.connected.get(station)?.socket.terminate();
    const peer = new Peer({
      ...{ clock: this.tools.clock, timeout: this.o.timeout ?? TIMEOUT, prefix: `c${(++this.connections).toString(36)}.` }, // prettier-ignore
      send: (text) => this.write(station, socket, text),
      answer: (action, payload) => this.answer({ station, subprotocol: socket.protocol }, action, payload),
      delay: () => this.faults.by('delay'),
    });
    const there: Connected = { socket, peer };
    this.connected.set(station, there);
    socket.on('error', (error) => this.tools.log.debug('csms', { error: error.message }));
    socket.on('message', (data: Buffer, isBinary) => {
      this.record.add({ t: this.tools.clock.now(), station, direction: 'in', bytes: data, isBinary });
      peer.take(data);
    });
    socket.on('close', () => {
      peer.end();
      if (this.connected.get(station) === there) this.connected.delete(station);
    });
    // offered none that it has: taken, and closed (1.6J §3.2 and its errata 3.3)
    if (protocols.length > 0 && socket.protocol === '') socket.close(1002);
  }

  private write(station: string, socket: WebSocket, frame: string | Uint8Array): void {
    const isBinary = typeof frame !== 'string';
    const bytes = Buffer.from(frame as Uint8Array);
    this.record.add({ t: this.tools.clock.now(), station, direction: 'out', bytes, isBinary });
    socket.send(bytes, { binary: isBinary });
  }

  private answer(
    from: { station: string; subprotocol: string },
    action: string,
    payload: JsonObject,
  ): Reply | undefined {
    // prettier-ignore
    const struck = this.faults.strike();
    if (struck.has('silence')) return undefined;
    if (struck.has('error')) return { code: 'InternalError' };
    const { tags, heartbeat = 300 } = this.o;
    const isGood = (tag: string): boolean => tags?.includes(tag) ?? true;
    const asked = { ...from, payload, bill: this.bill, now: this.tools.clock.now(), heartbeat, isGood };
    return { payload: answerTo(action, from.subprotocol, asked) };
  }

  /** What it knows, for whoever looks: stations, sessions, repeats. */
  private page(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.state));
  }

  /** What it has of its stations. */
  get state(): object {
    const { stations, sessions, repeats, bill } = this;
    return { stations, sessions, repeats, orphans: bill.orphans, total: bill.total };
  }
}
