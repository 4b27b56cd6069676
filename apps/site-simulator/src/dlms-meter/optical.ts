import {
  decodeRequest,
  encodeIdentification,
  FIRST_BAUD,
  withEvenParity,
  withoutParity,
} from '@smx-edge/protocols/iec62056-21';

const SPEEDS: readonly number[] = [300, 600, 1200, 2400, 4800, 9600, 19_200];
/** HDLC (2) at the speed Z, in mode E (IEC 62056-21 §6.3.3). */
const ACKNOWLEDGEMENT = /^\u00062([0-6])2$/;
const SLASH = 0x2f;
const SEVEN_BITS = 0x7f;
const LONGEST_LINE = 64;

export interface OpticalOptions {
  readonly manufacturer: string;
  readonly model: string;
  /** Baud it offers. */
  readonly baud: number;
}

/** What a meter with an optical head makes of what it hears. */
export type OpticalStep =
  | { readonly kind: 'answer'; readonly bytes: Uint8Array }
  | { readonly kind: 'speed'; readonly baud: number }
  | { readonly kind: 'hdlc'; readonly chunk: Uint8Array };

export const isSpeed = (baud: number): boolean => SPEEDS.includes(baud);

/** The meter's side of a sign-on (IEC 62056-21, mode E): HDLC goes through once the reader has acknowledged it. */
export class OpticalDoor {
  private line = '';
  private isOpen = false;

  constructor(private readonly o: OpticalOptions) {}

  /** As after the meter's inactivity time. */
  close(): void {
    this.line = '';
    this.isOpen = false;
  }

  take(chunk: Uint8Array): OpticalStep[] {
    // a frame begins with a flag, so what begins so is a reader that signs on again
    if (this.isOpen && (chunk[0]! & SEVEN_BITS) !== SLASH) return [{ kind: 'hdlc', chunk }];
    const steps: OpticalStep[] = this.isOpen ? [{ kind: 'speed', baud: FIRST_BAUD }] : [];
    this.isOpen = false;
    this.line += Buffer.from(withoutParity(chunk).characters).toString('latin1');
    const [whole, rest] = this.line.split('\r\n');
    if (rest === undefined) {
      this.line = this.line.slice(-LONGEST_LINE);
      return steps;
    }
    this.line = rest;
    return [...steps, ...this.heard(whole!)];
  }

  private heard(line: string): OpticalStep[] {
    const { manufacturer, model: text, baud } = this.o;
    if (decodeRequest(line) !== undefined) {
      const ident = encodeIdentification({ manufacturer, speed: String(SPEEDS.indexOf(baud)), escapes: ['2'], text });
      return [{ kind: 'answer', bytes: withEvenParity(ident) }];
    }
    const speed = ACKNOWLEDGEMENT.exec(line)?.[1];
    if (speed === undefined) return [];
    this.isOpen = true;
    return [{ kind: 'speed', baud: SPEEDS[Number(speed)]! }];
  }
}
