import type { FrameHead, OcppVersion } from '@smx-edge/protocols/ocpp-j';
import type { FarSide } from './far-side.js';
import type { Handshake, LinkEnd, WireFrame } from './wire.js';

/** How an injected CALL ended; `payload` is the CALLRESULT's, `code` that of a CALLERROR. */
export type InjectionAnswer =
  | { readonly status: 'ok'; readonly payload: unknown }
  | { readonly status: 'error'; readonly code: string; readonly description: string; readonly payload: unknown }
  | { readonly status: 'timeout' | 'absent'; readonly wasSent: boolean };

export interface InjectedCall {
  readonly action: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** ms for the answer once it was sent. */
  readonly answerWithin?: number;
  /** Before those that wait without it. */
  readonly goesFirst?: boolean;
}

/** One connection of a charge point with what stands behind it. A charge point that comes again makes a new one. */
export interface Circuit {
  readonly handshake: Handshake;
  /** As the back end chose; undefined: none. */
  readonly subprotocol: string | undefined;
  /** Undefined where its messages are not looked into. */
  readonly version: OcppVersion | undefined;
  /** ms UTC. */
  readonly openedAt: number;
  /** Undefined while the back end is away. */
  readonly farSide: FarSide | undefined;
  /** Never together with an open CALL of the back end; the answer never reaches the back end. */
  inject(call: InjectedCall): Promise<InjectionAnswer>;
  /** Puts a far side behind a charge point whose back end is away. */
  attach(farSide: FarSide): void;
  /** Ends it towards the charge point, and towards the far side if there is one. */
  close(end: LinkEnd): void;
}

/** A charge point and a back end without a subprotocol speak 1.6, as those do that are that old. */
export const spokenOn = ({ version, subprotocol }: Pick<Circuit, 'version' | 'subprotocol'>): OcppVersion | undefined =>
  version ?? (subprotocol === undefined ? '1.6' : undefined);

/** What happens on circuits, told after it was passed on: none of it gates a frame, and nothing of it may throw. */
export interface CircuitListener {
  /** Puts off by itself what takes long: it is told in the same turn, which costs less than one of its own. */
  readonly isQuick?: boolean;
  opened?(circuit: Circuit): void;
  /** Of the charge point, but not answers to injected CALLs. */
  fromChargePoint?(circuit: Circuit, frame: WireFrame, head: FrameHead | undefined): void;
  /** Of the far side. */
  fromFarSide?(circuit: Circuit, frame: WireFrame, head: FrameHead | undefined): void;
  /** The back end went and the charge point stays, whatever stands in for it; and it came back. */
  farSideGone?(circuit: Circuit, end: LinkEnd): void;
  farSideCame?(circuit: Circuit): void;
  closed?(circuit: Circuit, end: LinkEnd): void;
  /** A charge point that was not let in: what its back end said, or why this box refused it. */
  refused?(handshake: Handshake, status: number, text: string): void;
  /** One that is not among the charge points of the settings. */
  unknown?(identity: string): void;
}
