import { isSmxError } from '@smx-edge/model';
import type { Reading } from '@smx-edge/protocols/iec62056-21';

/** All that the memories of a meter ask of it: it can read, and nothing else. */
export interface Asker {
  /**
   * The answer as the meter writes it. Rejects with a code of `isOfObject` where it refuses, or what came is not usable, and the
   * next may be; with any other code nothing more can be asked for now.
   */
  read(command: Reading, data: string): Promise<string>;
}

/**
 * A range of a memory that was refused: many meters say so where it holds nothing, and also where they are busy. So it is asked for
 * again once `known` shows that the memory as such can be read; what is refused even then is empty. Rejects where `known` does.
 */
export async function readRange<T>(ask: () => Promise<T>, known: () => Promise<unknown>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  await known();
  try {
    return await ask();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return undefined;
  }
}

/** Whether the meter said that it has no such thing, or does not show it. */
export function isRefusal(error: unknown): boolean {
  return isSmxError(error) && error.code === 'SMX_METER_OBJECT';
}
