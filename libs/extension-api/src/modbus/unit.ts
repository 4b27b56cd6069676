import { SmxError } from '@smx-edge/model';
import { MOST_READ, MOST_WRITTEN, requestsFor, wordsOf } from './blocks.js';
import type { Request } from './client.js';
import type { ModbusUnit, RegisterBlock, RegisterTable } from './types.js';

const REGISTERS = 65_536;

/** One unit of a link, with every request checked before it is sent. */
export class LinkUnit implements ModbusUnit {
  constructor(
    readonly unit: number,
    private readonly submit: (request: Request) => Promise<number[]>,
  ) {}

  async read(block: RegisterBlock, table: RegisterTable = 'holding'): Promise<number[]> {
    check(block, MOST_READ);
    return this.submit({ kind: 'read', unit: this.unit, block, table });
  }

  async readAll(blocks: readonly RegisterBlock[], table: RegisterTable = 'holding'): Promise<number[][]> {
    for (const block of blocks) check(block, REGISTERS);
    const requests = requestsFor(blocks);
    const answers: number[][] = [];
    for (const block of requests) answers.push(await this.read(block, table));
    return blocks.map((block) => wordsOf(block, requests, answers));
  }

  async write(address: number, words: readonly number[]): Promise<void> {
    check({ address, count: words.length }, MOST_WRITTEN);
    const wrong = words.find((word) => !Number.isInteger(word) || word < 0 || word >= REGISTERS);
    if (wrong !== undefined) throw refuse(`${wrong} is no register: expected 0 to 65535`);
    await this.submit({ kind: 'write', unit: this.unit, address, words });
  }
}

function check({ address, count }: RegisterBlock, most: number): void {
  const isRange = Number.isInteger(address) && Number.isInteger(count) && address >= 0 && count >= 1;
  if (!isRange || count > most || address + count > REGISTERS)
    throw refuse(`${count} registers from ${address} cannot be asked: expected 1 to ${most}, ending at 65535 at most`);
}

const refuse = (what: string): SmxError => new SmxError('SMX_MODBUS_REQUEST', what);
