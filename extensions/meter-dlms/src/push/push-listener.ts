import type { Line, SmxContext } from '@smx-edge/extension-api';
import { describeError, isSmxError, SmxError } from '@smx-edge/model';
import { encodeWrapper, WrapperFramer, type DataNotification, type WrapperPdu } from '@smx-edge/protocols/cosem';
import { PushReceiver } from '@smx-edge/protocols/dlms';
import { CounterMemory } from '../line/counter-memory.js';
import { faultError } from '../line/faults.js';
import { isUdp, type DlmsConfig, type MeterSettings } from '../settings.js';
import { PeerBlocks, type TakePush } from './peer-blocks.js';

/** How far the counter of a meter is is written down at most so often, ms. */
const SAVED = 60_000;
/** A meter that keeps its connection and sends nothing for so long, or for three of its intervals, has lost it, ms. */
const IDLE = 600_000;

export interface PushListenerOptions {
  readonly smx: Pick<SmxContext<DlmsConfig>, 'listen' | 'state' | 'log' | 'now'>;
  readonly meter: MeterSettings;
  readonly source: string;
  taken(notification: DataNotification): void;
  /** A push that was not taken, in a sentence. */
  refused(why: string): void;
}

/** Waits for what a meter pushes by the wrapper, over TCP or UDP. With keys nothing is taken that they do not prove. */
export class PushListener {
  private readonly memory: CounterMemory | undefined;
  private receiver: PushReceiver | undefined;

  constructor(private readonly o: PushListenerOptions) {
    const { smx, meter } = o;
    if (meter.security !== undefined)
      this.memory = new CounterMemory({ state: smx.state, key: `push:${meter.device}`, meter, every: SAVED });
  }

  /** Ends with the instance. */
  async run(): Promise<void> {
    const { smx, source, meter } = this.o;
    const { security, push } = meter;
    const kept = await this.memory?.load();
    // a title that the config gives goes before one that was met
    const isAnother = push?.title !== undefined && kept !== undefined && Buffer.compare(push.title, kept.title) !== 0;
    this.receiver = new PushReceiver({
      ...(!isAnother && kept),
      ...(push?.title !== undefined && { title: push.title }),
      ...(security && { security: { keys: security.keys, encrypted: security.protection.encrypted } }),
    });
    const idle = Math.max(IDLE, 3 * (push?.every ?? 0));
    for await (const line of smx.listen(source, { idle }).lines) void this.peer(line, this.receiver);
  }

  /** Writes down how far the meter's counter is. */
  async stop(): Promise<void> {
    await this.memory?.save();
  }

  /** What comes of one connection, or of one sender of datagrams. */
  private async peer(line: Line, receiver: PushReceiver): Promise<void> {
    const blocks = new PeerBlocks(receiver);
    const pdus: WrapperPdu[] = [];
    const stream = isUdp(this.o.source) ? undefined : new WrapperFramer((pdu) => pdus.push(pdu));
    try {
      for await (const chunk of line) {
        if (stream !== undefined) stream.push(chunk);
        else this.datagram(line, chunk, pdus);
        for (const pdu of pdus.splice(0)) await this.take(line, pdu, blocks.of(pdu.source));
      }
    } catch (error) {
      this.failed(line, error);
      await line.close();
    }
  }

  /** Holds whole PDUs: what is left over belongs to no other. */
  private datagram(line: Line, chunk: Uint8Array, pdus: WrapperPdu[]): void {
    try {
      const framer = new WrapperFramer((pdu) => pdus.push(pdu));
      framer.push(chunk);
      if (framer.isWithin) throw new SmxError('SMX_PROTOCOL_APDU', 'A datagram holds less than it says');
    } catch (error) {
      this.failed(line, error);
    }
  }

  private async take(line: Line, pdu: WrapperPdu, take: TakePush): Promise<void> {
    const outcome = take(pdu.apdu);
    if (outcome === 'more') return;
    if ('send' in outcome) {
      const { source: destination, destination: source } = pdu;
      await line.write(encodeWrapper({ source, destination, apdu: outcome.send }));
      return;
    }
    line.frame('refused' in outcome ? 'bad' : 'ok');
    if ('refused' in outcome) {
      this.o.refused(faultError(outcome.refused).message);
      return;
    }
    const { title, counter } = this.receiver!;
    if (title !== undefined && counter !== undefined) await this.memory?.heard({ title, counter }, this.o.smx.now());
    this.o.taken(outcome.notification);
  }

  private failed(line: Line, error: unknown): void {
    line.frame('bad');
    const text = isSmxError(error) ? error.message : describeError(error);
    this.o.smx.log.warn('a push could not be taken', { error: text });
    this.o.refused(text);
  }
}
