import { encodeWrapper, WrapperFramer, type WrapperPdu } from '../../cosem/index.js';
import { HdlcFramer, ServerLink, type HdlcFrame } from '../../hdlc/index.js';
import type { DlmsServerOptions, MeterTransport } from './options.js';
import { MeterSession } from './session.js';

/** A meter on one line: bytes of clients in, bytes of answers out. Knows no clock; `drop` is its inactivity time. */
export class DlmsServer {
  private readonly sessions = new Map<number, MeterSession>();
  private readonly line: { receive(chunk: Uint8Array): Uint8Array[]; drop(): void };

  constructor({ transport, associations }: DlmsServerOptions) {
    for (const [client, terms] of associations) this.sessions.set(client, new MeterSession(terms));
    this.line = transport.framing === 'hdlc' ? this.hdlc(transport) : this.wrapper(transport);
  }

  /** Throws SMX_PROTOCOL_APDU for a stream that is no wrapper: the connection is to be closed. */
  receive(chunk: Uint8Array): Uint8Array[] {
    return this.line.receive(chunk);
  }

  /** The line is gone or was still for too long: link and associations are forgotten. */
  drop(): void {
    this.line.drop();
    for (const session of this.sessions.values()) session.reset();
  }

  private hdlc(transport: MeterTransport & { framing: 'hdlc' }): DlmsServer['line'] {
    const link = new ServerLink(transport);
    const frames: HdlcFrame[] = [];
    const newFramer = (): HdlcFramer => new HdlcFramer((frame) => frames.push(frame));
    let framer = newFramer();
    return {
      receive: (chunk) => {
        framer.push(chunk);
        return frames.splice(0).flatMap((frame) => this.framed(link, frame));
      },
      drop: () => {
        link.reset();
        framer = newFramer();
      },
    };
  }

  private framed(link: ServerLink, frame: HdlcFrame): Uint8Array[] {
    return link.receive(frame).flatMap((step) => {
      if (step.kind === 'send') return [step.frame];
      const session = this.sessions.get(step.client);
      if (step.kind === 'apdu') return (session?.answer(step.apdu) ?? []).flatMap((apdu) => link.answer(apdu));
      // a link that begins or ends takes the association with it
      session?.reset();
      return [];
    });
  }

  private wrapper({ server }: MeterTransport & { framing: 'wrapper' }): DlmsServer['line'] {
    const pdus: WrapperPdu[] = [];
    const newFramer = (): WrapperFramer => new WrapperFramer((pdu) => pdus.push(pdu));
    let framer = newFramer();
    return {
      receive: (chunk) => {
        framer.push(chunk);
        return pdus
          .splice(0)
          .filter(({ destination }) => destination === server)
          .flatMap(({ source, apdu }) =>
            (this.sessions.get(source)?.answer(apdu) ?? []).map((answer) =>
              encodeWrapper({ source: server, destination: source, apdu: answer }),
            ),
          );
      },
      drop: () => {
        framer = newFramer();
      },
    };
  }
}
