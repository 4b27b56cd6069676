import type { NewEvent } from '@smx-edge/model';
import type { Gap, GapReason } from '../journal/gap.js';

const TEXTS: Readonly<Record<Exclude<GapReason, 'age'>, string>> = {
  torn: 'The end of a journal segment was torn by a crash or a power cut and cut off.',
  damaged: 'A part of the journal is damaged and was left out.',
  budget: 'The oldest samples were deleted to stay within the budget of history.',
  'write-failed': 'Samples were lost because the disk refused them for too long.',
  overrun: 'Samples were lost because the disk was too slow for too long.',
  epoch: 'Journal segments of an earlier epoch were set aside; their samples cannot be read any more.',
};

const WINDOWS = 'The oldest windows were deleted to stay within the budget of history.';

/** The event that tells of a gap; samples that reached their age are no news. */
export function gapEvent({ why, ...data }: Gap, now: number): NewEvent | undefined {
  if (why === 'age') return undefined;
  const severity = why === 'budget' ? 'info' : 'alarm';
  return {
    t: now,
    path: 'box',
    code: 'SMX_STORE_GAP',
    severity,
    state: 'once',
    text: data.windows === undefined ? TEXTS[why] : WINDOWS,
    data: { why, ...data },
  };
}
