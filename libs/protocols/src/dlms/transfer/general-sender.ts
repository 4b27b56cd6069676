import { encodeGeneralBlock, type GeneralBlock } from '../../cosem/index.js';

/** An APDU that goes in general blocks, as many in a row as the other end has said it takes. */
export class GeneralSender {
  private readonly count: number;

  constructor(
    private readonly apdu: Uint8Array,
    /** Bytes of a block. */
    private readonly size: number,
  ) {
    this.count = Math.max(1, Math.ceil(apdu.length / size));
  }

  /** The first block; how many the other end takes is not known yet. */
  begin(): Uint8Array[] {
    return this.blocks(1, { window: 1, acknowledged: 0 });
  }

  /** What follows an acknowledgement, from the first block that was lost; nothing where all has come. */
  take({ acknowledged, window, block }: GeneralBlock): Uint8Array[] {
    return this.blocks(acknowledged + 1, { window: Math.max(1, window), acknowledged: block });
  }

  private blocks(first: number, { window, acknowledged }: { window: number; acknowledged: number }): Uint8Array[] {
    const end = Math.min(first + window - 1, this.count);
    const blocks: Uint8Array[] = [];
    for (let block = first; block <= end; block++)
      blocks.push(
        encodeGeneralBlock({
          ...{ apdu: 'general-block-transfer', last: block === this.count, streaming: block < end, window: 1 },
          ...{ block, acknowledged, data: this.apdu.subarray((block - 1) * this.size, block * this.size) },
        }),
      );
    return blocks;
  }
}
