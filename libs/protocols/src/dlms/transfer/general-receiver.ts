import { decodeGeneralBlock, encodeGeneralBlock } from '../../cosem/index.js';
import { Assembly } from './assembly.js';

/** Windows in a row that bring nothing new. */
const MOST_STRAYS = 8;
const NOTHING = new Uint8Array(0);

export type GeneralOutcome =
  | { readonly send: Uint8Array }
  | { readonly apdu: Uint8Array }
  | { readonly fault: 'long' | 'empty' | 'lost' }
  /** More comes by itself, or the block was there already. */
  | 'more';

/** An APDU that comes in general blocks (Green Book §9.4.6.9): what is lost of a window is asked for again by acknowledging what came. */
export class GeneralReceiver {
  private assembly: Assembly | undefined;
  /** Of the blocks this side sends, which carry nothing but the acknowledgement. */
  private own = 0;
  private strays = 0;

  constructor(
    /** Blocks taken in a row, 1 to 63. */
    private readonly window: number,
    private readonly limit: number,
    /** Whether a first block ends what is not whole: of a sender that begins by itself. */
    private readonly beginsAnew = false,
  ) {}

  /** Whether an APDU has begun and is not whole. */
  get isWithin(): boolean {
    return this.assembly !== undefined;
  }

  reset(): void {
    this.assembly = undefined;
    this.own = 0;
    this.strays = 0;
  }

  /** Throws SMX_PROTOCOL_APDU. */
  take(bytes: Uint8Array): GeneralOutcome {
    const { block, data, last, streaming } = decodeGeneralBlock(bytes);
    if (this.beginsAnew && block === 1) this.reset();
    const assembly = (this.assembly ??= new Assembly(this.limit));
    if (block !== assembly.expected) {
      if (streaming) return 'more';
      return ++this.strays > MOST_STRAYS ? this.fault('lost') : { send: this.acknowledge() };
    }
    this.strays = 0;
    if (data.length === 0 && !last) return this.fault('empty');
    if (!assembly.add(data)) return this.fault('long');
    if (!last) return streaming ? 'more' : { send: this.acknowledge() };
    this.reset();
    return { apdu: assembly.whole() };
  }

  /** What came without a gap; also to be said again after silence. */
  acknowledge(): Uint8Array {
    this.own++;
    return encodeGeneralBlock({
      ...{ apdu: 'general-block-transfer', last: true, streaming: false, window: this.window },
      ...{ block: this.own & 0xffff, acknowledged: (this.assembly?.expected ?? 1) - 1, data: NOTHING },
    });
  }

  private fault(fault: 'long' | 'empty' | 'lost'): GeneralOutcome {
    this.reset();
    return { fault };
  }
}
