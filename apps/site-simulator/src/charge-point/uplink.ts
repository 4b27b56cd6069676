import type { Disposable } from '@smx-edge/model';
import { WebSocket } from 'ws';
import type { FaultBook } from '../line/index.js';
import { Peer, type Answer, type JsonObject, type Reply } from '../ocpp/index.js';
import { BackOff } from './back-off.js';
import type { ChargePointOptions, ChargePointTools } from './options.js';
import { FRAME_QUIRKS, type StationQuirk } from './quirks.js';

export interface UplinkUse {
  readonly options: ChargePointOptions;
  readonly tools: ChargePointTools;
  readonly subprotocol: string;
  readonly faults: FaultBook<StationQuirk>;
  onUp(): void;
  onDown(): void;
  onCall(action: string, payload: JsonObject): Reply;
}

/** How the last connection or attempt ended. */
export interface LinkEnd {
  /** Close code; 1006 = without a farewell. */
  readonly code?: number;
  /** HTTP status of a refused upgrade. */
  readonly status?: number;
}

const RETRY = { least: 1000, most: 60_000 };
const TIMEOUT = 30_000;
const LONGEST_FRAME = 1 << 20;
const LOST: Answer = { kind: 'lost', payload: {} };

/** The station's connection to whom it takes for its back end, dialled again for as long as it runs. */
export class Uplink {
  private readonly backOff: BackOff;
  private socket: WebSocket | undefined;
  private peer: Peer | undefined;
  private again: Disposable | undefined;
  private dialled = 0;
  private isClosed = false;
  private lastEnd: LinkEnd = {};

  constructor(private readonly use: UplinkUse) {
    this.backOff = new BackOff(use.options.seed ?? 1, use.options.retry ?? RETRY);
  }

  get isUp(): boolean {
    return this.peer !== undefined;
  }

  get subprotocol(): string | undefined {
    return this.socket?.protocol;
  }

  get dials(): number {
    return this.dialled;
  }

  get end(): LinkEnd {
    return this.lastEnd;
  }

  /** Where it dials. */
  get url(): string {
    const { id, url } = this.use.options;
    return `${url.replace(/\/$/, '')}/${encodeURIComponent(id)}`;
  }

  dial(): void {
    this.rest();
    if (this.isClosed || this.socket !== undefined) return;
    this.dialled++;
    const { faults, subprotocol } = this.use;
    const socket = new WebSocket(this.url, faults.has('no-subprotocol') ? [] : [subprotocol], {
      ...{ headers: this.headers, perMessageDeflate: false, autoPong: false, maxPayload: LONGEST_FRAME },
    });
    this.socket = socket;
    socket.on('open', () => this.up(socket));
    socket.on('message', (data: Buffer) => void this.peer?.take(data));
    socket.on('ping', (data) => {
      if (!faults.has('no-pong')) socket.pong(data);
    });
    socket.on('error', (error) => {
      const status = /^Unexpected server response: (\d+)$/.exec(error.message)?.[1];
      if (status !== undefined) this.lastEnd = { status: Number(status) };
      this.use.tools.log.debug('charge point', { error: error.message });
    });
    socket.on('close', (code) => this.down(code));
  }

  call(action: string, payload: JsonObject): Promise<Answer> {
    return this.peer?.call(action, payload) ?? Promise.resolve(LOST);
  }

  ping(): void {
    if (this.isUp) this.socket?.ping();
  }

  /** As a cable that is pulled. */
  cut(): void {
    this.socket?.terminate();
  }

  /** Hangs up as the standard says, to dial again after a pause. */
  hangUp(code = 1000): void {
    if (this.isUp) this.socket?.close(code);
    else this.socket?.terminate();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.rest();
    const { socket } = this;
    if (socket === undefined) return;
    const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.terminate();
    await over;
  }

  private get headers(): Record<string, string> {
    const { id, password } = this.use.options;
    if (password === undefined) return {};
    const login = Buffer.concat([Buffer.from(`${id}:`), Buffer.from(password as Uint8Array)]);
    return { authorization: `Basic ${login.toString('base64')}` };
  }

  private up(socket: WebSocket): void {
    const { options, tools, faults } = this.use;
    this.backOff.reset();
    this.lastEnd = {};
    this.peer = new Peer({
      ...{ clock: tools.clock, timeout: options.timeout ?? TIMEOUT },
      // ids are told apart over all connections of a station
      prefix: `${(options.seed ?? 1).toString(36)}.${this.dialled.toString(36)}.`,
      send: (text) => this.send(socket, text),
      answer: (action, payload) => this.use.onCall(action, payload),
      delay: () => faults.by('delay'),
    });
    this.use.onUp();
  }

  private send(socket: WebSocket, text: string): void {
    const struck = this.use.faults.strike((kind) => FRAME_QUIRKS.includes(kind));
    if (struck.has('silence') || socket.readyState !== WebSocket.OPEN) return;
    // as a Grizzl-E does: a list that nothing begins
    socket.send(struck.has('garbage') ? text.replace(/\}*\]$/, ':],}]') : text);
  }

  private down(code: number): void {
    const { peer } = this;
    if (!(code === 1006 && this.lastEnd.status !== undefined)) this.lastEnd = { code };
    this.socket = undefined;
    this.peer = undefined;
    peer?.end();
    if (peer !== undefined) this.use.onDown();
    if (this.isClosed || (code === 1000 && this.use.faults.has('no-return'))) return;
    this.again = this.use.tools.clock.after(this.backOff.next(), () => this.dial());
  }

  private rest(): void {
    this.again?.dispose();
    this.again = undefined;
  }
}
