import { encodeAddress, type AddressSize, type HdlcAddress } from './address.js';
import type { HdlcControl } from './control.js';
import { encodeFrame, type HdlcFrame } from './frame.js';
import { Incoming } from './incoming.js';
import { unwrapLlc, wrapLlc } from './llc.js';
import { agree, decodeLimits, DEFAULT_LIMITS, encodeLimits, type LinkLimits } from './negotiation.js';
import { Outgoing } from './outgoing.js';

export interface ServerLinkOptions {
  readonly server: HdlcAddress;
  readonly serverSize?: AddressSize;
  /** What this side can do; default 128 bytes, window 1. */
  readonly limits?: LinkLimits;
}

export type ServerStep =
  | { readonly kind: 'send'; readonly frame: Uint8Array }
  | { readonly kind: 'connected' | 'disconnected'; readonly client: number }
  /** A request; its answer is given to `answer`. */
  | { readonly kind: 'apdu'; readonly client: number; readonly apdu: Uint8Array };

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** The secondary station's end: what a meter does on the line. One client at a time. */
export class ServerLink {
  private client: Uint8Array | undefined;
  private limits: LinkLimits = DEFAULT_LIMITS;
  private readonly own: Uint8Array;
  private readonly offered: LinkLimits;
  private readonly outgoing = new Outgoing();
  private readonly incoming = new Incoming();

  constructor({ server, serverSize, limits = DEFAULT_LIMITS }: ServerLinkOptions) {
    this.own = encodeAddress(server, serverSize ?? (server.lower === undefined ? 1 : 4));
    this.offered = limits;
  }

  /** Lets go of the client, as after its inactivity time. */
  reset(): void {
    this.client = undefined;
    this.outgoing.reset();
    this.incoming.reset();
  }

  /** Takes one frame of the line; what is for others comes to nothing. */
  receive(frame: HdlcFrame): ServerStep[] {
    const { control, to, from } = frame;
    if (!same(to, this.own)) return [];
    if (control.type === 'SNRM') return this.connect(frame);
    if (this.client === undefined || !same(from, this.client))
      return 'pf' in control && control.pf ? [send(this.to(from, { type: 'DM', pf: true }))] : [];
    switch (control.type) {
      case 'DISC': {
        this.reset();
        return [send(this.to(from, { type: 'UA', pf: true })), { kind: 'disconnected', client: from[0]! >> 1 }];
      }
      case 'RR':
        if (!this.outgoing.acknowledge(control.nr)) return [];
        return this.outgoing.isDone ? [send(this.ready(from))] : this.window(from);
      case 'I':
        return this.asked(frame, control);
      default:
        return [];
    }
  }

  /** The first frames of an answer. */
  answer(apdu: Uint8Array): Uint8Array[] {
    const { client } = this;
    if (client === undefined) return [];
    this.outgoing.load(wrapLlc(apdu, 'response'), this.limits.infoTransmit);
    return this.window(client).map(({ frame }) => frame);
  }

  private connect({ info, from }: HdlcFrame): ServerStep[] {
    const other = decodeLimits(info);
    if (other === undefined) return [send(this.to(from, { type: 'DM', pf: true }))];
    this.reset();
    this.client = from;
    this.limits = agree(this.offered, other);
    return [
      send(this.to(from, { type: 'UA', pf: true }, encodeLimits(this.limits))),
      { kind: 'connected', client: from[0]! >> 1 },
    ];
  }

  private asked({ info, segmented, from }: HdlcFrame, control: HdlcControl & { type: 'I' }): ServerStep[] {
    if (!this.outgoing.acknowledge(control.nr)) return [send(this.to(from, { type: 'FRMR', pf: true }))];
    const taken = this.incoming.take({ ns: control.ns, info, segmented }, false);
    if (typeof taken === 'string') {
      if (!control.pf) return [];
      // a request that came again because its answer was lost brings the answer again
      return taken === 'order' && !this.outgoing.isDone ? this.window(from) : [send(this.ready(from))];
    }
    const apdu = unwrapLlc(taken, 'command');
    return apdu === undefined
      ? [send(this.to(from, { type: 'FRMR', pf: true }))]
      : [{ kind: 'apdu', client: from[0]! >> 1, apdu }];
  }

  private ready(to: Uint8Array): Uint8Array {
    return this.to(to, { type: 'RR', nr: this.incoming.expected, pf: true });
  }

  private window(to: Uint8Array): { readonly kind: 'send'; readonly frame: Uint8Array }[] {
    const pieces = this.outgoing.window(this.limits.windowTransmit);
    return pieces.map(({ ns, info, segmented }, i) =>
      send(
        encodeFrame({
          segmented,
          to,
          from: this.own,
          control: { type: 'I', ns, nr: this.incoming.expected, pf: i === pieces.length - 1 },
          info,
        }),
      ),
    );
  }

  private to(to: Uint8Array, control: HdlcControl, info: Uint8Array = new Uint8Array(0)): Uint8Array {
    return encodeFrame({ segmented: false, to, from: this.own, control, info });
  }
}

const send = (frame: Uint8Array) => ({ kind: 'send', frame }) as const;
