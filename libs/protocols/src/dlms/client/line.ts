import { encodeWrapper, WrapperFramer } from '../../cosem/index.js';
import { ClientLink, HdlcFramer, type HdlcFrame, type LinkStep } from '../../hdlc/index.js';
import { tried } from '../fault.js';
import type { AssociationFault, ClientStep } from './step.js';
import type { ClientTransport } from './options.js';

export type LineStep =
  | Extract<ClientStep, { kind: 'send' | 'ignored' }>
  /** `waits`: the meter is not ready yet. */
  | { readonly kind: 'open' | 'closed' | 'waits' }
  /** `push`: not an answer. */
  | { readonly kind: 'apdu' | 'push'; readonly apdu: Uint8Array }
  | { readonly kind: 'lost'; readonly fault: AssociationFault };

/** What carries APDUs to a meter and back. */
export interface ClientLine {
  /** Forgets what was, and opens. */
  open(): LineStep[];
  /** Frame by frame, so that what follows from one is done before the next is looked at. */
  receive(chunk: Uint8Array): Iterable<LineStep>;
  /** What is to be sent after silence; nothing where the line has nothing to ask again. */
  timeout(): LineStep[];
  send(apdu: Uint8Array): LineStep[];
  close(): LineStep[];
}

export function clientLine(transport: ClientTransport): ClientLine {
  return transport.framing === 'hdlc' ? new HdlcLine(transport) : new WrapperLine(transport);
}

const bytes = (frame: Uint8Array): LineStep => ({ kind: 'send', bytes: frame });

class HdlcLine implements ClientLine {
  private readonly link: ClientLink;
  private framer: HdlcFramer;
  private frames: HdlcFrame[] = [];
  /** The DISC before the SNRM is on its way. */
  private isLettingGo = false;

  constructor(private readonly options: ClientTransport & { framing: 'hdlc' }) {
    this.link = new ClientLink(options);
    this.framer = this.newFramer();
  }

  open(): LineStep[] {
    this.framer = this.newFramer();
    this.isLettingGo = this.options.letGo ?? true;
    return [bytes(this.isLettingGo ? this.link.disconnect() : this.link.connect())];
  }

  *receive(chunk: Uint8Array): Iterable<LineStep> {
    this.frames = [];
    this.framer.push(chunk);
    yield* this.framed();
  }

  timeout(): LineStep[] {
    // behind the begin of a frame that never ended one may have come whole
    this.frames = [];
    this.framer.flush();
    const late = [...this.framed()];
    if (late.some(({ kind }) => kind !== 'ignored')) return late;
    if (!this.isLettingGo) return this.link.timeout().map(bytes);
    // a meter without a link need not answer a DISC
    this.isLettingGo = false;
    return [bytes(this.link.connect())];
  }

  send(apdu: Uint8Array): LineStep[] {
    return this.link.request(apdu).map(bytes);
  }

  close(): LineStep[] {
    this.isLettingGo = false;
    return [bytes(this.link.disconnect())];
  }

  private *framed(): Iterable<LineStep> {
    for (const frame of this.frames) for (const step of this.link.receive(frame)) yield this.lineStep(step);
  }

  private newFramer(): HdlcFramer {
    return new HdlcFramer((frame) => this.frames.push(frame));
  }

  private lineStep(step: LinkStep): LineStep {
    switch (step.kind) {
      case 'send':
        return bytes(step.frame);
      case 'connected':
        return { kind: 'open' };
      case 'disconnected':
        if (!this.isLettingGo) return { kind: 'closed' };
        this.isLettingGo = false;
        return bytes(this.link.connect());
      case 'refused':
        return { kind: 'lost', fault: { why: 'link', by: step.by } };
      default:
        return step;
    }
  }
}

class WrapperLine implements ClientLine {
  private steps: LineStep[] = [];
  private framer = this.newFramer();

  constructor(private readonly options: ClientTransport & { framing: 'wrapper' }) {}

  open(): LineStep[] {
    this.framer = this.newFramer();
    return [{ kind: 'open' }];
  }

  /** Throws SMX_PROTOCOL_APDU where the stream is none of this protocol. */
  receive(chunk: Uint8Array): LineStep[] {
    this.steps = [];
    if (this.options.datagrams !== true) this.framer.push(chunk);
    else if (tried('SMX_PROTOCOL_APDU', () => this.newFramer().push(chunk)) instanceof Error)
      this.steps.push({ kind: 'ignored', why: 'state' });
    return this.steps;
  }

  timeout(): LineStep[] {
    return [];
  }

  send(apdu: Uint8Array): LineStep[] {
    const { client, server } = this.options;
    return [bytes(encodeWrapper({ source: client, destination: server, apdu }))];
  }

  close(): LineStep[] {
    return [{ kind: 'closed' }];
  }

  private newFramer(): WrapperFramer {
    return new WrapperFramer(({ source, destination, apdu }) => {
      const { client, server } = this.options;
      const isOurs = source === server && destination === client;
      this.steps.push(isOurs ? { kind: 'apdu', apdu } : { kind: 'ignored', why: 'address' });
    });
  }
}
