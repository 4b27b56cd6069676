import type { Command } from '../../api/answers.js';

/** What holds and waits at one set-point. */
export interface Queue {
  readonly holder: Command | undefined;
  /** Not on the device now, and tried again when the holder ends. */
  readonly waiting: readonly Command[];
  /** They move nothing, but bound what is set. */
  readonly limits: readonly Command[];
}

const ON_DEVICE = ['applied', 'verified', 'clamped', 'ignored', 'unverified'];

export const isLimit = ({ min, max }: Command): boolean => min !== undefined || max !== undefined;

/** Commands that are not over, of one set-point, apart by what they do. */
export function queueOf(open: readonly Command[]): Queue {
  const values = open.filter((command) => !isLimit(command));
  const holder = values.find(({ state }) => ON_DEVICE.includes(state));
  return { holder, waiting: values.filter((command) => command !== holder), limits: open.filter(isLimit) };
}
