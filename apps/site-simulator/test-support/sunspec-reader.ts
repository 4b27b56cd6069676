import { openModbus } from '@smx-edge/extension-api/modbus';
import { silentLog, systemClock } from '@smx-edge/model';
import { ChainWalk, decodeModel, encodeWrite, type Chain, type Decoded } from '@smx-edge/protocols/sunspec';

/** A reader of one host on a real connection; every request is sent for itself. */
export class SunSpecReader {
  private readonly link: ReturnType<typeof openModbus>;

  constructor(source: string, timeout = 5000) {
    this.link = openModbus(source, { log: silentLog, clock: systemClock, timeout });
  }

  close(): Promise<void> {
    return this.link.close();
  }

  async chain(unit: number): Promise<Chain> {
    const walk = new ChainWalk();
    for (let range = walk.next; range !== undefined; range = walk.next)
      walk.answer(
        await this.link
          .unit(unit)
          .read(range)
          .catch(() => undefined),
      );
    if (walk.chain === undefined) throw new Error(`unit ${unit} has no chain`);
    return walk.chain;
  }

  words(unit: number, address: number, count: number): Promise<number[]> {
    return this.link.unit(unit).read({ address, count });
  }

  /** A model where the chain has it; rejects where it is there no more. */
  async model(unit: number, chain: Chain, id: number): Promise<Decoded> {
    const place = chain.models.find((each) => each.id === id);
    if (place === undefined) throw new Error(`no model ${id}`);
    const [words] = await this.link.unit(unit).readAll([{ address: place.address, count: 2 + place.length }]);
    const decoded = decodeModel(place, words ?? []);
    if ('fault' in decoded) throw new Error(decoded.fault);
    return decoded;
  }

  /** Numbers and texts of a model's own fields. */
  async values(unit: number, chain: Chain, id: number): Promise<Record<string, number | string | null>> {
    const { fields } = await this.model(unit, chain, id);
    return Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));
  }

  async write(unit: number, chain: Chain, [id, values]: readonly [number, Record<string, number>]): Promise<void> {
    const place = chain.models.find((each) => each.id === id)!;
    const words = await this.words(unit, place.address, 2 + place.length);
    const { address, words: written } = encodeWrite(place, words, values);
    await this.link.unit(unit).write(address, written);
  }

  raw(unit: number, address: number, words: readonly number[]): Promise<void> {
    return this.link.unit(unit).write(address, words);
  }
}
