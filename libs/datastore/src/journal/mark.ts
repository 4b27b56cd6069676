import { FRAME_HEAD, sealFrame } from './frame.js';

/**
 * A record without samples, which ends a sync: its time (double, ms UTC) and, where something is to be kept along with
 * it, a zero byte and that note. A block of samples never begins with zero. A sealed segment keeps the length of a note,
 * not the note: what it says has to be kept elsewhere before the segment is sealed.
 */
const TIME = 8;
const NO_BLOCK = 0;

/** Longest note, bytes: marks stay small beside samples. */
export const LONGEST_NOTE = 16 * 1024;

/** A whole frame; `size`: all its bytes, where it stands in for one with a note. */
export function markFrame(t: number, { note, size }: { note?: Buffer | undefined; size?: number } = {}): Buffer {
  const frame = Buffer.alloc(size ?? FRAME_HEAD + TIME + (note === undefined ? 0 : 1 + note.length));
  frame.writeDoubleLE(t, FRAME_HEAD);
  note?.copy(frame, FRAME_HEAD + TIME + 1);
  sealFrame(frame, frame.length - FRAME_HEAD);
  return frame;
}

/** Whether the payload at `start` … `end` is that of a mark. */
export function isMark(bytes: Buffer, start: number, end: number): boolean {
  return end === start + TIME || bytes[start + TIME] === NO_BLOCK;
}

/** The note of a mark, undefined where it has none or was sealed. */
export function noteOf(bytes: Buffer, start: number, end: number): Buffer | undefined {
  const note = bytes.subarray(start + TIME + 1, end);
  return isMark(bytes, start, end) && note.some((byte) => byte !== 0) ? note : undefined;
}
