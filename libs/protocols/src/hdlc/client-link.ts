import { SmxError } from '@smx-edge/model';
import { decodeAddress, encodeAddress, type AddressSize, type HdlcAddress } from './address.js';
import type { HdlcControl } from './control.js';
import { encodeFrame, type HdlcFrame } from './frame.js';
import { Incoming } from './incoming.js';
import { unwrapLlc, wrapLlc } from './llc.js';
import { agree, decodeLimits, DEFAULT_LIMITS, encodeLimits, type LinkLimits } from './negotiation.js';
import { Outgoing } from './outgoing.js';

export interface ClientLinkOptions {
  /** SAP of the client, 1 to 127. */
  readonly client: number;
  readonly server: HdlcAddress;
  /** Default 1, or 4 where the server has a physical device. */
  readonly serverSize?: AddressSize;
  /** What is asked for; default 128 bytes, window 1. */
  readonly limits?: LinkLimits;
  /** For meters that pin N(S) or never raise N(R). Default false. */
  readonly lenientSequence?: boolean;
}

/** What came of a frame, in the order in which it is to be done. */
export type LinkStep =
  | { readonly kind: 'send'; readonly frame: Uint8Array }
  | { readonly kind: 'connected'; readonly limits: LinkLimits }
  | { readonly kind: 'disconnected' }
  /** The meter wants no link, or gave this one up. */
  | { readonly kind: 'refused'; readonly by: 'DM' | 'FRMR' | 'RNR' | 'RR' | 'order' | 'limits' | 'llc' | 'length' }
  /** The meter is not ready: the next silence polls it. */
  | { readonly kind: 'waits' }
  | { readonly kind: 'apdu'; readonly apdu: Uint8Array }
  /** The meter spoke unasked: a UI frame with an APDU. */
  | { readonly kind: 'push'; readonly apdu: Uint8Array }
  /** Not for this link, or its own frame come back from an optical head. */
  | { readonly kind: 'ignored'; readonly why: 'echo' | 'address' | 'order' | 'state' };

/** Two windows. */
const MOST_ECHOES = 14;
/** Frames in a row that bring a request no further: a meter that is not ready, takes nothing, or says the same again. */
const MOST_WAITS = 24;

type State = 'disconnected' | 'connecting' | 'connected' | 'disconnecting';

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

/**
 * The primary station's end of an HDLC link (IEC 62056-46 §6.4, class of procedures UNC): one request at a time, cut into
 * segments as the meter can take them, the answer put together. Knows no clock: `timeout` tells what to send after silence.
 */
export class ClientLink {
  private state: State = 'disconnected';
  private limits: LinkLimits = DEFAULT_LIMITS;
  private readonly asked: LinkLimits;
  private readonly own: Uint8Array;
  private readonly other: Uint8Array;
  private readonly isLenient: boolean;
  private readonly outgoing = new Outgoing();
  private readonly incoming = new Incoming();
  /** Silences in a row. */
  private silences = 0;
  private waits = 0;
  /** Of a line that gives back what is sent, and what it has not given back yet; where the addresses do not tell. */
  private echoes = false;
  private sent: Uint8Array[] = [];

  constructor({ client, server, serverSize, limits = DEFAULT_LIMITS, lenientSequence = false }: ClientLinkOptions) {
    this.own = encodeAddress({ upper: client }, 1);
    this.other = encodeAddress(server, serverSize ?? (server.lower === undefined ? 1 : 4));
    this.asked = limits;
    this.isLenient = lenientSequence;
  }

  get isConnected(): boolean {
    return this.state === 'connected';
  }

  /** SNRM, always with parameters: there are meters that refuse it without. */
  connect(): Uint8Array {
    this.state = 'connecting';
    this.restart();
    return this.frame({ type: 'SNRM', pf: true }, encodeLimits(this.asked));
  }

  /** DISC; also before the first SNRM, so that a meter lets go of a link that was cut. */
  disconnect(): Uint8Array {
    this.state = 'disconnecting';
    this.restart();
    return this.frame({ type: 'DISC', pf: true });
  }

  /** The first frames of a request. Throws SMX_PROTOCOL_ENCODE where there is no link, or a request is on its way. */
  request(apdu: Uint8Array): Uint8Array[] {
    if (this.state !== 'connected' || !this.outgoing.isDone)
      throw new SmxError('SMX_PROTOCOL_ENCODE', 'An HDLC link takes one request at a time, once it is connected');
    this.outgoing.load(wrapLlc(apdu, 'command'), this.limits.infoTransmit);
    this.incoming.forget();
    this.silences = this.waits = 0;
    return this.window();
  }

  /** What to send after silence: the link's own question again, else a poll, and every second time the request itself. */
  timeout(): Uint8Array[] {
    if (this.state === 'connecting') return [this.connect()];
    if (this.state === 'disconnecting') return [this.disconnect()];
    if (this.state === 'disconnected') return [];
    this.silences++;
    return this.silences % 2 === 0 && !this.outgoing.isDone ? this.window() : [this.ready()];
  }

  /** Takes one frame of the line. */
  receive(frame: HdlcFrame): LinkStep[] {
    const { control, to, from } = frame;
    if (this.isEcho(frame)) return [{ kind: 'ignored', why: 'echo' }];
    if (control.type === 'UI') return this.pushed(frame);
    if (!same(to, this.own) || !same(from, this.other)) return [{ kind: 'ignored', why: 'address' }];
    this.silences = 0;
    if (this.state === 'connecting') return this.whileConnecting(frame);
    if (this.state === 'disconnecting') return this.whileDisconnecting(control);
    if (this.state === 'disconnected') return [{ kind: 'ignored', why: 'state' }];
    switch (control.type) {
      case 'I':
        return this.answered(frame, control);
      case 'RR':
        return this.readyFor(control.nr);
      case 'RNR':
        return this.acknowledged(control.nr) ?? this.stuck('RNR') ?? [{ kind: 'waits' }];
      case 'DM':
      case 'FRMR':
        return this.refused(control.type);
      default:
        return [{ kind: 'ignored', why: 'state' }];
    }
  }

  /** Where both ends have the same address only a line that gave an SNRM or DISC back is one that gives all back. */
  private isEcho(frame: HdlcFrame): boolean {
    const { control, to, from } = frame;
    if (!same(from, this.own) || !same(to, this.other)) return false;
    if (!same(this.own, this.other)) return true;
    const { type } = control;
    if (type === 'SNRM' || type === 'DISC') this.echoes = true;
    if (!this.echoes || type === 'SNRM' || type === 'DISC') return this.echoes;
    const bytes = encodeFrame(frame);
    const at = this.sent.findIndex((one) => same(one, bytes));
    if (at >= 0) this.sent.splice(0, at + 1);
    return at >= 0;
  }

  private whileConnecting({ control, info }: HdlcFrame): LinkStep[] {
    if (control.type === 'DM') return this.refused('DM');
    if (control.type !== 'UA') return [{ kind: 'ignored', why: 'state' }];
    const other = decodeLimits(info);
    if (other === undefined) return this.refused('limits');
    this.limits = agree(this.asked, other);
    this.state = 'connected';
    return [{ kind: 'connected', limits: this.limits }];
  }

  private whileDisconnecting({ type }: HdlcControl): LinkStep[] {
    // parameters in it mean nothing here; DM says that there was no link
    if (type !== 'UA' && type !== 'DM') return [{ kind: 'ignored', why: 'state' }];
    this.state = 'disconnected';
    return [{ kind: 'disconnected' }];
  }

  private answered({ info, segmented }: HdlcFrame, control: HdlcControl & { type: 'I' }): LinkStep[] {
    const fault = this.acknowledged(control.nr);
    if (fault !== undefined) return fault;
    const taken = this.incoming.take({ ns: control.ns, info, segmented }, this.isLenient);
    if (taken === 'long') return this.refused('length');
    if (taken === 'order') {
      const ignored: LinkStep = { kind: 'ignored', why: 'order' };
      return control.pf ? (this.stuck('order') ?? [ignored, send(this.ready())]) : [ignored];
    }
    this.waits = 0;
    if (taken === 'more') return control.pf ? [send(this.ready())] : [];
    this.outgoing.finish();
    const apdu = unwrapLlc(taken, 'response');
    return apdu === undefined ? this.refused('llc') : [{ kind: 'apdu', apdu }];
  }

  private readyFor(nr: number): LinkStep[] {
    const { left } = this.outgoing;
    const fault = this.acknowledged(nr) ?? (left > 0 && this.outgoing.left === left ? this.stuck('RR') : undefined);
    return fault ?? this.window().map(send);
  }

  /** Undefined while it may still go on: two ends that repeat themselves would do so for as long as the line is there. */
  private stuck(by: 'RNR' | 'RR' | 'order'): LinkStep[] | undefined {
    return ++this.waits > MOST_WAITS ? this.refused(by) : undefined;
  }

  /** Undefined where the number is right. */
  private acknowledged(nr: number): LinkStep[] | undefined {
    if (this.isLenient) {
      this.outgoing.acknowledgeAll();
      return undefined;
    }
    // of a frame that was under way for longer than the silence: what it would mean is known already
    return this.outgoing.acknowledge(nr) ? undefined : [{ kind: 'ignored', why: 'order' }];
  }

  private pushed({ to, from, info }: HdlcFrame): LinkStep[] {
    const { upper } = decodeAddress(to, 0, to.length as AddressSize);
    // of this meter, to this client or to all
    if (!same(from, this.other) || (!same(to, this.own) && upper !== 0x7f))
      return [{ kind: 'ignored', why: 'address' }];
    const apdu = unwrapLlc(info, 'response') ?? unwrapLlc(info, 'command');
    return apdu === undefined ? [{ kind: 'ignored', why: 'state' }] : [{ kind: 'push', apdu }];
  }

  private refused(by: (LinkStep & { kind: 'refused' })['by']): LinkStep[] {
    this.state = 'disconnected';
    this.restart();
    return [{ kind: 'refused', by }];
  }

  private restart(): void {
    this.sent = [];
    this.outgoing.reset();
    this.incoming.reset();
    this.silences = 0;
  }

  private ready(): Uint8Array {
    return this.frame({ type: 'RR', nr: this.incoming.expected, pf: true });
  }

  /** The last frame of a window asks for the answer. */
  private window(): Uint8Array[] {
    const pieces = this.outgoing.window(this.limits.windowTransmit);
    return pieces.map(({ ns, info, segmented }, i) =>
      this.frame({ type: 'I', ns, nr: this.incoming.expected, pf: i === pieces.length - 1 }, info, segmented),
    );
  }

  private frame(control: HdlcControl, info: Uint8Array = new Uint8Array(0), segmented = false): Uint8Array {
    const bytes = encodeFrame({ segmented, to: this.other, from: this.own, control, info });
    if (this.echoes && this.sent.push(bytes) > MOST_ECHOES) this.sent.shift();
    return bytes;
  }
}

const send = (frame: Uint8Array): LinkStep => ({ kind: 'send', frame });
