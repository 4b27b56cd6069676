import { isOneOf, isText, isWhole, membersOf } from './members.js';

const STATUSES = ['online', 'lost', 'closing'] as const;

/** Whether a box is on line, as its message `state` says. */
export interface BoxState {
  /** `lost` is its last will. */
  readonly status: (typeof STATUSES)[number];
  /** Changes only when its store was lost or restored. */
  readonly epoch?: number;
  /** Start of its core, ms UTC by its clock. */
  readonly boot?: number;
  /** Hash of the catalogue in force. */
  readonly cat?: string;
  /** `unsure`: its clock was never set, or by nobody who knows. */
  readonly clock: 'ok' | 'unsure';
  readonly version?: string;
}

/** Undefined for what says nothing about a box. */
export function decodeState(text: string): BoxState | undefined {
  const { s, epoch, boot, cat, clock, version } = membersOf(text) ?? {};
  if (!isOneOf(STATUSES, s)) return undefined;
  return {
    status: s,
    ...(isWhole(epoch) && { epoch }),
    ...(isWhole(boot) && { boot }),
    ...(isText(cat, 64) && { cat }),
    clock: clock === 'ok' ? 'ok' : 'unsure',
    ...(isText(version, 100) && { version }),
  };
}
