import { SmxError } from '@smx-edge/model';
import { decodeApdu, encodeRelease, type Apdu } from '../../cosem/index.js';
import { ApduCipher } from '../cipher.js';
import { protectionFault, tried } from '../fault.js';
import { GeneralReceiver } from '../transfer/general-receiver.js';
import type { Dialect } from './dialect.js';
import { clientLine, type ClientLine, type LineStep } from './line.js';
import { NameDialect } from './name-dialect.js';
import type { DlmsClientOptions } from './options.js';
import { ReadJob, type ReadOutcome } from './read-job.js';
import type { Reading } from './reading.js';
import { checkOptions, isBlind, isCiphered, isDatagrams } from './settings.js';
import { ShortNameDialect } from './short-name-dialect.js';
import { SignOn } from './sign-on.js';
import type { Agreement, AssociationFault, ClientStep, ReadFault } from './step.js';

const GENERAL_BLOCK = 0xe0;
const LONGEST_ANSWER = 1024 * 1024;
const LONGEST_LIST = 32;
/** Refused so often in a row, lists are asked no more: the meter says that it takes them, and does not. */
const MOST_REFUSALS = 3;
/** What ciphering adds to a request: tags, lengths, titles, header, tag. */
const CIPHER_OVERHEAD = 40;
/** Blocks in a row: one on a line of turns. */
const WINDOWS = { hdlc: 1, wrapper: 16 } as const;

export type ClientState = 'closed' | 'connecting' | 'associated' | 'reading' | 'releasing';

/**
 * The client's end of an association with one meter, read only: bytes of the line in, bytes and facts out. Knows no clock:
 * `timeout` tells what to do after silence. One read at a time. What a meter sends never throws; what `counter` throws comes
 * through.
 */
export class DlmsClient {
  private now: ClientState = 'closed';
  private readonly line: ClientLine;
  private readonly general: GeneralReceiver;
  private readonly dialect: Dialect;
  private cipher: ApduCipher | undefined;
  private signOn: SignOn | undefined;
  private wasProposed = false;
  private agreement: Agreement | undefined;
  private job: ReadJob | undefined;
  private readonly isDatagrams: boolean;
  /** Reads in a row whose lists were refused as a whole. */
  private refusals = 0;
  /** The request of a read that is under way, in plain. */
  private asked: Uint8Array | undefined;
  /** RLRQ is over, the link is being closed. */
  private isClosing = false;
  private silences = 0;

  /** Throws SMX_PROTOCOL_ENCODE for settings no association can begin with. */
  constructor(private readonly options: DlmsClientOptions) {
    checkOptions(options);
    const { transport, referencing, longestAnswer = LONGEST_ANSWER } = options;
    this.line = clientLine(transport);
    this.isDatagrams = isDatagrams(options);
    this.general = new GeneralReceiver(WINDOWS[transport.framing], longestAnswer);
    // so that a late answer of the association before is hardly ever that of the same number
    const before = this.isDatagrams ? options.challenge?.[0] : undefined;
    this.dialect = referencing === 'LN' ? new NameDialect(before) : new ShortNameDialect();
  }

  get state(): ClientState {
    return this.now;
  }

  /** Whether the meter was asked for an association, with what proves it, and not for a link alone. */
  get isProposed(): boolean {
    return this.wasProposed;
  }

  /** Highest counter of the meter that was seen, to be kept for the next association. */
  get meterCounter(): number | undefined {
    return this.cipher?.seen ?? this.options.security?.meterCounter;
  }

  /** Begins: link, AARQ and proofs follow by themselves until `associated` or `fault`. Once for each client. */
  connect(): ClientStep[] {
    if (this.signOn !== undefined) refuse('a client serves one association; make another for the next');
    const { security, title, meterTitle } = this.options;
    if (security !== undefined && title !== undefined && isCiphered(this.options))
      this.cipher = new ApduCipher(security, { own: title, other: meterTitle, last: security.meterCounter });
    this.signOn = new SignOn(this.options, this.cipher);
    this.now = 'connecting';
    return this.lined(this.line.open());
  }

  receive(chunk: Uint8Array): ClientStep[] {
    if (this.now === 'closed') return [];
    const steps = tried('SMX_PROTOCOL_APDU', () => this.lined(this.heard(chunk)));
    return steps instanceof Error ? this.fault({ why: 'malformed', detail: steps.message }) : steps;
  }

  /** The line was silent for as long as the meter may take. */
  timeout(): ClientStep[] {
    if (this.now === 'closed' || this.now === 'associated') return [];
    if (this.now === 'releasing') return this.isClosing ? this.released() : this.close();
    if (++this.silences > this.patience()) return this.fault({ why: 'silent' });
    const again = this.line.timeout();
    // with a counter of its own: the meter may have taken the first, and its answer is what was lost
    if (this.isDatagrams && this.asked !== undefined && !this.general.isWithin) return this.sent(this.asked);
    // a line that asks nothing again may have lost blocks
    return again.length === 0 && this.general.isWithin
      ? this.lined(this.line.send(this.general.acknowledge()))
      : this.lined(again);
  }

  /** Reads attributes, in lists and blocks as the meter can. Throws SMX_PROTOCOL_ENCODE unless `associated`. */
  read(readings: readonly Reading[]): ClientStep[] {
    const { agreement } = this;
    if (this.now !== 'associated' || agreement === undefined) refuse('a meter is read once at a time, when associated');
    if (readings.length === 0) return [{ kind: 'answer', results: [] }];
    const { longestList = LONGEST_LIST, longestAnswer = LONGEST_ANSWER } = this.options;
    const { conformance, maxPdu } = agreement;
    const room = maxPdu === 0 ? Infinity : maxPdu - (this.cipher === undefined ? 0 : CIPHER_OVERHEAD);
    const list = conformance.has('multiple-references') && this.refusals < MOST_REFUSALS ? longestList : 1;
    const job = new ReadJob(readings, this.dialect, { list, request: room, answer: longestAnswer, doubles: this.isDatagrams }); // prettier-ignore
    const request = job.begin();
    this.job = job;
    this.now = 'reading';
    this.silences = 0;
    return this.asks(request);
  }

  /** Ends the association and the link; from a read that is under way the link alone. */
  release(): ClientStep[] {
    if (this.now === 'closed') return [{ kind: 'released' }];
    const canAsk = this.now === 'associated';
    this.now = 'releasing';
    this.silences = 0;
    this.job = undefined;
    return canAsk ? this.lined(this.line.send(encodeRelease({ apdu: 'rlrq', reason: 0 }))) : this.close();
  }

  /** Silences that are borne: where nothing can be asked again, as an AARQ in a datagram may not, none. */
  private patience(): number {
    const { silences } = this.options;
    if (!this.isDatagrams) return this.now === 'reading' && isBlind(this.options) ? 0 : (silences ?? 3);
    return this.now === 'reading' ? (silences ?? 2) : 0;
  }

  private *heard(chunk: Uint8Array): Iterable<LineStep> {
    for (const step of this.line.receive(chunk)) {
      if (step.kind !== 'ignored') this.silences = 0;
      yield step;
    }
  }

  private lined(steps: Iterable<LineStep>): ClientStep[] {
    const done: ClientStep[] = [];
    for (const step of steps) {
      if (this.now === 'closed') break;
      done.push(...this.step(step));
    }
    return done;
  }

  private step(step: LineStep): ClientStep[] {
    switch (step.kind) {
      case 'open':
        return this.now === 'connecting' ? this.proposes() : [];
      case 'waits':
        return [];
      case 'closed':
        return this.now === 'releasing' ? this.released() : this.fault({ why: 'link', by: 'closed' });
      case 'lost':
        return this.now === 'releasing' ? this.released() : this.fault(step.fault);
      case 'push':
        return this.pushed(step.apdu);
      case 'apdu':
        return this.apdu(step.apdu);
      default:
        return [step];
    }
  }

  private proposes(): ClientStep[] {
    this.wasProposed = true;
    return this.lined(this.line.send(this.signOn!.begin()));
  }

  private apdu(apdu: Uint8Array): ClientStep[] {
    // whatever answers a release, a wrong RLRE too, has released
    if (this.now === 'releasing') return this.isClosing ? [] : this.close();
    if (apdu[0] !== GENERAL_BLOCK) return this.whole(apdu);
    const outcome = tried('SMX_PROTOCOL_APDU', () => this.general.take(apdu));
    if (outcome instanceof Error) return this.fault({ why: 'malformed', detail: outcome.message });
    if (outcome === 'more') return [];
    if ('send' in outcome) return this.lined(this.line.send(outcome.send));
    if ('apdu' in outcome) return this.whole(outcome.apdu);
    const limit = this.options.longestAnswer ?? LONGEST_ANSWER;
    return outcome.fault === 'long'
      ? this.failed({ why: 'long', limit })
      : this.failed({ why: 'mismatch', detail: `general blocks were ${outcome.fault}` });
  }

  /** An APDU as it came, once it is whole. */
  private whole(bytes: Uint8Array): ClientStep[] {
    const plain = this.plain(bytes);
    if ('fault' in plain) return this.unopened(plain.fault);
    const apdu = tried('SMX_PROTOCOL_APDU', () => decodeApdu(plain.plain));
    if (apdu instanceof Error) {
      const detail = apdu.message;
      return this.job === undefined
        ? this.fault({ why: 'malformed', detail })
        : this.went(this.job.takeMalformed(detail));
    }
    if (apdu.apdu === 'data-notification') return [{ kind: 'push', notification: apdu }];
    if (this.isDatagrams && this.isOfDouble(apdu)) return [{ kind: 'ignored', why: 'order' }];
    if (this.now === 'connecting') return this.signedOn(apdu);
    return this.now === 'reading' ? this.answered(apdu) : [{ kind: 'ignored', why: 'state' }];
  }

  /** Keys that opened an answer fit: what they do not open later was changed on its way, or is of another. */
  private unopened(fault: AssociationFault): ClientStep[] {
    const isDouble = fault.why === 'meter-counter-fallen';
    const isForged = fault.why === 'wrong-key' && this.now !== 'connecting';
    // a datagram may be of anybody
    if (this.isDatagrams && (isDouble || isForged)) return [{ kind: 'ignored', why: isDouble ? 'order' : 'state' }];
    return this.fault(isForged ? { why: 'forged', detail: fault.detail } : fault);
  }

  /** What a datagram that came twice leads to: an answer of the sign-on, or that the meter knew its counter. */
  private isOfDouble(apdu: Apdu): boolean {
    if (this.now === 'connecting') return this.signOn!.isOfDouble(apdu);
    if (this.now !== 'reading') return false;
    if (apdu.apdu === 'exception-response') return protectionFault(apdu)?.why === 'counter-fallen';
    return apdu.apdu === 'aare' || apdu.apdu === 'action-response';
  }

  private pushed(bytes: Uint8Array): ClientStep[] {
    const plain = this.plain(bytes);
    if ('fault' in plain) return [{ kind: 'ignored', why: 'state' }];
    const apdu = tried('SMX_PROTOCOL_APDU', () => decodeApdu(plain.plain));
    return apdu instanceof Error || apdu.apdu !== 'data-notification'
      ? [{ kind: 'ignored', why: 'state' }]
      : [{ kind: 'push', notification: apdu }];
  }

  private plain(bytes: Uint8Array): { readonly plain: Uint8Array } | { readonly fault: AssociationFault } {
    return this.cipher?.open(bytes) ?? { plain: bytes };
  }

  private signedOn(apdu: Apdu): ClientStep[] {
    const outcome = this.signOn!.take(apdu);
    if ('fault' in outcome) return this.fault(outcome.fault);
    if ('send' in outcome) return this.sent(outcome.send);
    this.agreement = outcome.agreement;
    this.now = 'associated';
    return [{ kind: 'associated', agreement: outcome.agreement }];
  }

  private answered(apdu: Apdu): ClientStep[] {
    const fault = apdu.apdu === 'exception-response' ? protectionFault(apdu) : undefined;
    if (fault !== undefined) return this.fault(fault);
    if (apdu.apdu === 'rlre' || apdu.apdu === 'aare')
      return this.fault({ why: 'malformed', detail: `${apdu.apdu} in place of an answer` });
    return this.went(this.job!.take(apdu));
  }

  private went(outcome: ReadOutcome): ClientStep[] {
    if (outcome === 'other') return [{ kind: 'ignored', why: 'invoke' }];
    if ('fault' in outcome) return this.failed(outcome.fault);
    if ('send' in outcome) return this.asks(outcome.send);
    this.finish();
    return [{ kind: 'answer', results: outcome.results }];
  }

  private asks(request: Uint8Array): ClientStep[] {
    this.asked = request;
    return this.sent(request);
  }

  private sent(apdu: Uint8Array): ClientStep[] {
    return this.lined(this.line.send(this.cipher?.protect(apdu) ?? apdu));
  }

  private failed(fault: ReadFault): ClientStep[] {
    if (this.now !== 'reading') return this.fault({ why: 'malformed', detail: `blocks of no answer: ${fault.why}` });
    this.finish();
    return [{ kind: 'failed', fault }];
  }

  private finish(): void {
    const isRefused = this.job?.isListRefused;
    if (isRefused !== undefined) this.refusals = isRefused ? this.refusals + 1 : 0;
    this.job = undefined;
    this.asked = undefined;
    this.general.reset();
    this.now = 'associated';
  }

  private close(): ClientStep[] {
    this.isClosing = true;
    return this.lined(this.line.close());
  }

  private released(): ClientStep[] {
    this.now = 'closed';
    return [{ kind: 'released' }];
  }

  private fault(fault: AssociationFault): ClientStep[] {
    this.now = 'closed';
    this.job = undefined;
    return [{ kind: 'fault', fault }];
  }
}

function refuse(why: string): never {
  throw new SmxError('SMX_PROTOCOL_ENCODE', `The meter cannot be asked now: ${why}`);
}
