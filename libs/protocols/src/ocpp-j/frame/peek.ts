import { HeadScanner } from './head-scanner.js';
import { hasAction, kindOf, type FrameHead } from './kind.js';

/** As nearly all stations and back ends write it: no blanks, no escapes, ASCII. */
const USUAL = /^\[([2-6]),"([ !#-[\]-~]{1,64})"(?:,"([ !#-[\]-~]{1,64})")?/;
/** More than the longest usual head. */
const WINDOW = 160;

/**
 * Type, id and action of a frame, from text or from the bytes of a text or binary frame; the payload is not looked at and may be
 * broken. Undefined for what has no head of types 2 to 6 (2.1 part 4 §4.2.3: its payload is ignored): such a frame is passed on
 * as it is. Never throws.
 */
export function peekFrame(frame: string | Uint8Array): FrameHead | undefined {
  const match = USUAL.exec(typeof frame === 'string' ? frame : startOf(frame));
  if (match === null) return new HeadScanner(frame).head();
  const kind = kindOf(Number(match[1]))!;
  const id = match[2]!;
  if (!hasAction(kind)) return { kind, id };
  return match[3] === undefined ? new HeadScanner(frame).head() : { kind, id, action: match[3] };
}

const startOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, WINDOW)).toString('latin1');
