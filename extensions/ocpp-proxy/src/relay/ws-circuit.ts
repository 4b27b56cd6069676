import type { Duplex } from 'node:stream';
import { peekFrame, versionOf, type FrameHead, type OcppVersion } from '@smx-edge/protocols/ocpp-j';
import { WebSocket } from 'ws';
import type { AwayPolicy } from '../away/away.js';
import type { StationSettings } from '../settings.js';
import { BackPressure } from './back-pressure.js';
import type { Circuit, InjectedCall, InjectionAnswer } from './circuit.js';
import type { FarSide } from './far-side.js';
import { Injector } from './injector.js';
import { KeepAlive } from './keep-alive.js';
import { ResponseDelay } from './response-delay.js';
import { SpentBuffers } from './spent-buffers.js';
import type { Telling } from './telling.js';
import { LOST, type Handshake, type LinkEnd, type WireFrame } from './wire.js';
import { endLike, endOf, faultOf, type LinkFault } from './ws-link.js';

/** What circuits share. */
export interface CircuitDeps {
  readonly away: AwayPolicy;
  readonly telling: Telling;
  /** ms between pings to the charge point. */
  readonly pingEvery: number;
  readonly passesPings: boolean;
  /** ms that bytes may wait of which none goes. */
  readonly stuckAfter: number;
  readonly now: () => number;
  readonly onFault: (handshake: Handshake, fault: LinkFault) => void;
  readonly onClosed: (circuit: Circuit) => void;
}

export interface CircuitParts {
  readonly handshake: Handshake;
  readonly station: StationSettings;
  readonly ws: WebSocket;
  readonly socket: Duplex;
  readonly farSide: FarSide;
}

const IGNORED = (): void => {};
/** Of all circuits: what is collected is the process's. */
const spent = new SpentBuffers();

/** A charge point and its back end, frame by frame: what comes goes on with its bytes and its opcode. */
export class WsCircuit implements Circuit {
  readonly handshake: Handshake;
  readonly subprotocol: string | undefined;
  readonly version: OcppVersion | undefined;
  readonly openedAt: number;
  private readonly ws: WebSocket;
  private far: FarSide | undefined;
  private readonly injector: Injector;
  private readonly delay: ResponseDelay | undefined;
  private readonly life: KeepAlive;
  private readonly towardsFarSide: BackPressure;
  private readonly towardsChargePoint: BackPressure;
  /** Came while the far side was about to end: it goes where frames go whose back end is away. */
  private untaken: [WireFrame, FrameHead | undefined][] = [];
  private fault: LinkFault | undefined;
  private isClosed = false;

  constructor(
    private readonly parts: CircuitParts,
    private readonly deps: CircuitDeps,
  ) {
    const { handshake, station, ws, farSide } = parts;
    this.handshake = handshake;
    this.subprotocol = farSide.protocol === '' ? undefined : farSide.protocol;
    this.version = versionOf(this.subprotocol);
    this.openedAt = deps.now();
    this.ws = ws;
    if (station.responseDelays.size > 0) this.delay = new ResponseDelay(station.responseDelays);
    this.injector = new Injector(
      {
        toChargePoint: (frame) => this.toChargePoint(frame),
        toFarSide: (frame, head) => this.toFarSide(frame, head),
      },
      station.idStyle,
    );
    this.life = new KeepAlive(ws, { every: deps.pingEvery, needsPong: station.needsPong, unlessItPings: false });
    const stuck = { after: deps.stuckAfter, do: (): void => this.close(LOST) };
    this.towardsFarSide = new BackPressure(ws, () => this.far?.bufferedAmount ?? 0, stuck);
    this.towardsChargePoint = new BackPressure(
      { pause: () => this.far?.pause(), resume: () => this.far?.resume() },
      () => ws.bufferedAmount,
      stuck,
    );
    ws.on('message', (data, isBinary) => this.fromChargePoint({ data: data as Buffer, isBinary }));
    ws.on('error', (error) => {
      this.fault = faultOf(ws, error);
      deps.onFault(handshake, this.fault);
    });
    ws.on('close', (code, reason) => this.chargePointGone(endOf(code, reason, this.fault)));
    if (deps.passesPings) {
      ws.on('ping', (data) => this.far?.ping?.(data, this.towardsFarSide.before(data.length)));
      ws.on('pong', (data) => this.far?.pong?.(data, this.towardsFarSide.before(data.length)));
    }
  }

  /** Takes what came of the back end meanwhile; that may be its end. Called in the event that opens the connection. */
  begin(): void {
    this.deps.telling.event((to) => to.opened?.(this));
    this.listenTo(this.parts.farSide);
  }

  get farSide(): FarSide | undefined {
    return this.far;
  }

  inject(call: InjectedCall): Promise<InjectionAnswer> {
    if (this.isClosed) return Promise.resolve({ status: 'absent', wasSent: false });
    return this.injector.inject(call);
  }

  attach(farSide: FarSide): void {
    if (this.isClosed || this.far !== undefined) {
      farSide.close(LOST);
      return;
    }
    if (farSide.isStandIn !== true) this.deps.telling.event((to) => to.farSideCame?.(this));
    this.listenTo(farSide);
  }

  close(end: LinkEnd): void {
    if (this.isClosed) return;
    endLike(this.ws, this.parts.socket, this.parts.station.aborts ? LOST : end);
    this.ended(end);
  }

  private listenTo(farSide: FarSide): void {
    this.far = farSide;
    farSide.listen({
      frame: (frame) => this.far === farSide && this.fromFarSide(frame),
      end: (end) => this.far === farSide && this.farSideGone(end),
      came: () => this.far === farSide && this.deps.telling.event((to) => to.farSideCame?.(this)),
      away: (end) => this.far === farSide && this.deps.telling.event((to) => to.farSideGone?.(this, end)),
      ping: (data) => this.ws.ping(data, undefined, this.towardsChargePoint.before(data.length) ?? IGNORED),
      pong: (data) => this.ws.pong(data, undefined, this.towardsChargePoint.before(data.length) ?? IGNORED),
    });
  }

  private fromChargePoint(frame: WireFrame): void {
    if (this.isClosed) return;
    this.life.heard();
    const head = peekFrame(frame.data);
    this.delay?.called(head, performance.now());
    this.injector.fromChargePoint(frame, head);
    spent.add(frame.data.length);
  }

  private toFarSide(frame: WireFrame, head: FrameHead | undefined): void {
    this.deliver(frame, head);
    if (this.deps.telling.isHeard) this.deps.telling.frame((to) => to.fromChargePoint?.(this, frame, head));
  }

  private deliver(frame: WireFrame, head: FrameHead | undefined): void {
    if (this.far === undefined) this.deps.away.frame(this, frame, head);
    else if (!this.far.send(frame, this.towardsFarSide.before(frame.data.length))) this.untaken.push([frame, head]);
  }

  private fromFarSide(frame: WireFrame): void {
    const head = peekFrame(frame.data);
    const wait = this.delay?.wait(head, performance.now()) ?? 0;
    if (wait > 0) setTimeout(() => this.injector.fromFarSide(frame, head), wait);
    else this.injector.fromFarSide(frame, head);
    if (this.deps.telling.isHeard) this.deps.telling.frame((to) => to.fromFarSide?.(this, frame, head));
    spent.add(frame.data.length);
  }

  private toChargePoint({ data, isBinary }: WireFrame): void {
    this.ws.send(data, { binary: isBinary }, this.towardsChargePoint.before(data.length));
  }

  private farSideGone(end: LinkEnd): void {
    this.far = undefined;
    this.towardsFarSide.stop();
    this.ws.resume();
    this.injector.farSideGone();
    this.deps.telling.event((to) => to.farSideGone?.(this, end));
    this.deps.away.lost(this, end);
    for (const [frame, head] of this.untaken.splice(0)) if (!this.isClosed) this.deliver(frame, head);
  }

  private chargePointGone(end: LinkEnd): void {
    if (!this.isClosed) this.ended(end);
  }

  private ended(end: LinkEnd): void {
    this.isClosed = true;
    this.life.stop();
    this.towardsFarSide.stop();
    this.towardsChargePoint.stop();
    this.untaken = [];
    const { far } = this;
    this.far = undefined;
    this.injector.chargePointGone();
    if (far) far.close(end);
    else this.deps.away.closed(this);
    this.deps.telling.event((to) => to.closed?.(this, end));
    this.deps.onClosed(this);
  }
}
