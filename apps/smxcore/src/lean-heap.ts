import { setFlagsFromString } from 'node:v8';

/**
 * The young generation stays at its present size: some 20 MB less, for a few short collections more. To be called again
 * after each start of a thread, as V8 takes no factor below 2 for the heap of one and sets it back for all. That V8 has a
 * flag for small heaps (`--optimize-for-size`) is of no use here: some 15 MB less, but commands take a third longer.
 */
export function stayLean(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
