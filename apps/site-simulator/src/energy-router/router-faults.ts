import type { FaultRules } from '../line/index.js';

/**
 * What can be wrong with an Energy Router. It tells nothing (`silence`), loses its broker (`cut`), tells what is no JSON (`garbage`),
 * numbers as texts (`text`), an object in place of an array (`object`), or by a `clock` that is off. It does not hear commands
 * (`deaf`), acknowledges them and does nothing (`ignore`), or shows what it was told where it does less (`echo`). A `restart` forgets all.
 */
export type RouterFault = (typeof KINDS)[number];

const KINDS = ['silence', 'cut', 'garbage', 'text', 'object', 'clock', 'deaf', 'ignore', 'echo', 'restart'] as const;
/** Those of commands; the others are of what it tells. */
export const COMMAND_FAULTS: readonly RouterFault[] = ['deaf', 'ignore', 'echo'];

export const ROUTER_FAULTS = {
  kinds: KINDS,
  counted: 'telegrams',
  times: { restart: 3000 },
  once: ['cut'],
} as const satisfies FaultRules<RouterFault>;
