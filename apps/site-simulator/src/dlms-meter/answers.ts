import { isSmxError, type Log } from '@smx-edge/model';
import { encodeAare, encodeWrapper, type WrapperPdu } from '@smx-edge/protocols/cosem';
import type { DlmsServer } from '@smx-edge/protocols/dlms';
import { decodeFrame, encodeFrame, HdlcFramer, type HdlcFrame } from '@smx-edge/protocols/hdlc';

export type Framing = 'hdlc' | 'wrapper';

const WRAPPER_HEADER = 8;
/** LLC of an answer, before its APDU (IEC 62056-46 §5.3.3). */
const LLC = Uint8Array.of(0xe6, 0xe7, 0x00);
const AARE = 0x61;
const RLRE = 0x63;

/** What the devices of a line say; undefined to a reader who speaks another protocol. */
export function answersOf(servers: readonly DlmsServer[], chunk: Uint8Array, log: Log): Uint8Array[] | undefined {
  try {
    return servers.flatMap((server) => server.receive(chunk));
  } catch (error) {
    if (!isSmxError(error) || error.code !== 'SMX_PROTOCOL_APDU') throw error;
    log.debug('a reader speaks another protocol', { error: error.message });
    return undefined;
  }
}

function frameOf(bytes: Uint8Array): HdlcFrame | undefined {
  const frame = decodeFrame(bytes.subarray(1, -1));
  return typeof frame === 'string' ? undefined : frame;
}

/** The APDU that begins in what a meter sends; undefined where none does. */
function apduOf(bytes: Uint8Array, framing: Framing): Uint8Array | undefined {
  if (framing === 'wrapper') return bytes.subarray(WRAPPER_HEADER);
  const info = frameOf(bytes)?.info;
  return info !== undefined && LLC.every((byte, i) => info[i] === byte) ? info.subarray(LLC.length) : undefined;
}

/** Whether there is an association after this answer; undefined where it says nothing about that. */
export function associates(bytes: Uint8Array, framing: Framing): boolean | undefined {
  const tag = apduOf(bytes, framing)?.[0];
  if (tag === AARE) return true;
  if (tag === RLRE) return false;
  // a UA without parameters confirms a DISC
  const frame = framing === 'hdlc' ? frameOf(bytes) : undefined;
  return frame?.control.type === 'UA' && frame.info.length === 0 ? false : undefined;
}

/** A release whose lengths are two too large, as meters are known that give it; all else as it is. */
export function wrongRelease(bytes: Uint8Array, framing: Framing): Uint8Array {
  const apdu = apduOf(bytes, framing);
  if (apdu?.[0] !== RLRE) return bytes;
  const wrong = Uint8Array.from(apdu);
  wrong[1]! += 2;
  if (framing === 'wrapper') return Buffer.concat([bytes.subarray(0, WRAPPER_HEADER), wrong]);
  return encodeFrame({ ...frameOf(bytes)!, info: Buffer.concat([LLC, wrong]) });
}

/** A meter that gives each of its frames the number 0 and looks at no number of its reader. */
export class StuckNumbers {
  /** What the reader should expect next. */
  private expected = 0;
  private readonly heard: Uint8Array[] = [];
  private readonly framer = new HdlcFramer((frame) => this.heard.push(this.righted(frame)));

  out(bytes: Uint8Array): Uint8Array {
    const frame = frameOf(bytes);
    if (frame?.control.type !== 'I') return bytes;
    this.expected = (frame.control.ns + 1) % 8;
    return encodeFrame({ ...frame, control: { ...frame.control, ns: 0 } });
  }

  /** Frames as a meter that looked would have wanted them. */
  in(chunk: Uint8Array): Uint8Array {
    this.framer.push(chunk);
    return Buffer.concat(this.heard.splice(0));
  }

  private righted(frame: HdlcFrame): Uint8Array {
    const { control } = frame;
    if (control.type === 'SNRM') this.expected = 0;
    return encodeFrame('nr' in control ? { ...frame, control: { ...control, nr: this.expected } } : frame);
  }
}

/** What a meter says to a frame while it holds another association. */
export function busyFrame({ to, from }: HdlcFrame): Uint8Array {
  return encodeFrame({
    segmented: false,
    to: from,
    from: to,
    control: { type: 'DM', pf: true },
    info: new Uint8Array(0),
  });
}

/** What it says to an AARQ then: not for now. */
export function busyPdu({ source, destination }: WrapperPdu, referencing: 'LN' | 'SN'): Uint8Array {
  const apdu = encodeAare({ apdu: 'aare', context: referencing, result: 2, source: 'user', diagnostic: 1 });
  return encodeWrapper({ source: destination, destination: source, apdu });
}
