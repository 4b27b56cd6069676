import type { Clock, Log } from '@smx-edge/model';
import type { DlmsServer } from '@smx-edge/protocols/dlms';
import type { IecServer, ServerStep } from '@smx-edge/protocols/iec62056-21';
import { answersOf } from '../dlms-meter/index.js';
import { AnswerLine, type FaultBook, type Wire, type WireEnd } from '../line/index.js';
import type { IecFault } from './line-faults.js';
import { misheard } from './wrong-speed.js';

const [STX, NAK] = [0x02, 0x15];
const SLASH = 0x2f;
const SEVEN_BITS = 0x7f;
/** After so long without a byte the HDLC of a mode E meter lets go of its reader, ms. */
const INACTIVITY = 120_000;
/** The reader expects what is said at half the speed (fault `baud`). */
const RATIO = 2;

export interface LineEndOptions {
  readonly wire: Wire;
  /** All on this line, by their addresses. */
  readonly meters: readonly IecServer[];
  /** What a reader meets who chose mode E. */
  readonly hdlc: readonly DlmsServer[];
  /** ms between what a meter hears and its answer, where the line has a speed. */
  readonly reaction: number;
  /** Baud at first; 0 = as fast as it goes. */
  readonly baud: number;
  readonly faults: FaultBook<IecFault>;
  readonly clock: Clock;
  readonly log: Log;
  /** The power fails now, for so many ms. */
  fail(ms: number): void;
}

/** The meters' end of one line: what a reader sends in, answers out at the speed of the line, with what is wrong with it. */
export class LineEnd implements WireEnd {
  private readonly line: AnswerLine<IecFault>;
  private isHdlc = false;

  constructor(private readonly o: LineEndOptions) {
    this.line = new AnswerLine<IecFault>({ ...o, take: (chunk) => this.take(chunk) });
  }

  get bytes(): number {
    return this.line.bytes;
  }

  receive(chunk: Uint8Array): void {
    this.line.receive(chunk);
  }

  drop(): void {
    this.line.drop();
    this.signOff();
    for (const meter of this.o.meters) meter.drop();
  }

  /** What a meter of mode D says by itself; nothing while it still speaks. */
  push(): void {
    if (this.line.isBusy) return;
    for (const meter of this.o.meters) this.act([meter.push()]);
  }

  private signOff(): void {
    if (this.isHdlc) for (const server of this.o.hdlc) server.drop();
    this.isHdlc = false;
    this.line.speed(this.o.baud);
  }

  private take(chunk: Uint8Array): void {
    // a frame begins with a flag, so what begins so is a reader that signs on again
    if (this.isHdlc && (chunk[0]! & SEVEN_BITS) === SLASH) this.signOff();
    if (this.isHdlc) this.takeFrames(chunk);
    else this.act(this.o.meters.map((meter) => meter.receive(chunk)));
  }

  private takeFrames(chunk: Uint8Array): void {
    const answers = answersOf(this.o.hdlc, chunk, this.o.log);
    if (answers === undefined) this.o.wire.hangUp();
    else for (const bytes of answers) this.line.reply(bytes);
    this.line.whenStill(INACTIVITY, () => this.signOff());
  }

  /** What all meters of the line do; two who speak at once hear each other's bits. */
  private act(all: readonly (readonly ServerStep[])[]): void {
    const [first = [], ...others] = all.filter((steps) => steps.some(({ kind }) => kind === 'send'));
    const silent = all.filter((steps) => steps !== first && !others.includes(steps));
    for (const step of [...silent.flat(), ...first]) {
      if (step.kind === 'speed') this.line.speed(step.baud);
      else if (step.kind === 'hdlc') this.isHdlc = true;
      else this.say(others.reduce((bytes, steps) => collided(bytes, steps), step.bytes));
    }
    this.awaitReader();
  }

  private awaitReader(): void {
    const patience = Math.min(...this.o.meters.map((meter) => meter.patience ?? Infinity));
    if (!Number.isFinite(patience)) return;
    this.line.whenStill(patience, () => this.act(this.o.meters.map((meter) => (meter.patience === undefined ? [] : meter.timeout())))); // prettier-ignore
  }

  private say(answer: Uint8Array): void {
    const isBlock = (answer[0]! & SEVEN_BITS) === STX;
    this.line.reply(answer, {
      pause: this.o.reaction,
      fits: (kind) => isBlock || (kind !== 'check' && kind !== 'nak'),
      spoil: (bytes, struck) => {
        const said = struck.has('nak') ? Uint8Array.of(NAK) : Uint8Array.from(bytes);
        // one bit other than the check of what came before it
        if (struck.has('check') && !struck.has('nak')) said[said.length - 1]! ^= 1;
        const shown = struck.has('parity') ? said : said.map((byte) => byte & SEVEN_BITS);
        return struck.has('baud') ? misheard(shown, RATIO) : shown;
      },
    });
  }
}

/** Current loops carry a mark only where all let it through. */
function collided(bytes: Uint8Array, steps: readonly ServerStep[]): Uint8Array {
  const other = steps.find((step) => step.kind === 'send');
  return other?.kind === 'send' ? bytes.map((byte, i) => byte & (other.bytes[i] ?? 0xff)) : bytes;
}
