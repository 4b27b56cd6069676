import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { KeepAlive, type KeepAliveOptions } from './keep-alive.js';
import type { FarSide, FarSideListener } from './far-side.js';
import type { LinkEnd, WireFrame } from './wire.js';
import { endLike, endOf, faultOf, type LinkFault } from './ws-link.js';

export interface BackEndLink {
  readonly ws: WebSocket;
  readonly socket: Duplex | undefined;
  /** As it was in the answer, also where none was offered. */
  readonly protocol: string;
}

export interface BackEndOptions extends KeepAliveOptions {
  /** Pings of the back end are passed on instead of answered. */
  readonly passesPings: boolean;
  readonly onFault: (fault: LinkFault) => void;
}

const NO_REASON = (): void => {};

/** The back end behind one charge point; made within the event that opens its connection, so that nothing is lost. */
export class BackEnd implements FarSide {
  private readonly early: ((to: FarSideListener) => void)[] = [];
  private listener: FarSideListener | undefined;
  private readonly life: KeepAlive;
  private fault: LinkFault | undefined;
  private hasEnded = false;

  readonly protocol: string;
  private readonly ws: WebSocket;

  constructor(
    private readonly link: BackEndLink,
    options: BackEndOptions,
  ) {
    const { ws } = link;
    this.ws = ws;
    this.protocol = link.protocol;
    this.life = new KeepAlive(ws, options);
    ws.on('message', (data, isBinary) => {
      this.life.heard();
      const frame = { data: data as Buffer, isBinary };
      if (this.listener) this.listener.frame(frame);
      else this.early.push((to) => to.frame(frame));
    });
    ws.on('error', (error) => {
      this.fault = faultOf(ws, error);
      options.onFault(this.fault);
    });
    ws.on('close', (code, reason) => this.ended(endOf(code, reason, this.fault)));
    if (!options.passesPings) return;
    ws.on('ping', (data) => this.listener?.ping?.(data));
    ws.on('pong', (data) => this.listener?.pong?.(data));
  }

  get isOpen(): boolean {
    return this.ws.readyState !== WebSocket.CLOSED;
  }

  get bufferedAmount(): number {
    return this.ws.bufferedAmount;
  }

  send({ data, isBinary }: WireFrame, sent?: () => void): boolean {
    if (this.ws.readyState !== WebSocket.OPEN) return false;
    this.ws.send(data, { binary: isBinary }, sent);
    return true;
  }

  close(end: LinkEnd): void {
    endLike(this.ws, this.link.socket, end);
  }

  pause(): void {
    this.ws.pause();
  }

  resume(): void {
    this.ws.resume();
  }

  listen(listener: FarSideListener): void {
    this.listener = listener;
    for (const tell of this.early.splice(0)) tell(listener);
  }

  ping(data: Buffer, sent = NO_REASON): void {
    this.ws.ping(data, undefined, sent);
  }

  pong(data: Buffer, sent = NO_REASON): void {
    this.ws.pong(data, undefined, sent);
  }

  private ended(end: LinkEnd): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.life.stop();
    if (this.listener) this.listener.end(end);
    else this.early.push((to) => to.end(end));
  }
}
