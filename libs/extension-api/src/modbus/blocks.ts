import type { RegisterBlock } from './types.js';

/** Most registers of one read and of one write (MODBUS Application Protocol V1.1b3 §6.3 and §6.12). */
export const MOST_READ = 125;
export const MOST_WRITTEN = 123;

/** Registers that nobody asked for are read where they cost less than another request. */
const MOST_GAP = 16;

/** As few requests as reach every block, in order of address. A block is cut only where it is longer than a request may be. */
export function requestsFor(blocks: readonly RegisterBlock[]): RegisterBlock[] {
  const requests: { address: number; count: number }[] = [];
  for (const block of [...blocks].sort((a, b) => a.address - b.address || b.count - a.count)) {
    const last = requests.at(-1);
    const end = block.address + block.count;
    if (last !== undefined && end <= last.address + last.count) continue;
    if (last !== undefined && block.address - last.address - last.count <= MOST_GAP && end - last.address <= MOST_READ)
      last.count = end - last.address;
    else
      for (let address = block.address; address < end; address += MOST_READ)
        requests.push({ address, count: Math.min(MOST_READ, end - address) });
  }
  return requests;
}

/** The registers of `block` out of the answers to its requests. */
export function wordsOf(
  block: RegisterBlock,
  requests: readonly RegisterBlock[],
  answers: readonly (readonly number[])[],
): number[] {
  const end = block.address + block.count;
  // what was asked as one comes from one answer, so that its registers are of one moment
  const whole = requests.findIndex(({ address, count }) => block.address >= address && end <= address + count);
  const words: number[] =
    whole < 0 ? [] : answers[whole]!.slice(block.address - requests[whole]!.address).slice(0, block.count);
  while (words.length < block.count) {
    const address = block.address + words.length;
    const i = requests.findIndex((request) => address >= request.address && address < request.address + request.count);
    const from = address - requests[i]!.address;
    words.push(...answers[i]!.slice(from, from + block.count - words.length));
  }
  return words;
}
