import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { describeError, type Log } from '@smx-edge/model';
import { WebSocketServer, type ServerOptions } from 'ws';
import type { AwayPolicy } from '../away/away.js';
import type { RelaySettings } from '../settings.js';
import { STUCK_AFTER } from './back-pressure.js';
import { Circuits } from './circuits.js';
import type { Circuit, CircuitListener } from './circuit.js';
import type { Dial, DialFailure, FarSide } from './far-side.js';
import { logFault } from './fault-log.js';
import { Gate, type Admission } from './gate.js';
import { LEG_OPTIONS } from './leg.js';
import { refusalOf, refuse, type Refusal } from './refusal.js';
import { Telling } from './telling.js';
import { LOST, type Handshake, type LinkEnd } from './wire.js';
import { WsCircuit, type CircuitDeps } from './ws-circuit.js';

export interface RelayOptions {
  readonly settings: RelaySettings;
  readonly dial: Dial;
  readonly away: AwayPolicy;
  readonly listeners: readonly CircuitListener[];
  readonly log: Log;
  readonly now: () => number;
  /** ms; default 60 s. */
  readonly stuckAfter?: number;
}

type Admitted = Extract<Admission, { handshake: Handshake }>;

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** ms that a connection which a newer one takes over has to end before the back end is dialled. */
const TWIN_WITHIN = 1_000;

/** Lets charge points in, each to its own back end: the back end is dialled first, then the charge point is answered. */
export class Relay {
  readonly circuits = new Circuits();
  private readonly gate: Gate;
  private readonly server: WebSocketServer;
  private readonly telling: Telling;
  private readonly deps: CircuitDeps;
  /** Chosen subprotocols of upgrades that are about to be answered. */
  private readonly chosen = new WeakMap<IncomingMessage, string>();
  private readonly dialling = new Map<string, AbortController>();

  constructor(private readonly o: RelayOptions) {
    const { settings } = o;
    this.telling = new Telling(o.listeners, o.log);
    this.gate = new Gate(
      settings,
      (id) => this.circuits.size < settings.mostStations || this.circuits.get(id) !== undefined,
    );
    const options: ServerOptions & typeof LEG_OPTIONS = {
      ...LEG_OPTIONS,
      noServer: true,
      clientTracking: false,
      perMessageDeflate: settings.compression,
      autoPong: settings.pings === 'hop',
    };
    this.server = new WebSocketServer(options);
    this.server.on('headers', (lines, request) => {
      const protocol = this.chosen.get(request);
      if (protocol !== undefined && protocol !== '') lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
    });
    this.deps = {
      away: o.away,
      telling: this.telling,
      pingEvery: settings.pings === 'hop' ? settings.pingStation : 0,
      passesPings: settings.pings === 'e2e',
      stuckAfter: o.stuckAfter ?? STUCK_AFTER,
      now: o.now,
      onFault: (handshake, fault) => logFault(o.log, handshake, { ...fault, side: 'charge point' }),
      onClosed: (circuit) => this.circuits.remove(circuit),
    };
  }

  /** Takes an `upgrade` of an HTTP server. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // a peer that goes is seen by its close
    socket.on('error', ignored);
    const admission = this.gate.admit(request, performance.now());
    if ('handshake' in admission)
      this.connect({ request, socket, head }, admission).catch((error: unknown) =>
        this.failed(socket, admission, error),
      );
    else {
      this.o.log.info('a charge point was refused', { identity: admission.identity, status: admission.refusal.status, why: admission.why }); // prettier-ignore
      refuse(socket, admission.refusal);
      const { identity, refusal } = admission;
      if (identity !== undefined && refusal.status === 404) this.telling.event((to) => to.unknown?.(identity));
    }
  };

  /** Ends all connections. */
  close(end: LinkEnd): void {
    for (const abort of this.dialling.values()) abort.abort();
    for (const circuit of [...this.circuits]) circuit.close(end);
  }

  private async connect(upgrade: Upgrade, admitted: Admitted): Promise<void> {
    const { identity, authorization } = admitted.handshake;
    // who only knows a name keeps nobody from coming in
    const who = `${identity}\n${authorization ?? ''}`;
    const abort = new AbortController();
    const gone = (): void => abort.abort();
    upgrade.socket.once('close', gone);
    // of two that come at one time the newer one stays
    this.dialling.get(who)?.abort();
    this.dialling.set(who, abort);
    this.gate.pending += 1;
    try {
      await this.makeWay(admitted.handshake);
      const farSide = await this.reach(upgrade, admitted.handshake, abort.signal);
      if (farSide !== undefined) this.open(upgrade, admitted, farSide);
    } finally {
      this.gate.pending -= 1;
      if (this.dialling.get(who) === abort) this.dialling.delete(who);
      upgrade.socket.off('close', gone);
    }
  }

  private failed(socket: Duplex, { handshake: { identity } }: Admitted, error: unknown): void {
    this.o.log.error('a charge point could not be let in', { identity, error: describeError(error) });
    refuse(socket, { status: 502 });
  }

  /**
   * A charge point that comes again has lost its connection, whatever it looks like from here: many back ends refuse a second one
   * of the same identity. Who does not give the same password is first to be let in by the back end.
   */
  private async makeWay({ identity, authorization }: Handshake): Promise<void> {
    const before = this.circuits.get(identity);
    if (before === undefined || before.handshake.authorization !== authorization) return;
    await this.takeOver(before);
  }

  private async takeOver(before: Circuit): Promise<void> {
    this.o.log.info('a charge point came again, its older connection ends', { identity: before.handshake.identity });
    const { farSide } = before;
    before.close(LOST);
    const deadline = performance.now() + TWIN_WITHIN;
    while (farSide?.isOpen === true && performance.now() < deadline) await pause();
  }

  private async reach(upgrade: Upgrade, handshake: Handshake, signal: AbortSignal): Promise<FarSide | undefined> {
    const result = await this.o.dial(handshake, signal);
    if (signal.aborted) {
      if ('farSide' in result) result.farSide.close(LOST);
      refuse(upgrade.socket, { status: 503 });
      return undefined;
    }
    if ('farSide' in result) return result.farSide;
    const standIn = this.o.away.unreachable(handshake, result.failure);
    if (standIn === undefined) this.turnAway(upgrade.socket, handshake, result.failure);
    return standIn;
  }

  private turnAway(socket: Duplex, handshake: Handshake, failure: DialFailure): void {
    const refusal: Refusal = refusalOf(failure);
    const { identity } = handshake;
    this.o.log.warn('the back end of a charge point was not reached', { identity, status: refusal.status, code: failure.code, text: failure.text }); // prettier-ignore
    refuse(socket, refusal);
    this.telling.event((to) => to.refused?.(handshake, refusal.status, failure.text));
  }

  private open({ request, socket, head }: Upgrade, { handshake, station }: Admitted, farSide: FarSide): void {
    // answered as the back end did, whatever the offer looks like to `ws`
    delete request.headers['sec-websocket-protocol'];
    this.chosen.set(request, farSide.protocol);
    const before = this.circuits.get(handshake.identity);
    let opened: WsCircuit | undefined;
    this.server.handleUpgrade(request, socket, head, (ws) => {
      socket.off('error', ignored);
      before?.close(LOST);
      opened = new WsCircuit({ handshake, station, ws, socket, farSide }, this.deps);
      this.circuits.add(opened);
      opened.begin();
    });
    // gone meanwhile
    if (opened === undefined) farSide.close(LOST);
  }
}

const ignored = (): void => {};
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));
